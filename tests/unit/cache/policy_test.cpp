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

}  // namespace
}  // namespace forebay::cache
