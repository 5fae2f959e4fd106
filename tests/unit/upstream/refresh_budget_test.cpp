#include "forebay/upstream/refresh_budget.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace forebay::upstream {
namespace {

constexpr SteadyTime kNow{milliseconds{12'000'345}};

TEST(RefreshBudget, AllowsSoManyAtOnce) {
  RefreshBudget budget(2, 100);
  auto first = budget.take(kNow);
  auto second = budget.take(kNow);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(budget.take(kNow));
  second.reset();
  EXPECT_TRUE(budget.take(kNow));
}

TEST(RefreshBudget, AMovedPermitCountsOnce) {
  RefreshBudget budget(1, 100);
  {
    auto permit = budget.take(kNow);
    RefreshBudget::Permit moved(std::move(*permit));
    permit.reset();
    EXPECT_FALSE(budget.take(kNow));
  }
  EXPECT_TRUE(budget.take(kNow));
}

TEST(RefreshBudget, AllowsSoManyInASecond) {
  RefreshBudget budget(100, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.take(kNow));
  EXPECT_FALSE(budget.take(kNow));
  EXPECT_FALSE(budget.take(kNow + milliseconds{600}));
  EXPECT_TRUE(budget.take(kNow + milliseconds{700}));
}

TEST(RefreshBudget, ZeroAllowsNone) {
  EXPECT_FALSE(RefreshBudget(0, 100).take(kNow));
  EXPECT_FALSE(RefreshBudget(100, 0).take(kNow));
}

TEST(RefreshBudget, ThreadsDoNotExceedIt) {
  RefreshBudget budget(1000, 50);
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 100; ++round)
        if (budget.take(kNow)) ++taken;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken.load(), 50);
}

}  // namespace
}  // namespace forebay::upstream
