// An ETag that forebay makes where the origin gives no validator.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

constexpr auto kOver = std::chrono::seconds(61);

TestDaemon::Change from_body(bool made = true) {
  return [made](config::Config& config) { config.proxy.routes[0].cache.etag_from_body = made; };
}

TEST(MadeETag, ClientsValidateWhatTheOriginCannot) {
  Scenario s(from_body());
  s.origin.on("/a", fresh("hello"));
  EXPECT_FALSE(s.client.get("/a").has("ETag")) << "the body was on its way";
  const auto hit = s.client.get("/a");
  const auto etag = hit.field("ETag");
  EXPECT_EQ(etag.size(), 34U) << etag;
  EXPECT_EQ(hit.field("Content-Length"), "5");
  const auto validated = s.client.get("/a", {{"If-None-Match", etag}});
  EXPECT_EQ(validated.status, 304);
  EXPECT_EQ(validated.field("ETag"), etag);
  EXPECT_EQ(s.client.get("/a", {{"If-None-Match", "\"other\""}}).status, 200);
  EXPECT_EQ(s.client.get("/a", {{"Range", "bytes=1-2"}, {"If-Range", etag}}).body, "el");
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(MadeETag, TheOriginIsNeverAskedWithIt) {
  Scenario s(from_body());
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  const auto etag = s.client.get("/a").field("ETag");
  s.forebay.clock().advance_wall(kOver);
  EXPECT_EQ(s.client.get("/a", {{"If-None-Match", etag}}).status, 200);
  EXPECT_FALSE(s.origin.last().has("If-None-Match"));
  EXPECT_EQ(s.client.get("/a", {{"If-None-Match", etag}}).status, 304) << "the same body, the same tag";

  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a", fresh("other"));
  s.client.get("/a");
  const auto changed = s.client.get("/a", {{"If-None-Match", etag}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body, "other");
  EXPECT_NE(changed.field("ETag"), etag);
}

TEST(MadeETag, TheOriginsValidatorsComeFirst) {
  Scenario s(from_body());
  s.origin.on("/tag", fresh("hello", {{"ETag", "W/\"1\""}}));
  s.origin.on("/date", fresh("hello", {{"Last-Modified", "Tue, 14 Nov 2023 20:00:00 GMT"}}));
  for (const auto* target : {"/tag", "/date"}) s.client.get(target);
  EXPECT_EQ(s.client.get("/tag").field("ETag"), "W/\"1\"");
  EXPECT_FALSE(s.client.get("/date").has("ETag"));
}

TEST(MadeETag, AHeadThatFreshensKeepsIt) {
  Scenario s(from_body());
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  const auto etag = s.client.get("/a").field("ETag");
  s.forebay.clock().advance_wall(kOver);
  s.client.head("/a");
  const auto hit = s.client.get("/a");
  EXPECT_TRUE(hit.is_hit());
  EXPECT_EQ(hit.field("ETag"), etag);
  s.forebay.clock().advance_wall(kOver);
  s.client.get("/a");
  EXPECT_FALSE(s.origin.last().has("If-None-Match"));
}

TEST(MadeETag, NoneUnasked) {
  Scenario s(from_body(false));
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  EXPECT_FALSE(s.client.get("/a").has("ETag"));
}

}  // namespace
}  // namespace forebay::test
