// What an operator may say per route beside what responses say.
#include <gtest/gtest.h>

#include <set>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TestDaemon::Change policy(std::function<void(cache::Policy&)> change) {
  return [change = std::move(change)](config::Config& config) { change(config.proxy.routes[0].cache); };
}

TEST(RoutePolicy, ATargetedFieldCountsForUsAlone) {
  Scenario s;
  s.origin.on(
      "/a",
      with("hello", {{"Cache-Control", "no-store"}, {"CDN-Cache-Control", "max-age=60"}, {"Expires", "0"}}));
  s.client.get("/a");
  const auto response = s.client.get("/a");
  EXPECT_TRUE(response.is_hit());
  EXPECT_EQ(response.field("Cache-Control"), "no-store") << "what browsers are told";
}

TEST(RoutePolicy, SurrogateControlIsAskedForAndObeyed) {
  Scenario s(policy([](cache::Policy& p) { p.surrogate_control = true; }));
  s.origin.on("/a", [](const OriginRequest& request) {
    EXPECT_EQ(request.field("Surrogate-Capability"), "forebay=\"Surrogate/1.0\"");
    return with("hello", {{"Cache-Control", "no-store"}, {"Surrogate-Control", "max-age=60"}});
  });
  s.client.get("/a");
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(RoutePolicy, CookiesAreStrippedOnRequest) {
  Scenario s(policy([](cache::Policy& p) { p.set_cookie = cache::SetCookie::strip; }));
  s.origin.on("/a", fresh("hello", {{"Set-Cookie", "id=1"}}));
  s.origin.on("/private", with("hello", {{"Set-Cookie", "id=1"}, {"Cache-Control", "private"}}));
  EXPECT_FALSE(s.client.get("/a").has("Set-Cookie"));
  const auto hit = s.client.get("/a");
  EXPECT_TRUE(hit.is_hit());
  EXPECT_FALSE(hit.has("Set-Cookie"));
  EXPECT_TRUE(s.client.get("/private").has("Set-Cookie")) << "it is not stored, so it is the client's own";
}

TEST(RoutePolicy, CookiesAreKeptOnRequest) {
  Scenario s(policy([](cache::Policy& p) { p.set_cookie = cache::SetCookie::keep; }));
  s.origin.on("/a", fresh("hello", {{"Set-Cookie", "theme=dark"}}));
  s.client.get("/a");
  EXPECT_EQ(s.client.get("/a").field("Set-Cookie"), "theme=dark");
}

TEST(RoutePolicy, LanguagesAreReducedToThoseThereAre) {
  Scenario s(policy([](cache::Policy& p) { p.languages = {"de", "en"}; }));
  s.origin.on("/a", [](const OriginRequest& request) {
    return fresh(request.field("Accept-Language"), {{"Vary", "Accept-Language"}});
  });
  EXPECT_EQ(s.client.get("/a", {{"Accept-Language", "en-GB, en;q=0.8, fr"}}).body, "en");
  EXPECT_TRUE(s.client.get("/a", {{"Accept-Language", "en"}}).is_hit());
  EXPECT_TRUE(s.client.get("/a", {{"Accept-Language", "de;q=0.1, EN"}}).is_hit());
  EXPECT_EQ(s.client.get("/a").body, "de");
  EXPECT_TRUE(s.client.get("/a", {{"Accept-Language", "ja"}}).is_hit());
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(RoutePolicy, LifetimesStayWithinTheirBounds) {
  Scenario s(policy([](cache::Policy& p) {
    p.min_ttl = seconds{10};
    p.max_ttl = seconds{100};
  }));
  s.origin.on("*", [](const OriginRequest& request) {
    return with("hello", {{"Cache-Control", "max-age=" + request.target.substr(1)}});
  });
  for (const auto* target : {"/1", "/1000"}) s.client.get(target);
  EXPECT_EQ(s.client.get("/1").field("Cache-Status"), "forebay; hit; ttl=10");
  EXPECT_EQ(s.client.get("/1000").field("Cache-Status"), "forebay; hit; ttl=100");
}

TEST(RoutePolicy, JitterSpreadsWhatWasStoredTogether) {
  Scenario s(policy([](cache::Policy& p) { p.ttl_jitter = 50; }));
  s.origin.on("*", with("hello", {{"Cache-Control", "max-age=1000"}}));
  std::set<std::string> lifetimes;
  for (int i = 0; i < 10; ++i) {
    const auto target = "/" + std::to_string(i);
    s.client.get(target);
    lifetimes.insert(s.client.get(target).field("Cache-Status"));
  }
  EXPECT_GT(lifetimes.size(), 3U);
}

}  // namespace
}  // namespace forebay::test
