#include "newcomers.hpp"

#include <gtest/gtest.h>

namespace forebay::tier {
namespace {

constexpr std::uint64_t kA = 0x0000000100000001, kB = 0x0000000200000002;

struct NewcomersTest : ::testing::Test {
  Ranked a{1600}, b{1600}, c{1600};
  Newcomers newcomers{100'000, 0.5};
};

TEST_F(NewcomersTest, WhatCameFirstStandsInFront) {
  EXPECT_TRUE(newcomers.is_empty());
  newcomers.add(a);
  newcomers.add(b);
  EXPECT_EQ(&newcomers.first(), &a);
  newcomers.put_back(a);
  EXPECT_EQ(&newcomers.first(), &b);
  newcomers.remove(b);
  EXPECT_EQ(&newcomers.first(), &a);
}

TEST_F(NewcomersTest, TheirShareIsATenthOfAllThereIs) {
  newcomers.add(a);
  EXPECT_TRUE(newcomers.exceed_share(0));
  EXPECT_FALSE(newcomers.exceed_share(14'400));
  EXPECT_TRUE(newcomers.exceed_share(14'300));
  newcomers.add(b);
  EXPECT_EQ(newcomers.excess(12'800), 1600u);
  newcomers.reweigh(b, 800);
  EXPECT_EQ(newcomers.excess(12'800), 2400u - 1520u);
}

TEST_F(NewcomersTest, WhatReplacesStandsWhereTheOtherStood) {
  newcomers.add(a);
  newcomers.add(b);
  c.set_weight(160);
  newcomers.replace(a, c);
  EXPECT_EQ(&newcomers.first(), &c);
  EXPECT_EQ(newcomers.excess(0), 1760u - 176u);
}

TEST_F(NewcomersTest, TheGateIsThereForWhatIsLargerThanTheQueue) {
  struct Row {
    std::uint64_t name, weight;
    bool passes;
  };
  const Row rows[] = {{kA, 10'000, true},  {kA, 10'001, false}, {kA, 10'001, true},      {kA, 10'001, true},
                      {kB, 30'000, false}, {kB, 30'000, true},  {kA, 10'001, false},     {kA, 10'001, true},
                      {kB, 10'001, true},  {kA, 90'000, true},  {kB, UINT32_MAX, false}, {kB, 1, true}};
  for (const auto& row : rows)
    EXPECT_EQ(newcomers.pass(row.name, row.weight), row.passes) << row.name << " " << row.weight;
}

TEST_F(NewcomersTest, TheGateMovesWithTheCapacity) {
  newcomers.resize(1'000'000);
  EXPECT_TRUE(newcomers.pass(kA, 100'000));
  newcomers.resize(1000);
  EXPECT_FALSE(newcomers.pass(kA, 101));
}

TEST_F(NewcomersTest, WhoLeftIsRecalledOnce) {
  newcomers.remember(a, kA);
  EXPECT_TRUE(newcomers.knows(kA));
  EXPECT_TRUE(newcomers.recall(kA));
  EXPECT_FALSE(newcomers.recall(kA));
}

}  // namespace
}  // namespace forebay::tier
