#include "forebay/base/redis_url.hpp"

#include <gtest/gtest.h>

namespace forebay {
namespace {

using Deployment = RedisDeployment;

TEST(RedisUrl, OneServer) {
  const auto url = parse_redis_url("redis://127.0.0.1").value();
  EXPECT_EQ(url.deployment, Deployment::server);
  EXPECT_FALSE(url.tls);
  EXPECT_EQ(url.user, "");
  EXPECT_EQ(url.password, "");
  EXPECT_EQ(url.database, 0U);
  ASSERT_EQ(url.hosts.size(), 1U);
  EXPECT_EQ(url.hosts[0].text(), "127.0.0.1:6379");
}

TEST(RedisUrl, PartsOfOneServer) {
  const auto url = parse_redis_url("rediss://fore%62ay:p%40ss%2Fword%25@[::1]:7000/12").value();
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.user, "forebay");
  EXPECT_EQ(url.password, "p@ss/word%");
  EXPECT_EQ(url.database, 12U);
  EXPECT_EQ(url.hosts.at(0).host, "::1");
  EXPECT_EQ(url.hosts.at(0).text(), "[::1]:7000");
}

TEST(RedisUrl, TheDefaultUserHasNoName) {
  const auto url = parse_redis_url("redis://:secret@cache.internal:6380/").value();
  EXPECT_EQ(url.user, "");
  EXPECT_EQ(url.password, "secret");
  EXPECT_EQ(url.hosts.at(0).text(), "cache.internal:6380");
}

TEST(RedisUrl, UnixSockets) {
  for (const auto* text : {"unix:/run/redis.sock?db=3", "unix:///run/redis.sock?db=3"}) {
    const auto url = parse_redis_url(text).value();
    EXPECT_TRUE(url.hosts.at(0).unix_socket);
    EXPECT_EQ(url.hosts.at(0).text(), "unix:/run/redis.sock");
    EXPECT_EQ(url.database, 3U);
  }
  const auto url = parse_redis_url("unix://me:secret@/run/redis.sock").value();
  EXPECT_EQ(url.user, "me");
  EXPECT_EQ(url.password, "secret");
}

TEST(RedisUrl, Sentinels) {
  const auto url = parse_redis_url("redis+sentinel://:secret@s1,s2:26380,[fd00::1]/my%2Fmaster/2").value();
  EXPECT_EQ(url.deployment, Deployment::sentinel);
  ASSERT_EQ(url.hosts.size(), 3U);
  EXPECT_EQ(url.hosts[0].text(), "s1:26379");
  EXPECT_EQ(url.hosts[1].text(), "s2:26380");
  EXPECT_EQ(url.hosts[2].text(), "[fd00::1]:26379");
  EXPECT_EQ(url.master, "my/master");
  EXPECT_EQ(url.database, 2U);
  EXPECT_EQ(parse_redis_url("rediss+sentinel://s1/mymaster")->database, 0U);
  EXPECT_TRUE(parse_redis_url("rediss+sentinel://s1/mymaster")->tls);
}

TEST(RedisUrl, Clusters) {
  const auto url = parse_redis_url("redis+cluster://h1:7000,h2").value();
  EXPECT_EQ(url.deployment, Deployment::cluster);
  ASSERT_EQ(url.hosts.size(), 2U);
  EXPECT_EQ(url.hosts[0].text(), "h1:7000");
  EXPECT_EQ(url.hosts[1].text(), "h2:6379");
  EXPECT_TRUE(parse_redis_url("rediss+cluster://h1/")->tls);
}

TEST(RedisUrl, RefusesWhatIsMalformedAndQuotesNothingOfIt) {
  const std::string rows[] = {
      "",
      "redis",
      "redis:",
      "redis://",
      "redis:///0",
      "Redis://host",
      "http://host",
      "redis:host",
      "//host",
      "redis+unix:///run/redis.sock",
      "redis+sentinels://host/m",
      " redis://host",
      "redis://host ",
      "redis://ho st",
      "redis://host\n",
      std::string("redis://host\0", 13),
      "redis://h\xc3\xb6st",
      "redis://host:",
      "redis://host:0",
      "redis://host:65536",
      "redis://host:-1",
      "redis://host:6379x",
      "redis://host:99999999999999999999",
      "redis://::1",
      "redis://[::1",
      "redis://[::1]6379",
      "redis://[host]:6379",
      "redis://[1.2.3.4]",
      "redis://[]",
      "redis://[fe80::1%25eth0]",
      "redis://ho/st",
      "redis://host/0/1",
      "redis://host//",
      "redis://host/-1",
      "redis://host/65536",
      "redis://host/x",
      "redis://host?db=1",
      "redis://host/0?db=1",
      "redis://host/0#x",
      "redis://@host",
      "redis://topsecret@host",
      "redis://user:@host",
      "redis://:@host",
      "redis://user:topsecret@",
      "redis://user:top:secret@host",
      "redis://user:top@secret@host",
      "redis://user:top/secret@host",
      "redis://user:top#secret@host",
      "redis://user:top%secret@host",
      "redis://user:top%2@host",
      "redis://user:topsecret%00@host",
      "redis://us%er:topsecret@host",
      "redis://h1,h2",
      "redis://host,",
      "redis+cluster://",
      "redis+cluster://h1,",
      "redis+cluster://,h1",
      "redis+cluster://h1,,h2",
      "redis+cluster://h1,h1:6379",
      "redis+cluster://h1/0",
      "redis+cluster://h1:7000;h2:7001",
      "redis+sentinel://s1",
      "redis+sentinel://s1/",
      "redis+sentinel://s1//0",
      "redis+sentinel:///mymaster",
      "redis+sentinel://s1/mymaster/x",
      "redis+sentinel://s1/mymaster/0/1",
      "redis+sentinel://s1/my%zzmaster",
      "unix:",
      "unix:/",
      "unix:run/redis.sock",
      "unix://host/run/redis.sock",
      "unix://run",
      "unix:/run/redis.sock?",
      "unix:/run/redis.sock?db=",
      "unix:/run/redis.sock?db=x",
      "unix:/run/redis.sock?password=topsecret",
      "unix:/run/redis.sock?db=1&db=2",
      "unix:/run/%00",
      "unix:/" + std::string(200, 'x'),
      "redis://" + std::string(300, 'h'),
      "redis://:" + std::string(5000, 'p') + "@host",
  };
  for (const auto& text : rows) {
    const auto url = parse_redis_url(text);
    ASSERT_TRUE(url.has_error()) << text;
    EXPECT_EQ(url.error().kind, ErrorKind::invalid_value);
    EXPECT_FALSE(url.error().detail.empty()) << text;
    EXPECT_EQ(url.error().detail.find("secret"), std::string::npos) << text;
  }
}

TEST(RedisUrl, TakesNoMoreHostsThanASmallListHas) {
  std::string text = "redis+cluster://h0";
  for (int i = 1; i < 64; ++i) text += ",h" + std::to_string(i);
  EXPECT_EQ(parse_redis_url(text)->hosts.size(), 64U);
  EXPECT_TRUE(parse_redis_url(text + ",h64").has_error());
}

}  // namespace
}  // namespace forebay
