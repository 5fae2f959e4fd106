// How long a stored response answers, and what age it tells.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

using std::chrono::seconds;

TEST(FreshnessAndAge, AgeGrowsUntilTheLifetimeIsOver) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  s.forebay.clock().advance_wall(seconds(59));
  const auto last = s.client.get("/a");
  EXPECT_EQ(last.cache_status(), "forebay; hit; ttl=1");
  EXPECT_EQ(last.field("Age"), "59");
  s.forebay.clock().advance_wall(seconds(1));
  const auto stale = s.client.get("/a");
  EXPECT_EQ(stale.cache_status(), "forebay; fwd=stale; stored");
  EXPECT_FALSE(stale.has("Age"));
  EXPECT_TRUE(s.client.get("/a").is_hit());
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(FreshnessAndAge, AgeFromTheOriginCounts) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"Age", "50"}}));
  EXPECT_EQ(s.client.get("/a").field("Age"), "50");
  s.forebay.clock().advance_wall(seconds(5));
  const auto second = s.client.get("/a");
  EXPECT_EQ(second.field("Age"), "55");
  EXPECT_EQ(second.count("Age"), 1U);
  s.forebay.clock().advance_wall(seconds(5));
  EXPECT_FALSE(s.client.get("/a").is_hit());
}

TEST(FreshnessAndAge, AgeOfWhatPassesIsTheFirstOfAList) {
  Scenario s;
  const auto passed = [&](const std::string& age) {
    s.origin.on("/a", with("hello", {{"Age", age}}));
    return s.client.exchange("POST", "/a");
  };
  EXPECT_EQ(passed("10").field("Age"), "10");
  EXPECT_EQ(passed("10, 20").field("Age"), "10");
  EXPECT_EQ(passed("99999999999").field("Age"), "2147483647");
  for (const auto* age : {"-1", "1.5", "ten", "\"10\"", "x, 10"}) EXPECT_FALSE(passed(age).has("Age")) << age;
}

TEST(FreshnessAndAge, DateOfTheOriginCounts) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"Date", "Tue, 14 Nov 2023 22:13:00 GMT"}}));  // 20 s ago
  s.client.get("/a");
  const auto second = s.client.get("/a");
  EXPECT_EQ(second.field("Age"), "20");
  EXPECT_EQ(second.field("Date"), "Tue, 14 Nov 2023 22:13:00 GMT");
}

TEST(FreshnessAndAge, SharedMaxAgeWins) {
  Scenario s;
  s.origin.on("/a", with("hello", {{"Cache-Control", "max-age=1000, s-maxage=10"}}));
  s.client.get("/a");
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; hit; ttl=10");
  s.forebay.clock().advance_wall(seconds(10));
  EXPECT_FALSE(s.client.get("/a").is_hit());
}

TEST(FreshnessAndAge, ExpiresCounts) {
  Scenario s;
  s.origin.on("/a", with("hello", {{"Date", "Tue, 14 Nov 2023 22:13:20 GMT"},
                                   {"Expires", "Tue, 14 Nov 2023 22:13:50 GMT"}}));
  s.client.get("/a");
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; hit; ttl=30");
}

TEST(FreshnessAndAge, InvalidExpiresIsThePast) {
  Scenario s;
  s.origin.on("/a", with("hello", {{"Expires", "0"}}));
  s.client.get("/a");
  EXPECT_FALSE(s.client.get("/a").is_hit());
}

TEST(FreshnessAndAge, LastModifiedGivesATenth) {
  Scenario s;
  s.origin.on("/a", with("hello", {{"Last-Modified", "Tue, 14 Nov 2023 22:11:40 GMT"}}));  // 100 s ago
  s.client.get("/a");
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; hit; ttl=10");
}

TEST(FreshnessAndAge, NoCacheResponsesAreValidatedEachTime) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    auto response = with("hello", {{"Cache-Control", "no-cache, max-age=60"}, {"ETag", "\"1\""}});
    if (request.field("If-None-Match") == "\"1\"") response.status = 304;
    return response;
  });
  s.client.get("/a");
  for (int i = 0; i < 2; ++i) {
    const auto again = s.client.get("/a");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.body, "hello");
    EXPECT_FALSE(again.is_hit());
  }
  EXPECT_EQ(s.origin.requests(), 3U);
}

}  // namespace
}  // namespace forebay::test
