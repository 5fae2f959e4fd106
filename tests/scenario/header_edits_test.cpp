// What a route changes in the fields of requests and responses.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

constexpr auto kOver = std::chrono::seconds(61);

TestDaemon::Change request_edits(http::FieldEdits edits) {
  return [edits = std::move(edits)](config::Config& config) { config.proxy.routes[0].request_edits = edits; };
}
TestDaemon::Change response_edits(http::FieldEdits edits) {
  return [edits = std::move(edits)](config::Config& config) {
    config.proxy.routes[0].cache.response_edits = edits;
  };
}

TEST(HeaderEdits, TheUpstreamGetsTheEditedRequest) {
  Scenario s(request_edits({.set = {{"X-Api-Key", "secret"}, {"User-Agent", "forebay"}},
                            .add = {{"X-Tag", "edge"}},
                            .remove = {"Cookie"}}));
  s.origin.on("*", fresh("hello", {{"ETag", "\"1\""}}));
  const FieldLines fields{
      {"X-Api-Key", "guess"}, {"User-Agent", "curl"}, {"X-Tag", "client"}, {"Cookie", "id=1"}};
  const auto is_edited = [&] {
    const auto received = s.origin.last();
    EXPECT_EQ(received.field("X-Api-Key"), "secret");
    EXPECT_EQ(received.field("User-Agent"), "forebay");
    EXPECT_FALSE(received.has("Cookie"));
    EXPECT_NE(received.head.find("\r\nX-Tag: client\r\n"), std::string::npos);
    EXPECT_NE(received.head.find("\r\nX-Tag: edge\r\n"), std::string::npos);
    EXPECT_EQ(received.head.find("guess"), std::string::npos);
    EXPECT_EQ(received.head.find("curl"), std::string::npos);
  };
  s.client.get("/a", fields);
  is_edited();
  s.client.post("/b", "", fields);
  is_edited();
  s.forebay.clock().advance_wall(kOver);
  s.client.get("/a", fields);
  EXPECT_EQ(s.origin.last().field("If-None-Match"), "\"1\"");
  is_edited();
}

TEST(HeaderEdits, ARefreshInTheBackgroundIsEditedToo) {
  Scenario s([](config::Config& config) {
    config.proxy.routes[0].request_edits.set = {{"X-Api-Key", "secret"}};
    config.proxy.routes[0].cache.stale_while_revalidate = std::chrono::seconds(60);
  });
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  s.forebay.clock().advance_wall(kOver);
  s.client.get("/a");
  ASSERT_TRUE(s.origin.wait_for_requests(2));
  EXPECT_EQ(s.origin.last().field("X-Api-Key"), "secret");
}

TEST(HeaderEdits, NothingVariesOnWhatTheUpstreamDoesNotSee) {
  Scenario s(request_edits({.remove = {"cookie"}}));
  s.origin.on("/a", fresh("hello", {{"Vary", "Cookie, Accept"}}));
  s.client.get("/a", {{"Cookie", "id=1"}});
  EXPECT_TRUE(s.client.get("/a", {{"Cookie", "id=2"}}).is_hit());
  EXPECT_TRUE(s.client.get("/a").is_hit());
  EXPECT_FALSE(s.client.get("/a", {{"Accept", "text/html"}}).is_hit());
  EXPECT_EQ(s.client.get("/a").field("Vary"), "Cookie, Accept") << "what other caches are told";
}

TEST(HeaderEdits, WhatIsAddedStillVaries) {
  Scenario s(request_edits({.add = {{"X-Tag", "edge"}}}));
  s.origin.on("/a", fresh("hello", {{"Vary", "X-Tag"}}));
  s.client.get("/a", {{"X-Tag", "1"}});
  EXPECT_TRUE(s.client.get("/a", {{"X-Tag", "1"}}).is_hit());
  EXPECT_FALSE(s.client.get("/a", {{"X-Tag", "2"}}).is_hit());
}

TEST(HeaderEdits, ClientsGetTheEditedResponse) {
  Scenario s(response_edits(
      {.set = {{"X-Frame-Options", "DENY"}}, .add = {{"Link", "</style.css>"}}, .remove = {"X-Debug"}}));
  s.origin.on("*", fresh("hello", {{"x-debug", "1"}, {"X-Frame-Options", "ALLOW"}, {"Link", "</a>"}}));
  const auto is_edited = [](const Response& response) {
    EXPECT_EQ(response.field("X-Frame-Options"), "DENY");
    EXPECT_EQ(response.field("Link"), "</a>, </style.css>");
    EXPECT_FALSE(response.has("X-Debug"));
  };
  is_edited(s.client.get("/a"));
  const auto hit = s.client.get("/a");
  EXPECT_TRUE(hit.is_hit());
  is_edited(hit);
  is_edited(s.client.head("/a"));
  is_edited(s.client.get("/a", {{"Range", "bytes=0-1"}}));
  is_edited(s.client.post("/b", ""));
  s.origin.on("/private", with("mine", {{"Cache-Control", "private"}, {"X-Debug", "1"}, {"Link", "</a>"}}));
  is_edited(s.client.get("/private"));
}

TEST(HeaderEdits, OurOwnErrorsStayAsTheyAre) {
  Scenario s(response_edits({.set = {{"X-Frame-Options", "DENY"}}}));
  s.origin.stop_listening();
  const auto error = s.client.get("/a");
  EXPECT_EQ(error.status, 502);
  EXPECT_FALSE(error.has("X-Frame-Options"));
}

TEST(HeaderEdits, FresheningDoublesNothing) {
  Scenario s(response_edits(
      {.set = {{"X-Frame-Options", "DENY"}}, .add = {{"Link", "</style.css>"}}, .remove = {"X-Debug"}}));
  s.origin.on("/a", fresh("hello", {{"ETag", "\"1\""}, {"Link", "</a>"}}));
  s.client.get("/a");
  s.origin.on("/a", OriginResponse{.status = 304,
                                   .fields = {{"ETag", "\"1\""},
                                              {"Cache-Control", "max-age=60"},
                                              {"X-Debug", "1"},
                                              {"X-Frame-Options", "ALLOW"}}});
  for (int i = 0; i < 2; ++i) {
    s.forebay.clock().advance_wall(kOver);
    s.client.get("/a");
    const auto hit = s.client.get("/a");
    EXPECT_TRUE(hit.is_hit());
    EXPECT_EQ(hit.field("X-Frame-Options"), "DENY");
    EXPECT_EQ(hit.field("Link"), "</a>, </style.css>");
    EXPECT_FALSE(hit.has("X-Debug"));
  }
}

TEST(HeaderEdits, WhatTheOriginSaysAboutCachingCountsForUs) {
  Scenario s(
      response_edits({.set = {{"Cache-Control", "no-cache"}}, .remove = {"CDN-Cache-Control", "Expires"}}));
  s.origin.on("/a", with("hello", {{"CDN-Cache-Control", "max-age=60"},
                                   {"Cache-Control", "no-store"},
                                   {"Expires", "0"},
                                   {"ETag", "\"1\""}}));
  s.client.get("/a");
  const auto hit = s.client.get("/a");
  EXPECT_EQ(hit.cache_status(), "forebay; hit; ttl=60");
  EXPECT_EQ(hit.field("Cache-Control"), "no-cache");
  EXPECT_FALSE(hit.has("CDN-Cache-Control"));
  EXPECT_FALSE(hit.has("Expires"));

  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a", OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}}});
  s.client.get("/a");
  const auto renewed = s.client.get("/a");
  EXPECT_EQ(renewed.cache_status(), "forebay; hit; ttl=60") << "a 304 that says nothing changes nothing";
  EXPECT_EQ(renewed.field("Cache-Control"), "no-cache");
  EXPECT_EQ(renewed.count("Cache-Control"), 1U);
}

}  // namespace
}  // namespace forebay::test
