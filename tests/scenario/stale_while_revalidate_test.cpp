// A response that has just become stale is served at once and validated behind the client's back (RFC 5861
// §3).
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

const std::string kControl = "max-age=10, stale-while-revalidate=20";

/// Answers "version 1", "version 2" …, each with an entity tag of its own.
class StaleWhileRevalidate : public testing::Test {
 protected:
  StaleWhileRevalidate() {
    s.origin.on("/a", [this](const OriginRequest&) {
      return with("version " + std::to_string(++version), {{"Cache-Control", kControl}});
    });
    s.client.get("/a");
  }
  Response after(seconds time, const FieldLines& fields = {}) {
    s.forebay.clock().advance_wall(time);
    return s.client.get("/a", fields);
  }
  bool refreshed() { return s.forebay.wait_until_metric_is("forebay_refreshes_total", 1) && settled(); }
  bool settled() { return s.forebay.wait_for_no_flights(); }

  std::atomic<int> version{0};
  Scenario s;
};

TEST_F(StaleWhileRevalidate, TheStaleResponseIsServedAndRefreshed) {
  const auto stale = after(seconds{15});
  EXPECT_EQ(stale.body, "version 1");
  EXPECT_EQ(stale.field("Age"), "15");
  EXPECT_EQ(stale.field("Cache-Status"), "forebay; hit; ttl=-5");
  ASSERT_TRUE(refreshed());
  const auto fresh = after(seconds{0});
  EXPECT_EQ(fresh.body, "version 2");
  EXPECT_EQ(fresh.field("Age"), "0");
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST_F(StaleWhileRevalidate, TheRefreshValidates) {
  s.origin.on("/b", [](const OriginRequest& request) {
    if (request.field("If-None-Match") == "\"1\"")
      return OriginResponse{.status = 304, .fields = {{"Cache-Control", kControl}, {"ETag", "\"1\""}}};
    return with("hello", {{"Cache-Control", kControl}, {"ETag", "\"1\""}});
  });
  s.client.get("/b");
  s.forebay.clock().advance_wall(seconds{15});
  EXPECT_EQ(s.client.get("/b").body, "hello");
  ASSERT_TRUE(refreshed());
  const auto fresh = s.client.get("/b");
  EXPECT_EQ(fresh.body, "hello");
  EXPECT_EQ(fresh.field("Cache-Status"), "forebay; hit; ttl=10");
}

TEST_F(StaleWhileRevalidate, ManyClientsCauseOneRefresh) {
  s.origin.on("/a", [](const OriginRequest&) {
    auto response = with("later", {{"Cache-Control", kControl}});
    response.gate = "refresh";
    return response;
  });
  s.forebay.clock().advance_wall(seconds{15});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(s.forebay.get("/a").body, "version 1");
  EXPECT_EQ(s.forebay.metric("forebay_refreshes_total"), 1);
  s.origin.gate("refresh").open();
  ASSERT_TRUE(settled());
  EXPECT_EQ(s.client.get("/a").body, "later");
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST_F(StaleWhileRevalidate, BeyondTheWindowTheClientWaits) {
  EXPECT_EQ(after(seconds{31}).body, "version 2");
  EXPECT_EQ(s.forebay.metric("forebay_refreshes_total"), 0);
}

TEST_F(StaleWhileRevalidate, AClientThatWantsItValidatedWaits) {
  EXPECT_EQ(after(seconds{15}, {{"Cache-Control", "no-cache"}}).body, "version 2");
  EXPECT_EQ(after(seconds{15}, {{"Cache-Control", "max-age=5"}}).body, "version 3");
}

TEST_F(StaleWhileRevalidate, AFailedRefreshKeepsWhatIsStored) {
  s.origin.on("/a",
              OriginResponse{.status = 500, .fields = {{"Cache-Control", "max-age=60"}}, .body = "oops"});
  EXPECT_EQ(after(seconds{15}).body, "version 1");
  ASSERT_TRUE(refreshed());
  EXPECT_EQ(after(seconds{0}).body, "version 1");
  EXPECT_EQ(s.origin.requests(), 2U) << "not again at once";
  s.forebay.clock().advance_steady(seconds{2});
  EXPECT_EQ(s.forebay.get("/a").body, "version 1");
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_refreshes_total", 2));
}

TEST_F(StaleWhileRevalidate, AStaleResponseThatIsForbiddenIsNotServed) {
  for (const std::string more : {"must-revalidate", "proxy-revalidate", "no-cache"}) {
    const auto target = "/" + more;
    s.origin.on(target, [&](const OriginRequest&) {
      return with(std::to_string(++version), {{"Cache-Control", kControl + ", " + more}, {"ETag", "\"1\""}});
    });
    const auto first = s.client.get(target).body;
    s.forebay.clock().advance_wall(seconds{15});
    EXPECT_NE(s.client.get(target).body, first) << more;
  }
}

TEST_F(StaleWhileRevalidate, WhatIsNeverFreshIsRefreshedAtEachUseOnce) {
  s.origin.on("/now", [this](const OriginRequest&) {
    return with(std::to_string(++version), {{"Cache-Control", "max-age=0, stale-while-revalidate=60"}});
  });
  s.client.get("/now");
  for (int i = 3; i < 6; ++i) {
    EXPECT_EQ(s.client.get("/now").body, std::to_string(i - 1));
    ASSERT_TRUE(settled());
  }
  EXPECT_EQ(s.forebay.metric("forebay_refreshes_total"), 3);
}

TEST_F(StaleWhileRevalidate, TheRefreshSpeaksForNobodyInParticular) {
  s.origin.on("/a", [this](const OriginRequest& request) {
    EXPECT_EQ(request.field("Cache-Control"), "");
    EXPECT_EQ(request.field("Pragma"), "");
    return with("version " + std::to_string(++version), {{"Cache-Control", kControl}});
  });
  EXPECT_TRUE(after(seconds{15}, {{"Cache-Control", "only-if-cached"}, {"Pragma", "x"}}).is_hit());
  ASSERT_TRUE(refreshed());
  EXPECT_EQ(after(seconds{0}).body, "version 2");
}

TEST_F(StaleWhileRevalidate, RequestsWhoseAnswerCouldNotBeStoredRefreshNothing) {
  EXPECT_TRUE(after(seconds{15}, {{"Cache-Control", "no-store"}}).is_hit());
  EXPECT_TRUE(after(seconds{0}, {{"Authorization", "Basic abc"}}).is_hit());
  EXPECT_EQ(s.forebay.metric("forebay_refreshes_total"), 0);
  EXPECT_TRUE(after(seconds{0}).is_hit());
  EXPECT_EQ(s.forebay.metric("forebay_refreshes_total"), 1);
}

TEST(StaleWhileRevalidateByRoute, SpeaksForResponsesThatSayNothing) {
  Scenario s(
      [](config::Config& config) { config.proxy.routes[0].cache.stale_while_revalidate = seconds{30}; });
  int version = 0;
  s.origin.on("*", [&](const OriginRequest& request) {
    const auto control = request.target == "/strict" ? "s-maxage=10" : "max-age=10";
    return with(std::to_string(++version), {{"Cache-Control", control}});
  });
  for (const auto* target : {"/a", "/strict"}) s.client.get(target);
  s.forebay.clock().advance_wall(seconds{20});
  EXPECT_EQ(s.client.get("/a").body, "1");
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  EXPECT_EQ(s.client.get("/strict").body, "4") << "s-maxage alone forbids it";
}

TEST(StaleWhileRevalidateBudget, WhatIsOverItIsLeftForLater) {
  Scenario s([](config::Config& config) { config.upstreams[0].refreshes_per_second = 1; });
  s.origin.on("*", with("hello", {{"Cache-Control", kControl}}));
  for (const auto* target : {"/a", "/b"}) s.client.get(target);
  s.forebay.clock().advance_wall(seconds{15});
  EXPECT_TRUE(s.client.get("/a").is_hit());
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  EXPECT_TRUE(s.client.get("/b").is_hit());
  EXPECT_EQ(s.forebay.metric("forebay_refreshes_total"), 1);
  EXPECT_EQ(s.forebay.metric("forebay_refreshes_refused_total"), 1);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(s.client.get("/a").is_hit());  // these need none
  s.forebay.clock().advance(seconds{1});
  EXPECT_TRUE(s.client.get("/b").is_hit());
  EXPECT_EQ(s.forebay.metric("forebay_refreshes_total"), 2);
}

TEST(EarlyRefresh, WhatIsInUseIsRenewedBeforeItExpires) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].cache.early_refresh = 100; });
  int version = 0;
  s.origin.on("/a", [&](const OriginRequest&) {
    s.forebay.clock().advance(milliseconds{300});
    return with(std::to_string(++version), {{"Cache-Control", "max-age=2"}, {"Date", ""}});
  });
  s.client.get("/a");
  int misses = 0;
  for (int i = 0; i < 400; ++i) {
    s.forebay.clock().advance(milliseconds{25});
    if (!s.client.get("/a").is_hit()) ++misses;
    ASSERT_TRUE(s.forebay.wait_for_no_flights());
  }
  EXPECT_EQ(misses, 0);
  EXPECT_GE(version, 5);
  EXPECT_LE(version, 10);
}

TEST_F(StaleWhileRevalidate, FailedRefreshesAreCounted) {
  s.origin.on("/a", {.status = 503});
  EXPECT_EQ(after(seconds{15}).body, "version 1");
  ASSERT_TRUE(refreshed());
  EXPECT_EQ(s.forebay.metric("forebay_refreshes_failed_total"), 1);
  EXPECT_EQ(after(seconds{0}).body, "version 1");
}

}  // namespace
}  // namespace forebay::test
