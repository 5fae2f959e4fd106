#include "eviction.hpp"

#include <gtest/gtest.h>

#include "player.hpp"

namespace forebay::tier::testing {
namespace {

struct LruTest : ::testing::Test {
  Player cache{{.eviction = Eviction::lru}, 10'000};
  void SetUp() override {
    EXPECT_EQ(cache.evict(), "");
    for (const auto* name : {"a", "b", "c"}) cache.ask(name);
  }
};

TEST_F(LruTest, WhatCameFirstGoesFirst) {
  for (const auto* name : {"a", "b", "c", ""}) EXPECT_EQ(cache.evict(), name);
}

TEST_F(LruTest, AUsePutsItOff) {
  EXPECT_FALSE(cache.policy().counts_uses());
  cache.ask("a");
  EXPECT_EQ(cache.evict(), "b");
  cache.ask("c");
  EXPECT_EQ(cache.evict(), "a");
}

TEST_F(LruTest, WhatIsRemovedIsNoVictim) {
  cache.erase("a");
  cache.erase("c");
  EXPECT_EQ(cache.evict(), "b");
  cache.ask("a");
  EXPECT_EQ(cache.evict(), "a");
}

TEST_F(LruTest, WhatTakesAPlaceIsTheNewest) {
  Ranked fresh(50);
  cache.policy().replaced(cache["a"], fresh);
  EXPECT_EQ(cache.policy().victim(), &cache["b"]);
  cache.policy().replaced(fresh, cache["a"]);
}

TEST_F(LruTest, WhatIsSparedGoesToTheEnd) {
  cache.policy().spared(cache["a"]);
  EXPECT_EQ(cache.evict(), "b");
}

TEST(Ranked, CountsUsesUpToALimit) {
  Ranked ranked(100);
  for (int i = 0; i < 1000; ++i) ranked.use();
  EXPECT_EQ(ranked.used(), Ranked::kMaxUses);
}

TEST(Ranked, WeighsInUnits) {
  struct Row {
    std::uint64_t bytes, weight;
  };
  for (const auto& row : {Row{0, 0},
                          {1, 16},
                          {16, 16},
                          {17, 32},
                          {1ULL << 30, 1ULL << 30},
                          {UINT64_MAX - 15, std::uint64_t{UINT32_MAX} * 16}})
    EXPECT_EQ(Ranked(row.bytes).weight(), row.weight) << row.bytes;
}

}  // namespace
}  // namespace forebay::tier::testing
