#include "size_aware.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "player.hpp"

namespace forebay::tier::testing {
namespace {

constexpr std::uint64_t kRoom = 160'000;

MemorySettings with(double k) {
  return {.eviction = Eviction::size_aware, .size_weight = static_cast<std::uint32_t>(100 * k)};
}

/// Used once in the small queue: stands in the main part from the next eviction on, with two uses.
void promote(Player& cache, const std::string& names, std::uint64_t weight) {
  for (const char name : names) {
    cache.ask({name}, weight);
    cache.ask({name}, weight);
  }
}

TEST(SizeAware, WhatIsNotUsedLeavesInTheOrderItCame) {
  Player cache(with(0.5), kRoom);
  for (const auto* name : {"a", "b", "c"}) EXPECT_EQ(cache.ask(name, 1600), "stored");
  for (const auto* name : {"a", "b", "c", ""}) EXPECT_EQ(cache.evict(), name);
}

TEST(SizeAware, OfWhatIsUsedAlikeTheLargestGoesFirst) {
  Player cache(with(0.5), kRoom);
  promote(cache, "a", 1600);
  promote(cache, "b", 12'800);
  promote(cache, "c", 160);
  promote(cache, "d", 6400);
  for (const auto* name : {"b", "d", "a", "c", ""}) EXPECT_EQ(cache.evict(), name);
}

TEST(SizeAware, UsesMakeUpForSize) {
  Player cache(with(0.5), kRoom);
  promote(cache, "a", 1600);
  promote(cache, "b", 6400);  // twice the root
  for (int i = 0; i < 4; ++i) cache.ask("b");
  for (const auto* name : {"a", "b"}) EXPECT_EQ(cache.evict(), name);
}

TEST(SizeAware, TheExponentSaysWhatSizeCounts) {
  struct Row {
    double k;
    int uses;  // of what is sixteen times larger, beyond the first two
    std::string goes;
  };
  const Row rows[] = {{0, 0, "small"},   {0, 1, "small"}, {0.5, 5, "large"},
                      {0.5, 7, "small"}, {1, 7, "large"}, {1, 13, "large"}};
  for (const auto& row : rows) {
    Player cache(with(row.k), kRoom);
    for (int i = 0; i < 2; ++i) cache.ask("small", 480);
    for (int i = 0; i < 2 + row.uses; ++i) cache.ask("large", 7680);
    EXPECT_EQ(cache.evict(), row.goes) << row.k << " " << row.uses;
  }
}

/// What has gone makes the age; what came to the main part later begins there.
TEST(SizeAware, WhatIsNotUsedAnyMoreIsOvertaken) {
  Player cache(with(0.5), kRoom);
  for (int i = 0; i < 10; ++i) cache.ask("old", 1600);
  int others = 0;
  for (; cache.has("old") && others < 5000; ++others) {
    const auto name = std::to_string(others);
    for (int i = 0; i < 3; ++i) cache.ask(name, 1600);
  }
  EXPECT_FALSE(cache.has("old"));
  EXPECT_GT(others, 150) << "but not as soon as the others";
}

TEST(SizeAware, WhatIsLargerThanTheSmallQueueIsStoredAtItsSecondMiss) {
  Player cache(with(0.5), kRoom);
  EXPECT_EQ(cache.ask("film", 20'000), "refused");
  EXPECT_EQ(cache.ask("film", 20'000), "stored");
}

TEST(SizeAware, WhatIsWorthLessThanAllThatWouldHaveToGoIsRefused) {
  Player cache(with(0.5), kRoom);
  for (int i = 0; i < 100; ++i)
    for (int use = 0; use < 3; ++use) cache.ask("s" + std::to_string(i), 1600);
  for (int i = 0; i < 4; ++i) cache.policy().victim();  // the small queue is empty now
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cache.ask("film", 60'000), "refused");
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(cache.has("s" + std::to_string(i))) << i;
}

TEST(SizeAware, AScanTakesNothingFromWhatIsUsed) {
  Player cache(with(0.5), kRoom);
  for (int i = 0; i < 50; ++i)
    for (int use = 0; use < 3; ++use) cache.ask("hot" + std::to_string(i), 1600);
  for (int i = 0; i < 5000; ++i) cache.ask("scan" + std::to_string(i), 1600);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(cache.has("hot" + std::to_string(i))) << i;
}

TEST(SizeAware, WhatTakesAPlaceInheritsItsUses) {
  Player cache(with(0.5), kRoom);
  promote(cache, "ab", 1600);
  cache.ask("c", 1600);
  EXPECT_EQ(cache.evict(), "c");
  Ranked fresh(1600);
  cache.ask("a");
  cache.policy().replaced(cache["a"], fresh);
  EXPECT_EQ(fresh.frequency, 3);
  EXPECT_EQ(cache.policy().victim(), &cache["b"]);
  cache.policy().replaced(fresh, cache["a"]);
}

TEST(SizeAware, WhatIsSparedIsLookedAtLater) {
  Player cache(with(0.5), kRoom);
  promote(cache, "ab", 1600);
  EXPECT_EQ(cache.policy().victim(), &cache["a"]);
  cache.policy().spared(cache["a"]);
  EXPECT_EQ(cache.evict(), "b");
}

TEST(SizeAware, AnotherWeightCountsWhenItIsQueuedNext) {
  Player cache(with(0.5), kRoom);
  promote(cache, "ab", 1600);
  cache.policy().victim();
  cache.policy().reweighed(cache["b"], 100'000);
  cache.ask("b");
  EXPECT_EQ(cache.evict(), "a");
}

/// Whatever goes, nothing unused that is worth less by more than a line's width stays.
TEST(SizeAware, TheLeastGoesFirst) {
  for (const double k : {0.0, 0.5, 1.0}) {
    Player cache(with(k), kRoom);
    std::minstd_rand random(3);
    int checked = 0;
    for (int i = 0; i < 20'000; ++i) {
      const auto rank = std::min<unsigned>(random() % 200, random() % 200);
      const auto name = std::to_string(rank);
      if (cache.has(name) || random() % 10 > 0) {
        cache.ask(name, 16 * (10 + (rank * 7919) % 400));
        continue;
      }
      auto* victim = cache.policy().victim();
      if (!victim || victim->line == Newcomers::kLine) continue;
      ++checked;
      for (const auto& [other, ranked] : cache.all()) {
        if (ranked->line == Newcomers::kLine || ranked->used() > 0) continue;
        const auto worth = ranked->frequency * std::pow(static_cast<double>(ranked->weight()), -k);
        ASSERT_GE(ranked->priority, victim->priority - 0.2 * worth) << k << " " << i << " " << other;
      }
    }
    EXPECT_GT(checked, 100) << k;
  }
}

}  // namespace
}  // namespace forebay::tier::testing
