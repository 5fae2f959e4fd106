#include "forebay/cache/policy.hpp"

#include <gtest/gtest.h>

namespace forebay::cache {
namespace {

TEST(StatusTtl, FitsItsStatusOrClass) {
  EXPECT_TRUE((StatusTtl{"404", {}}).fits(404));
  EXPECT_FALSE((StatusTtl{"404", {}}).fits(405));
  EXPECT_TRUE((StatusTtl{"5xx", {}}).fits(500));
  EXPECT_TRUE((StatusTtl{"5xx", {}}).fits(599));
  EXPECT_FALSE((StatusTtl{"5xx", {}}).fits(404));
  EXPECT_TRUE((StatusTtl{"40x", {}}).fits(409));
  EXPECT_FALSE((StatusTtl{"40x", {}}).fits(410));
  EXPECT_FALSE((StatusTtl{"", {}}).fits(200));
  EXPECT_FALSE((StatusTtl{"xxx", {}}).fits(200));
  EXPECT_FALSE((StatusTtl{"2xx", {}}).fits(2000));
  EXPECT_FALSE((StatusTtl{"2xx", {}}).fits(-200));
}

TEST(Policy, TheFirstRowThatFitsAStatusCounts) {
  Policy policy;
  policy.status_ttl = {{"404", {}}, {"4xx", {}}, {"410", {}}};
  ASSERT_NE(policy.find_status(410), nullptr);
  EXPECT_EQ(policy.find_status(410)->status, "4xx");
  EXPECT_EQ(policy.find_status(404)->status, "404");
  EXPECT_EQ(policy.find_status(200), nullptr);
}

}  // namespace
}  // namespace forebay::cache
