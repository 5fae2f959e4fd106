// A response that may be stored is asked for once.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(MemoryHit, SecondRequestIsAnsweredFromMemory) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"Content-Type", "text/plain"}, {"ETag", "\"1\""}}));

  const auto first = s.client.get("/a");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "hello");
  EXPECT_EQ(first.cache_status(), "forebay; fwd=uri-miss; stored");
  EXPECT_FALSE(first.has("Age"));

  const auto second = s.client.get("/a");
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body, "hello");
  EXPECT_EQ(second.cache_status(), "forebay; hit; ttl=60");
  EXPECT_EQ(second.field("Content-Type"), "text/plain");
  EXPECT_EQ(second.field("ETag"), "\"1\"");
  EXPECT_EQ(second.field("Content-Length"), "5");
  EXPECT_EQ(second.field("Age"), "0");
  EXPECT_NE(second.field("Via").find("forebay"), std::string::npos);
  EXPECT_EQ(second.count("Date"), 1U);
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(MemoryHit, EveryWorkerHitsWhatOneHasStored) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(s.forebay.get("/a").is_hit());
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(MemoryHit, HostPathAndQueryTellResponsesApart) {
  Scenario s;
  s.origin.on("*",
              [](const OriginRequest& request) { return fresh(request.field("Host") + request.target); });
  const FieldLines other_host{{"Host", "other.example"}};
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(s.client.get("/a").body, "example.org/a");
    EXPECT_EQ(s.client.get("/b").body, "example.org/b");
    EXPECT_EQ(s.client.get("/A").body, "example.org/A");
    EXPECT_EQ(s.client.get("/a?").body, "example.org/a?");
    EXPECT_EQ(s.client.get("/a?x=1").body, "example.org/a?x=1");
    EXPECT_EQ(s.client.get("/a?x=2").body, "example.org/a?x=2");
    EXPECT_EQ(s.client.get("/a", other_host).body, "other.example/a");
  }
  EXPECT_EQ(s.origin.requests(), 7U);
}

TEST(MemoryHit, HostIsComparedWithoutCaseAndDefaultPort) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  EXPECT_TRUE(s.client.get("/a", {{"Host", "EXAMPLE.org:80"}}).is_hit());
  EXPECT_FALSE(s.client.get("/a", {{"Host", "example.org:81"}}).is_hit());
}

TEST(MemoryHit, ChunkedResponseIsStoredWithItsLength) {
  Scenario s;
  auto response = fresh(std::string(100'000, 'x'));
  response.chunked = true;
  s.origin.on("/a", response);
  const auto first = s.client.get("/a");
  EXPECT_EQ(first.body, response.body);
  EXPECT_EQ(first.field("Transfer-Encoding"), "chunked");
  const auto second = s.client.get("/a");
  EXPECT_TRUE(second.is_hit());
  EXPECT_EQ(second.field("Content-Length"), "100000");
  EXPECT_FALSE(second.has("Transfer-Encoding"));
  EXPECT_EQ(second.body, response.body);
}

// RFC 9111 §3.1: a trailer must not become a field of the head.
TEST(MemoryHit, TrailersAreNotStoredAsFields) {
  Scenario s;
  s.origin.on("/a", OriginResponse{.fields = {{"Cache-Control", "max-age=60"}, {"X-Sum", "head"}},
                                   .body = "hello",
                                   .trailers = {{"X-Sum", "trailer"}, {"ETag", "\"1\""}, {"Vary", "*"}}});
  EXPECT_EQ(s.client.get("/a").trailers, (FieldLines{{"X-Sum", "trailer"}, {"ETag", "\"1\""}}));
  const auto second = s.client.get("/a");
  EXPECT_TRUE(second.is_hit());
  EXPECT_EQ(second.count("X-Sum"), 1U);
  EXPECT_EQ(second.field("X-Sum"), "head");
  EXPECT_FALSE(second.has("ETag"));
  EXPECT_FALSE(second.has("Vary"));
}

// RFC 9111 §5.2: whatever they mean to us, for they may mean something to the next.
TEST(MemoryHit, CacheDirectivesArePassedOnAsTheyAre) {
  Scenario s;
  const std::string asked = "max-age=3600, Community=\"a, b\", x=, =y";
  const std::string said = "max-age=60, community=\"UCI\", no-transform, X-New=1";
  s.origin.on("/a", with("hello", {{"Cache-Control", said}, {"CDN-Cache-Control", "max-age=90"}}));
  for (int round = 0; round < 2; ++round) {
    const auto response = s.client.get("/a", {{"Cache-Control", asked}});
    EXPECT_EQ(response.field("Cache-Control"), said);
    EXPECT_EQ(response.field("CDN-Cache-Control"), "max-age=90");
    EXPECT_EQ(response.body, "hello");
  }
  EXPECT_EQ(s.origin.requests(), 1U);
  EXPECT_EQ(s.origin.last().field("Cache-Control"), asked);
  s.client.exchange("POST", "/a", {{"Cache-Control", asked}});
  EXPECT_EQ(s.origin.last().field("Cache-Control"), asked);
}

TEST(MemoryHit, EmptyBodyIsStored) {
  Scenario s;
  s.origin.on("/a", fresh(""));
  EXPECT_EQ(s.client.get("/a").body, "");
  const auto second = s.client.get("/a");
  EXPECT_TRUE(second.is_hit());
  EXPECT_EQ(second.field("Content-Length"), "0");
}

TEST(MemoryHit, RedirectsAndErrorsAreStoredWhenTheySaySo) {
  Scenario s;
  for (const int status : {301, 404, 410, 503}) {
    const auto path = "/" + std::to_string(status);
    auto response = fresh("body");
    response.status = status;
    s.origin.on(path, response);
    EXPECT_EQ(s.client.get(path).status, status);
    const auto second = s.client.get(path);
    EXPECT_TRUE(second.is_hit()) << status;
    EXPECT_EQ(second.status, status);
    EXPECT_EQ(second.body, "body");
  }
}

TEST(MemoryHit, NoContentIsStored) {
  Scenario s;
  OriginResponse response = fresh("");
  response.status = 204;
  s.origin.on("/a", response);
  EXPECT_EQ(s.client.get("/a").status, 204);
  const auto second = s.client.get("/a");
  EXPECT_EQ(second.status, 204);
  EXPECT_TRUE(second.is_hit());
  EXPECT_FALSE(second.has("Transfer-Encoding"));
  EXPECT_FALSE(second.has("Content-Length"));  // RFC 9110 §8.6
  EXPECT_EQ(s.client.get("/a").status, 204);   // the connection is still in step
}

TEST(MemoryHit, ResponsesWithoutAnyLifetimeAreNotReused) {
  Scenario s;
  s.origin.on("/a", with("hello", {}));
  s.client.get("/a");
  EXPECT_FALSE(s.client.get("/a").is_hit());
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(MemoryHit, DefaultLifetimeOfTheRouteCounts) {
  Scenario s(
      [](config::Config& config) { config.proxy.routes[0].cache.default_ttl = std::chrono::seconds(30); });
  s.origin.on("/a", with("hello", {}));
  s.client.get("/a");
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; hit; ttl=30");
}

TEST(MemoryHit, ClientsAreToldTheRoutesCacheControl) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].cache.client_cache_control = "no-cache"; });
  s.origin.on("/a", fresh("hello"));
  EXPECT_EQ(s.client.get("/a").field("Cache-Control"), "no-cache");
  const auto second = s.client.get("/a");
  EXPECT_TRUE(second.is_hit());
  EXPECT_EQ(second.field("Cache-Control"), "no-cache");
}

TEST(MemoryHit, SwitchedOffRoutesStoreNothing) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].cache.enabled = false; });
  s.origin.on("/a", fresh("hello"));
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; fwd=bypass; detail=disabled");
  EXPECT_FALSE(s.client.get("/a").is_hit());
  EXPECT_EQ(s.origin.requests(), 2U);
}

}  // namespace
}  // namespace forebay::test
