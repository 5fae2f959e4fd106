#include "ghost.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace forebay::tier {
namespace {

std::uint64_t name(std::uint64_t n) { return n << 32U | n; }

TEST(Ghost, KnowsNobodyAtFirst) {
  Ghost ghost(1 << 20, 0.5);
  for (std::uint64_t n = 0; n < 1000; ++n) EXPECT_FALSE(ghost.knows(name(n))) << n;
}

TEST(Ghost, RecallsOnce) {
  Ghost ghost(1 << 20, 0.5);
  ghost.remember(name(1), 100);
  EXPECT_TRUE(ghost.knows(name(1)));
  EXPECT_FALSE(ghost.knows(name(2)));
  EXPECT_TRUE(ghost.recall(name(1)));
  EXPECT_FALSE(ghost.recall(name(1)));
  EXPECT_FALSE(ghost.knows(name(1)));
}

TEST(Ghost, ReachesBackOverAPartOfTheCapacity) {
  Ghost ghost(100'000, 0.5);
  ghost.remember(name(1), 700);
  ghost.remember(name(2), 50'000);
  EXPECT_TRUE(ghost.knows(name(1)));
  ghost.remember(name(3), 16'000);
  EXPECT_FALSE(ghost.knows(name(1)));
  EXPECT_TRUE(ghost.knows(name(2)));
}

TEST(Ghost, BeingRememberedAgainCountsAnew) {
  Ghost ghost(100'000, 0.5);
  ghost.remember(name(1), 700);
  ghost.remember(name(2), 40'000);
  ghost.remember(name(1), 700);
  ghost.remember(name(3), 50'000);
  EXPECT_TRUE(ghost.knows(name(1)));
  EXPECT_FALSE(ghost.knows(name(2)));
}

TEST(Ghost, WhereABucketIsFullTheOldestGoes) {
  Ghost ghost(2048 * 8, 0.5);  // one bucket
  for (std::uint64_t n = 1; n <= 9; ++n) ghost.remember(name(n), 1);
  EXPECT_FALSE(ghost.knows(name(1)));
  for (std::uint64_t n = 2; n <= 9; ++n) EXPECT_TRUE(ghost.knows(name(n))) << n;
}

TEST(Ghost, IsBoundedByItsCapacity) {
  EXPECT_EQ(Ghost(0, 0.5).table_bytes(), 64u);
  EXPECT_EQ(Ghost(16 << 20, 0.5).table_bytes(), (16u << 20) / Ghost::kBytesPerPlace * 8);
  EXPECT_LE(Ghost(100'000'000, 0.5).table_bytes(), 100'000'000u / 128);
}

TEST(Ghost, AnotherCapacityForgetsEverybody) {
  Ghost ghost(100'000, 0.5);
  ghost.remember(name(1), 700);
  ghost.resize(1'000'000);
  EXPECT_FALSE(ghost.knows(name(1)));
  ghost.remember(name(1), 700);
  ghost.remember(name(2), 400'000);
  EXPECT_TRUE(ghost.knows(name(1)));
}

TEST(Ghost, NeedsNoMoreThanItsPlaceForWhateverWeight) {
  Ghost ghost(100'000, 0.5);
  for (int i = 0; i < 100; ++i) ghost.remember(name(1), 1ULL << 40U);
  EXPECT_TRUE(ghost.knows(name(1)));
  ghost.remember(name(2), 0);
  EXPECT_TRUE(ghost.knows(name(1)));
}

/// Against a map that never forgets, with few enough names that no bucket overflows.
TEST(Ghost, KnowsWhatAPlainModelKnows) {
  constexpr std::uint64_t kCapacity = 100'000;
  Ghost ghost(kCapacity, 0.5);
  std::map<std::uint64_t, std::uint64_t> came;
  std::uint64_t clock = 0;
  std::minstd_rand random(7);
  for (int i = 0; i < 50'000; ++i) {
    const auto n = 1 + random() % 40;
    const auto at = came.find(n);
    const bool known = at != came.end() && clock - at->second <= kCapacity / 2;
    if (random() % 4 == 0) {
      ASSERT_EQ(ghost.recall(name(n)), known) << i;
      came.erase(n);
      continue;
    }
    ASSERT_EQ(ghost.knows(name(n)), known) << i;
    const auto weight = random() % 6000;
    clock += weight;
    came[n] = clock;
    ghost.remember(name(n), weight);
  }
}

}  // namespace
}  // namespace forebay::tier
