#include "permission.hpp"

#include <gtest/gtest.h>

namespace forebay::admin {
namespace {

TEST(Permission, IsForLocalPeersOnlyWithoutAToken) {
  EXPECT_EQ(permission("", "", true), Permission::granted);
  EXPECT_EQ(permission("", "", false), Permission::local_only);
  EXPECT_EQ(permission("Bearer ", "", false), Permission::local_only);
  EXPECT_EQ(permission("Bearer x", "", false), Permission::local_only);
}

struct TokenRow {
  const char* authorization;
  Permission expected;
};

class BearerToken : public testing::TestWithParam<TokenRow> {};

TEST_P(BearerToken, IsAskedOfEveryPeerWhenConfigured) {
  for (const bool peer_is_local : {true, false}) {
    EXPECT_EQ(permission(GetParam().authorization, "s3cret", peer_is_local), GetParam().expected)
        << GetParam().authorization;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BearerToken,
    testing::Values(TokenRow{"Bearer s3cret", Permission::granted},
                    TokenRow{"bearer s3cret", Permission::granted},
                    TokenRow{"BEARER   s3cret ", Permission::granted}, TokenRow{"", Permission::needs_token},
                    TokenRow{"Bearer", Permission::needs_token}, TokenRow{"Bearer ", Permission::needs_token},
                    TokenRow{"Bearers3cret", Permission::needs_token},
                    TokenRow{"s3cret", Permission::needs_token}, TokenRow{" s3cret", Permission::needs_token},
                    TokenRow{"Basic s3cret", Permission::needs_token},
                    TokenRow{"Bearer s3cre", Permission::needs_token},
                    TokenRow{"Bearer s3cret1", Permission::needs_token},
                    TokenRow{"Bearer S3CRET", Permission::needs_token},
                    TokenRow{"Bearer s3cret, Bearer s3cret", Permission::needs_token}));

}  // namespace
}  // namespace forebay::admin
