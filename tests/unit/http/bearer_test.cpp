#include "forebay/http/bearer.hpp"

#include <gtest/gtest.h>

namespace forebay::http {
namespace {

TEST(BearerToken, HasToBeTheVeryOne) {
  for (const auto* good : {"Bearer s3cret", "bearer s3cret", "BEARER   s3cret "})
    EXPECT_TRUE(brings_token(good, "s3cret")) << good;
  for (const auto* bad : {"", "Bearer", "Bearer ", "Bearers3cret", "s3cret", " s3cret", "Basic s3cret",
                          "Bearer s3cre", "Bearer s3cret1", "Bearer S3CRET", "Bearer s3 cret",
                          "Bearer s3cret, Bearer s3cret", "Bearer \"s3cret\""})
    EXPECT_FALSE(brings_token(bad, "s3cret")) << bad;
}

TEST(BearerToken, NoneIsBroughtWhereNoneIsConfigured) {
  EXPECT_FALSE(brings_token("Bearer ", ""));
  EXPECT_FALSE(brings_token("", ""));
}

}  // namespace
}  // namespace forebay::http
