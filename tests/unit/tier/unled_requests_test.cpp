#include "forebay/tier/unled_requests.hpp"

#include <gtest/gtest.h>

namespace forebay::tier {
namespace {

TEST(UnledRequests, AreSoManyForEachUpstream) {
  UnledRequests requests(2);
  auto one = requests.take("a");
  const auto two = requests.take("a");
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(requests.take("a"));
  EXPECT_TRUE(requests.take("b"));
  one.reset();
  EXPECT_TRUE(requests.take("a")) << "it was given back";
}

TEST(UnledRequests, MayBeNone) {
  UnledRequests requests(0);
  EXPECT_FALSE(requests.take("a"));
}

}  // namespace
}  // namespace forebay::tier
