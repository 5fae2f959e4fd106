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

TEST(RoutePolicy, QueriesThatDifferInWhatDoesNotCountAreOne) {
  Scenario s(policy([](cache::Policy& p) {
    p.key.query.sort = p.key.query.drop_tracking = true;
    p.key.query.deny = {"session"};
  }));
  s.origin.on("*", [](const OriginRequest& request) { return fresh(request.target); });
  EXPECT_EQ(s.client.get("/a?b=2&utm_source=x&a=1&session=9").body, "/a?a=1&b=2") << "what upstream sees";
  EXPECT_TRUE(s.client.get("/a?a=1&b=2").is_hit());
  EXPECT_TRUE(s.client.get("/a?b=2&session=8&a=1").is_hit());
  EXPECT_FALSE(s.client.get("/a?a=1&b=3").is_hit());
  EXPECT_EQ(s.client.get("/a?fbclid=1").body, "/a");
  s.client.post("/a?session=1&b=2&a=1", "");
  EXPECT_FALSE(s.client.get("/a?a=1&b=2").is_hit()) << "the POST was for the same";
}

TEST(RoutePolicy, ResponsesAreKeptApartByHeadersAndCookies) {
  Scenario s(policy([](cache::Policy& p) {
    p.key.headers = {"X-Country"};
    p.key.cookies = {"theme"};
  }));
  s.origin.on("/a", [](const OriginRequest& request) {
    return fresh(request.field("X-Country") + "/" + request.field("Cookie"));
  });
  const auto body = [&](const FieldLines& fields) { return s.client.get("/a", fields).body; };
  EXPECT_EQ(body({{"X-Country", "de"}, {"Cookie", "theme=dark"}}), "de/theme=dark");
  EXPECT_EQ(body({{"X-Country", "fr"}, {"Cookie", "theme=dark"}}), "fr/theme=dark");
  EXPECT_EQ(body({{"X-Country", "de"}, {"Cookie", "theme=light"}}), "de/theme=light");
  EXPECT_EQ(body({{"X-Country", "de"}, {"Cookie", "id=7; theme=dark"}}), "de/theme=dark");
  EXPECT_EQ(s.origin.requests(), 3U);
  s.client.post("/a", "");
  EXPECT_EQ(body({{"X-Country", "fr"}, {"Cookie", "theme=dark; new"}}), "fr/theme=dark; new")
      << "a POST invalidates all of them";
}

TEST(RoutePolicy, BypassedRequestsNeitherGetNorLeaveAnything) {
  Scenario s(policy([](cache::Policy& p) { p.bypass.cookies = {"session"}; }));
  s.origin.on("/a", [](const OriginRequest& request) { return fresh(std::to_string(request.number)); });
  const auto mine = s.client.get("/a", {{"Cookie", "session=1"}});
  EXPECT_EQ(mine.field("Cache-Status"), "forebay; fwd=bypass; detail=bypass_rule");
  EXPECT_EQ(s.client.get("/a").body, "2");
  EXPECT_EQ(s.client.get("/a", {{"Cookie", "session=1"}}).body, "3");
  EXPECT_EQ(s.client.get("/a").body, "2");
}

TEST(RoutePolicy, WhatPassesIsForwardedAsItIs) {
  Scenario s(policy([](cache::Policy& p) {
    p.key.query.allow = std::vector<std::string>{"page"};
    p.bypass.query = {"preview"};
    p.languages = {"en"};
  }));
  s.origin.on("*", [](const OriginRequest& request) {
    return fresh(request.target + " " + request.field("Accept-Language"));
  });
  EXPECT_EQ(s.client.get("/a").body, "/a en");
  EXPECT_EQ(s.client.get("/a?preview=1&x=2", {{"Accept-Language", "de"}}).body, "/a?preview=1&x=2 de");
  EXPECT_EQ(s.client.post("/a?x=2", "", {{"Accept-Language", "de"}}).body, "/a?x=2 de");
}

TEST(RoutePolicy, AWriteThatAnotherRouteTakesInvalidatesAllTheSame) {
  Scenario s([](config::Config& config) {
    auto reads = config.proxy.routes[0];
    reads.methods = {"GET", "HEAD"};
    reads.cache.key.query.sort = reads.cache.key.query.drop_tracking = true;
    config.proxy.routes.insert(config.proxy.routes.begin(), reads);
    config.proxy.routes[1].cache.enabled = false;
  });
  s.origin.on("*", fresh("hello"));
  s.client.get("/a?a=1&b=2&utm_source=x");
  EXPECT_TRUE(s.client.get("/a?b=2&a=1").is_hit());
  s.client.post("/a?b=2&a=1&utm_source=y", "");
  EXPECT_FALSE(s.client.get("/a?a=1&b=2").is_hit());
}

TEST(RoutePolicy, StatusesHaveLifetimesOfTheirOwn) {
  Scenario s(policy([](cache::Policy& p) { p.status_ttl = {{"404", seconds{10}}, {"5xx", seconds{2}}}; }));
  s.origin.on("/missing", OriginResponse{.status = 404});
  s.origin.on("/broken", OriginResponse{.status = 500});
  for (const auto* target : {"/missing", "/broken"}) {
    s.client.get(target);
    EXPECT_TRUE(s.client.get(target).is_hit()) << target;
  }
  s.forebay.clock().advance(seconds{3});
  EXPECT_TRUE(s.client.get("/missing").is_hit());
  EXPECT_FALSE(s.client.get("/broken").is_hit());
}

TEST(RoutePolicy, CacheControlIsIgnoredOnRequest) {
  Scenario s(policy([](cache::Policy& p) {
    p.ignore_cache_control = true;
    p.default_ttl = seconds{60};
  }));
  s.origin.on("/a", with("hello", {{"Cache-Control", "private, no-store"}}));
  s.origin.on("/cookie", with("hello", {{"Set-Cookie", "id=1"}}));
  for (const auto* target : {"/a", "/cookie"}) s.client.get(target);
  EXPECT_TRUE(s.client.get("/a").is_hit());
  EXPECT_FALSE(s.client.get("/cookie").is_hit()) << "cookies have a setting of their own";
}

TEST(RoutePolicy, RoutesMatchMethodsAndHeaders) {
  Scenario s([](config::Config& config) {
    auto beta = config.proxy.routes[0];
    beta.methods = {"GET"};
    beta.headers = {"X-Beta"};
    beta.cache.enabled = false;
    config.proxy.routes.insert(config.proxy.routes.begin(), beta);
  });
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  EXPECT_TRUE(s.client.get("/a").is_hit());
  EXPECT_FALSE(s.client.get("/a", {{"X-Beta", "1"}}).is_hit());
  EXPECT_TRUE(s.client.head("/a", {{"X-Beta", "1"}}).is_hit());
}

}  // namespace
}  // namespace forebay::test
