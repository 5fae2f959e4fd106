#include "balanced.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "player.hpp"

namespace forebay::tier::testing {
namespace {

constexpr std::uint64_t kRoom = 16'000;  // ten of 1600

struct BalancedTest : ::testing::Test {
  Player cache{{.eviction = Eviction::balanced}, kRoom};
  void fill(const std::string& names, std::uint64_t weight = 1600) {
    for (const char name : names) EXPECT_EQ(cache.ask({name}, weight), "stored") << name;
  }
};

TEST_F(BalancedTest, WhatIsNotUsedLeavesInTheOrderItCame) {
  fill("abc");
  for (const auto* name : {"a", "b", "c", ""}) EXPECT_EQ(cache.evict(), name);
}

TEST_F(BalancedTest, WhatIsUsedOutlivesAScan) {
  fill("abcdefghi");
  for (const auto* name : {"a", "b", "c"}) EXPECT_EQ(cache.ask(name), "hit");
  for (char name = 'A'; name <= 'Z'; ++name) EXPECT_EQ(cache.ask({name}, 1600), "stored");
  for (const auto* name : {"a", "b", "c"}) EXPECT_TRUE(cache.has(name)) << name;
  EXPECT_FALSE(cache.has("d"));
}

TEST_F(BalancedTest, EachUseIsARoundInTheMainQueue) {
  fill("abcdefghij");
  for (int i = 0; i < 3; ++i) cache.ask("a");
  cache.ask("b");
  EXPECT_EQ(cache.evict(), "c") << "a and b have gone to the main queue";
  for (int i = 0; i < 2; ++i) cache.ask("a");
  for (const auto* name : {"d", "e", "f", "g", "h", "i", "j"}) EXPECT_EQ(cache.evict(), name);
  EXPECT_EQ(cache.evict(), "b");
  EXPECT_EQ(cache.evict(), "a");
}

TEST_F(BalancedTest, WhoComesBackSoonSkipsTheSmallQueue) {
  fill("abcdefghij");
  EXPECT_EQ(cache.evict(), "a");
  fill("a");
  for (char name = 'A'; name <= 'Z'; ++name) cache.ask({name}, 1600);
  EXPECT_TRUE(cache.has("a"));
}

TEST_F(BalancedTest, WhatIsLargerThanTheSmallQueueIsStoredAtItsSecondMiss) {
  EXPECT_EQ(cache.ask("film", 5000), "refused");
  EXPECT_EQ(cache.ask("film", 5000), "stored");
  EXPECT_EQ(cache.ask("film", 5000), "hit");
  EXPECT_EQ(cache.ask("movie", 5000), "refused");
  EXPECT_EQ(cache.ask("series", 9000), "refused");
  EXPECT_EQ(cache.ask("movie", 5000), "refused") << "that was too long ago";
  EXPECT_EQ(cache.ask("movie", 5000), "stored");
}

TEST_F(BalancedTest, WhatTakesAPlaceInheritsItsUses) {
  fill("abcdefghij");
  cache.ask("a");
  Ranked fresh(800);
  cache.policy().replaced(cache["a"], fresh);
  EXPECT_EQ(fresh.used(), 1);
  EXPECT_EQ(cache.policy().victim(), &cache["b"]);
  cache.policy().replaced(fresh, cache["a"]);
  EXPECT_EQ(cache.evict(), "b");
}

TEST_F(BalancedTest, WhatIsSparedIsLookedAtLater) {
  fill("abc");
  cache.policy().spared(cache["a"]);
  EXPECT_EQ(cache.evict(), "b");
  cache.ask("c");
  EXPECT_EQ(cache.evict(), "a");
  cache.policy().victim();
  cache.policy().spared(cache["c"]);
  EXPECT_EQ(cache.evict(), "c");
}

TEST_F(BalancedTest, LooksAtABoundedNumberOfUsedOnes) {
  Player many({.eviction = Eviction::balanced}, 1'000'000);
  for (int i = 0; i < 500; ++i) {
    many.ask(std::to_string(i), 16);
    for (int use = 0; use < 20; ++use) many.ask(std::to_string(i), 16);
  }
  EXPECT_NE(many.policy().victim(), nullptr);
  int moved = 0;
  for (const auto& [name, ranked] : many.all())
    if (ranked->used() < Ranked::kMaxUses) ++moved;
  EXPECT_EQ(moved, EvictionPolicy::kMostLooks);
}

/// S3-FIFO by bytes as one would write it down: lists of names, nothing shared with the policy.
class Model {
 public:
  explicit Model(std::uint64_t capacity) : capacity_(capacity) {}
  std::string ask(const std::string& name, std::uint64_t weight) {
    for (auto* queue : {&small_, &main_})
      for (auto& one : *queue)
        if (one.name == name) return one.uses = std::min(one.uses + 1, 15), "hit";
    const bool known = is_known(name);
    if (weight > capacity_ / 10) {
      remember(name, weight);
      if (!known) return "refused";
    }
    while (bytes(small_) + bytes(main_) + weight > capacity_) evict();
    if (is_known(name)) {
      std::erase_if(ghost_, [&](const Gone& gone) { return gone.name == name; });
      main_.push_back({name, weight, 0});
    } else {
      small_.push_back({name, weight, 0});
    }
    return "stored";
  }
  std::string stored() const {
    std::vector<std::string> names;
    for (const auto* queue : {&small_, &main_})
      for (const auto& one : *queue) names.push_back(one.name);
    std::sort(names.begin(), names.end());
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : " ") + name;
    return out;
  }

 private:
  struct One {
    std::string name;
    std::uint64_t weight;
    int uses;
  };
  struct Gone {
    std::string name;
    std::uint64_t when;
  };
  static std::uint64_t bytes(const std::deque<One>& queue) {
    std::uint64_t sum = 0;
    for (const auto& one : queue) sum += one.weight;
    return sum;
  }
  bool is_known(const std::string& name) const {
    return std::any_of(ghost_.begin(), ghost_.end(), [&](const Gone& gone) {
      return gone.name == name && clock_ - gone.when <= capacity_ / 2;
    });
  }
  void remember(const std::string& name, std::uint64_t weight) {
    std::erase_if(ghost_, [&](const Gone& gone) { return gone.name == name; });
    ghost_.push_back({name, clock_ += weight});
  }
  void evict() {
    for (int looks = 0;; ++looks) {
      const bool last = looks == EvictionPolicy::kMostLooks;
      const auto share = (bytes(small_) + bytes(main_)) / 10;
      if (!small_.empty() && (main_.empty() || bytes(small_) > share)) {
        auto one = small_.front();
        small_.pop_front();
        if (one.uses == 0 || last) return remember(one.name, one.weight);
        main_.push_back({one.name, one.weight, 0});
      } else {
        auto one = main_.front();
        main_.pop_front();
        if (one.uses == 0 || last) return;
        main_.push_back({one.name, one.weight, one.uses - 1});
      }
    }
  }

  const std::uint64_t capacity_;
  std::deque<One> small_, main_;
  std::vector<Gone> ghost_;
  std::uint64_t clock_ = 0;
};

TEST(Balanced, DecidesAsAPlainModelDoes) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    constexpr std::uint64_t kCapacity = 64'000;
    Player cache({.eviction = Eviction::balanced}, kCapacity);
    Model model(kCapacity);
    std::minstd_rand random(seed);
    for (int i = 0; i < 3000; ++i) {
      const auto rank = std::min<unsigned>(random() % 26, random() % 26);  // some more often than others
      const std::string name(1, static_cast<char>('a' + rank));
      const std::uint64_t weight = 16 * (10 + rank * rank);
      ASSERT_EQ(cache.ask(name, weight), model.ask(name, weight)) << seed << "/" << i << " " << name;
      ASSERT_EQ(cache.stored(), model.stored()) << seed << "/" << i << " " << name;
    }
  }
}

}  // namespace
}  // namespace forebay::tier::testing
