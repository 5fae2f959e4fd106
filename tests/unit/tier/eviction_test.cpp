#include "eviction.hpp"

#include <gtest/gtest.h>

#include "stored.hpp"

namespace forebay::tier::testing {
namespace {

struct LruTest : ::testing::Test {
  std::unique_ptr<EvictionPolicy> policy = make_eviction(Eviction::lru);
  Slot a{digest("a"), stored({.key = "a"})};
  Slot b{digest("b"), stored({.key = "b"})};
  Slot c{digest("c"), stored({.key = "c"})};

  void SetUp() override {
    EXPECT_EQ(policy->victim(), nullptr);
    for (auto* slot : {&a, &b, &c}) policy->inserted(*slot);
  }
  void TearDown() override { policy.reset(); }  // before the slots, which it links
};

TEST_F(LruTest, WhatCameFirstGoesFirst) {
  for (auto* slot : {&a, &b, &c}) {
    EXPECT_EQ(policy->victim(), slot);
    policy->removed(*slot);
  }
  EXPECT_EQ(policy->victim(), nullptr);
}

TEST_F(LruTest, AUsePutsItOff) {
  policy->used(a);
  EXPECT_EQ(policy->victim(), &b);
  policy->used(b);
  policy->used(b);
  EXPECT_EQ(policy->victim(), &c);
  policy->used(c);
  EXPECT_EQ(policy->victim(), &a);
}

TEST_F(LruTest, WhatIsRemovedIsNoVictim) {
  policy->removed(a);
  policy->removed(c);
  EXPECT_EQ(policy->victim(), &b);
  policy->inserted(a);
  EXPECT_EQ(policy->victim(), &b);
}

}  // namespace
}  // namespace forebay::tier::testing
