#include <gtest/gtest.h>

#include <set>

#include "forebay/upstream/origin.hpp"

namespace forebay::upstream {
namespace {

TEST(RoundRobin, GivesEachServerItsTurn) {
  const auto balancer = round_robin();
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(balancer->choose(3, 0), i % 3);
}

TEST(RoundRobin, LaterAttemptsGoOnWithoutTakingATurn) {
  const auto balancer = round_robin();
  EXPECT_EQ(balancer->choose(3, 0), 0U);
  EXPECT_EQ(balancer->choose(3, 1), 1U);
  EXPECT_EQ(balancer->choose(3, 2), 2U);
  EXPECT_EQ(balancer->choose(3, 0), 1U);
}

TEST(RoundRobin, SpreadsADeadServersShare) {
  const auto balancer = round_robin();
  std::multiset<std::size_t> used;
  for (int i = 0; i < 90; ++i) {
    auto server = balancer->choose(3, 0);
    if (server == 0) server = balancer->choose(3, 1);
    used.insert(server);
  }
  EXPECT_EQ(used.count(0), 0U);
  EXPECT_GT(used.count(1), 25U);
  EXPECT_GT(used.count(2), 25U);
}

}  // namespace
}  // namespace forebay::upstream
