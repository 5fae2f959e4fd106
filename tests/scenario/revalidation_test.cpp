// A stale response is asked about, and what the answer means for it (RFC 9111 §4.3).
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

constexpr auto kOver = std::chrono::seconds(61);

OriginResponse not_modified(OriginFields fields) { return {.status = 304, .fields = std::move(fields)}; }

TEST(Revalidation, NotModifiedFreshensWhatIsStored) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"ETag", "\"1\""}, {"X-Kept", "old"}, {"X-Changed", "old"}}));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a", not_modified({{"ETag", "\"1\""}, {"Cache-Control", "max-age=30"}, {"X-Changed", "new"}}));

  const auto renewed = s.client.get("/a");
  EXPECT_EQ(s.origin.last().field("If-None-Match"), "\"1\"");
  EXPECT_EQ(renewed.status, 200);
  EXPECT_EQ(renewed.body, "hello");
  EXPECT_EQ(renewed.field("X-Kept"), "old");
  EXPECT_EQ(renewed.field("X-Changed"), "new");
  EXPECT_EQ(renewed.cache_status(), "forebay; fwd=stale; fwd-status=304; ttl=30; stored");

  const auto hit = s.client.get("/a");
  EXPECT_EQ(hit.cache_status(), "forebay; hit; ttl=30");
  EXPECT_EQ(hit.field("X-Changed"), "new");
  EXPECT_EQ(hit.count("Via"), 1U);
  EXPECT_EQ(hit.count("Date"), 1U);
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(Revalidation, LastModifiedIsAValidatorToo) {
  Scenario s;
  const std::string date = "Tue, 14 Nov 2023 20:00:00 GMT";
  s.origin.on("/a", fresh("hello", {{"Last-Modified", date}}));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a", not_modified({{"Cache-Control", "max-age=60"}}));
  EXPECT_EQ(s.client.get("/a").body, "hello");
  EXPECT_EQ(s.origin.last().field("If-Modified-Since"), date);
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(Revalidation, WithoutValidatorNothingIsAskedConditionally) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  s.client.get("/a");
  EXPECT_FALSE(s.origin.last().has("If-None-Match"));
  EXPECT_FALSE(s.origin.last().has("If-Modified-Since"));
}

TEST(Revalidation, AFullResponseReplacesWhatIsStored) {
  Scenario s;
  s.origin.on("/a", fresh("old", {{"ETag", "\"1\""}}));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a", fresh("new", {{"ETag", "\"2\""}}));
  EXPECT_EQ(s.client.get("/a").body, "new");
  const auto hit = s.client.get("/a");
  EXPECT_TRUE(hit.is_hit());
  EXPECT_EQ(hit.body, "new");
  EXPECT_EQ(hit.field("ETag"), "\"2\"");
}

TEST(Revalidation, NotModifiedForAnotherValidatorIsNotBelieved) {
  Scenario s;
  s.origin.on("/a", fresh("old", {{"ETag", "\"1\""}}));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.has("If-None-Match")) return not_modified({{"ETag", "\"2\""}});
    return fresh("new", {{"ETag", "\"2\""}});
  });
  EXPECT_EQ(s.client.get("/a").body, "new");
  EXPECT_EQ(s.origin.requests(), 3U);
  EXPECT_EQ(s.client.get("/a").body, "new");
}

TEST(Revalidation, ServerErrorIsPassedOnAndLeavesWhatIsStored) {
  Scenario s;
  s.origin.on("/a", fresh("old", {{"ETag", "\"1\""}}));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  auto failing = with("broken", {});
  failing.status = 500;
  s.origin.on("/a", failing);
  EXPECT_EQ(s.client.get("/a").status, 500);
  s.origin.on("/a", not_modified({{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}));
  const auto after = s.client.get("/a");
  EXPECT_EQ(s.origin.last().field("If-None-Match"), "\"1\"");
  EXPECT_EQ(after.body, "old");
}

TEST(Revalidation, ClientsOwnConditionIsAnsweredFromWhatWasFreshened) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"ETag", "\"1\""}}));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a", not_modified({{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}));
  const auto response = s.client.get("/a", {{"If-None-Match", "\"1\""}});
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(s.client.get("/a").body, "hello");
}

TEST(Revalidation, ClientsOwnConditionNeverReachesTheOriginInOursPlace) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"ETag", "\"1\""}}));
  const auto response = s.client.get(
      "/a", {{"If-None-Match", "\"other\""}, {"If-Modified-Since", "Tue, 14 Nov 2023 20:00:00 GMT"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(s.origin.last().has("If-None-Match"));
  EXPECT_FALSE(s.origin.last().has("If-Modified-Since"));
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(Revalidation, UnaskedNotModifiedIsNoResponseToStore) {
  Scenario s;
  s.origin.on("/a", not_modified({{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}));
  s.client.get("/a");
  s.origin.on("/a", fresh("hello"));
  EXPECT_EQ(s.client.get("/a").body, "hello");
}

TEST(Revalidation, HeadFreshensTheStoredResponse) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"ETag", "\"1\""}}));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  EXPECT_EQ(s.client.head("/a").status, 200);
  EXPECT_EQ(s.origin.last().method, "HEAD");
  const auto hit = s.client.get("/a");
  EXPECT_EQ(hit.cache_status(), "forebay; hit; ttl=60");
  EXPECT_EQ(hit.body, "hello");
}

TEST(Revalidation, HeadWithAnotherValidatorInvalidatesIt) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"ETag", "\"1\""}}));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a", fresh("other", {{"ETag", "\"2\""}}));
  s.client.head("/a");
  const auto after = s.client.get("/a");
  EXPECT_FALSE(after.is_hit());
  EXPECT_FALSE(s.origin.last().has("If-None-Match"));
  EXPECT_EQ(after.body, "other");
}

TEST(Revalidation, NotModifiedThatForbidsStoringEndsReuse) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"ETag", "\"1\""}}));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a", not_modified({{"ETag", "\"1\""}, {"Cache-Control", "private, max-age=60"}}));
  EXPECT_EQ(s.client.get("/a").body, "hello");
  EXPECT_FALSE(s.client.get("/a").is_hit());
}

TEST(Revalidation, EndsWhenTheResponseHasBeenKeptLongEnough) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].cache.keep = std::chrono::seconds(60); });
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.has("If-None-Match"))
      return not_modified({{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}});
    return fresh("hello", {{"ETag", "\"1\""}});
  });
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  s.client.get("/a");
  EXPECT_EQ(s.origin.last().field("If-None-Match"), "\"1\"");
  s.forebay.clock().advance_wall(std::chrono::seconds(120));
  EXPECT_EQ(s.client.get("/a", {{"Cache-Control", "max-stale"}}).cache_status(),
            "forebay; fwd=stale; stored");
  EXPECT_FALSE(s.origin.last().has("If-None-Match"));
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

}  // namespace
}  // namespace forebay::test
