#include "redis_keys.hpp"

#include <gtest/gtest.h>

namespace forebay::tier {
namespace {

const RedisKeys kKeys("forebay", {0x0123456789abcdef, 0x1});

/// They are in Redis already: what has another name is lost.
TEST(RedisKeys, AreFrozen) {
  EXPECT_EQ(kKeys.record(), "forebay:{0123456789abcdef0000000000000001}");
  EXPECT_EQ(kKeys.variant(7, "accept", "9:text/html"),
            "forebay:{0123456789abcdef0000000000000001}:v:40e62a8d51cb64cd3457aa30ec888ff3");
  EXPECT_EQ(kKeys.chunk({0xfe, 0x2}, 12),
            "forebay:{0123456789abcdef0000000000000001}:b:00000000000000fe0000000000000002:12");
}

TEST(RedisKeys, OfFlightsAreFrozenToo) {
  const std::string record = "forebay:{0123456789abcdef0000000000000001}";
  EXPECT_EQ(kKeys.lease(), record + ":lease");
  EXPECT_EQ(kKeys.flight({0xfe, 0x2}), record + ":f:00000000000000fe0000000000000002");
  EXPECT_EQ(kKeys.uncacheable(), record + ":pass");
}

TEST(RedisKeys, TellVariantsApartByEverythingTheyConsistOf) {
  const auto one = kKeys.variant(1, "accept", "1:a");
  EXPECT_NE(kKeys.variant(2, "accept", "1:a"), one);
  EXPECT_NE(kKeys.variant(1, "accept-language", "1:a"), one);
  EXPECT_NE(kKeys.variant(1, "accept", "1:b"), one);
  EXPECT_NE(kKeys.variant(11, "accept", "1:a"), kKeys.variant(1, "1accept", "1:a"));
}

TEST(RedisKeys, OfOneKeyShareTheHashTag) {
  const auto tag = std::string("{0123456789abcdef0000000000000001}");
  for (const auto& name : {kKeys.record(), kKeys.variant(1, "a", "-"), kKeys.chunk({}, 0), kKeys.lease(),
                           kKeys.flight({}), kKeys.uncacheable()}) {
    EXPECT_EQ(name.find('{'), name.find(tag)) << name;
    EXPECT_EQ(name.find('}'), name.rfind('}')) << name;
  }
}

}  // namespace
}  // namespace forebay::tier
