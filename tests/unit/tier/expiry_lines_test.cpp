#include "expiry_lines.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace forebay::tier {
namespace {

constexpr WallTime kNow{milliseconds{1704067200000}};

struct ExpiryLinesTest : ::testing::Test {
  Expiring a, b, c;
  ExpiryLines lines;
};

TEST_F(ExpiryLinesTest, NobodyExpiresBeforeTheTime) {
  EXPECT_EQ(lines.expired(kNow), nullptr);
  lines.add(a, kNow, seconds(60));
  EXPECT_EQ(lines.expired(kNow), nullptr);
  EXPECT_EQ(lines.expired(kNow + seconds(60)), nullptr);
  EXPECT_EQ(lines.expired(kNow + seconds(61)), &a);
}

TEST_F(ExpiryLinesTest, WhoExpiredFirstIsNamedFirst) {
  lines.add(a, kNow, seconds(600));
  lines.add(b, kNow, seconds(60));
  lines.add(c, kNow + seconds(5), seconds(60));
  for (auto* expected : {&b, &c, &a}) {
    ASSERT_EQ(lines.expired(kNow + seconds(1000)), expected);
    lines.remove(*expected);
  }
  EXPECT_EQ(lines.expired(kNow + seconds(1000)), nullptr);
}

TEST_F(ExpiryLinesTest, WhatIsOfNoUseHasExpiredInTheNextSecond) {
  lines.add(a, kNow, milliseconds(0));
  EXPECT_EQ(lines.expired(kNow), nullptr);
  EXPECT_EQ(lines.expired(kNow + seconds(1)), &a);
}

TEST_F(ExpiryLinesTest, SomeNeverExpire) {
  lines.add(a, kNow, milliseconds::max());
  lines.add(b, kNow, seconds(0x7fffffff));
  lines.add(c, WallTime{milliseconds{-5}}, milliseconds{-1});  // takes no harm
  EXPECT_EQ(lines.expired(kNow), &c);
  lines.remove(c);
  EXPECT_EQ(lines.expired(WallTime{milliseconds::max()}), &b);
  lines.remove(b);
  EXPECT_EQ(lines.expired(WallTime{milliseconds::max()}), nullptr);
}

/// Nobody is named too early, and nobody is missed for longer than half of a lifetime.
TEST(ExpiryLines, IsNeverEarlyAndNeverVeryLate) {
  std::minstd_rand random(5);
  std::deque<Expiring> all;
  ExpiryLines lines;
  auto now = kNow;
  const auto expires = [](const Expiring& one) { return WallTime{seconds{one.expires_s}}; };
  std::size_t taken = 0;
  for (int i = 0; i < 5000; ++i) {
    now += milliseconds(random() % 3000);
    while (auto* one = lines.expired(now)) {
      ASSERT_LT(expires(*one), now);
      lines.remove(*one);
      one->expires_s = 0;
      ++taken;
    }
    for (const auto& one : all) {
      if (one.expires_s == 0) continue;
      const auto octave = seconds(std::int64_t{1} << (one.expiry_line / 2));
      ASSERT_LT(now, expires(one) + octave);
    }
    if (i < 3000) lines.add(all.emplace_back(), now, seconds(1 + random() % 500));
  }
  EXPECT_EQ(taken, all.size());
}

}  // namespace
}  // namespace forebay::tier
