#include "forebay/tier/redis_target.hpp"

#include <gmock/gmock.h>

namespace forebay::tier {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RedisTarget, SettingsComeBeforeTheUrl) {
  RedisSettings settings;
  settings.url = "redis://one:first@host/3";
  EXPECT_EQ(RedisTarget::make(settings).value()->url().password, "first");
  settings.user = "two";
  settings.password = "second";
  const auto target = RedisTarget::make(settings).value();
  EXPECT_EQ(target->url().user, "two");
  EXPECT_EQ(target->url().password, "second");
  EXPECT_EQ(target->url().database, 3U);
  EXPECT_FALSE(target->tls());
}

TEST(RedisTarget, RefusesAMalformedUrlAndDoesNotQuoteIt) {
  RedisSettings settings;
  settings.url = "redis://one:s3cret@host/x";
  const auto target = RedisTarget::make(settings);
  ASSERT_TRUE(target.has_error());
  EXPECT_THAT(target.error().detail, HasSubstr("the database is not a number"));
  EXPECT_THAT(target.error().detail, Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace forebay::tier
