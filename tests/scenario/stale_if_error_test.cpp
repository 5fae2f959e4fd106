// While the origin fails, what is stored is served beyond its lifetime, where that is allowed (RFC 5861 §4).
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

const std::string kControl = "max-age=10, stale-if-error=60";

OriginResponse failure(int status) { return {.status = status, .body = "oops"}; }

class StaleIfError : public testing::Test {
 protected:
  void store(const std::string& control = kControl, const OriginFields& more = {}) {
    auto fields = more;
    fields.push_back({"Cache-Control", control});
    s.origin.on("/a", with("hello", fields));
    s.client.get("/a");
    s.forebay.clock().advance(seconds{20});
  }

  Scenario s;
};

TEST_F(StaleIfError, ServesStaleForServerErrors) {
  store();
  for (const int status : {500, 502, 503, 504}) {
    s.forebay.clock().advance_steady(seconds{2});  // otherwise the failure is remembered
    s.origin.on("/a", failure(status));
    const auto response = s.client.get("/a");
    EXPECT_EQ(response.status, 200) << status;
    EXPECT_EQ(response.body, "hello") << status;
    EXPECT_EQ(response.field("Age"), "20");
    EXPECT_EQ(response.field("Cache-Status"), "forebay; fwd=stale; fwd-status=" + std::to_string(status) +
                                                  "; ttl=-10; detail=stale_if_error");
  }
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_requests_total{result=\"stale\"}", 4));
}

TEST_F(StaleIfError, OtherAnswersAreAnswers) {
  store();
  for (const int status : {404, 410, 501, 505}) {
    s.origin.on("/a", OriginResponse{.status = status, .fields = {{"Cache-Control", "no-store"}}});
    EXPECT_EQ(s.client.get("/a").status, status);
  }
}

TEST_F(StaleIfError, ServesStaleWhenNobodyAnswers) {
  store(kControl, {{"ETag", "\"1\""}});
  s.origin.on("/a", OriginResponse{.close = true, .raw = ""});
  const auto response = s.client.get("/a");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.field("Cache-Status"), "forebay; fwd=stale; ttl=-10; detail=stale_if_error");
}

TEST_F(StaleIfError, BeyondTheWindowTheErrorIsTheAnswer) {
  store();
  s.origin.on("/a", failure(503));
  s.forebay.clock().advance(seconds{60});
  EXPECT_EQ(s.client.get("/a").status, 503);
}

TEST_F(StaleIfError, AClientThatWantsItValidatedGetsTheError) {
  store();
  s.origin.on("/a", failure(503));
  EXPECT_EQ(s.client.get("/a", {{"Cache-Control", "no-cache"}}).status, 503);
}

TEST_F(StaleIfError, ARequestMayAskForIt) {
  store("max-age=10");
  s.origin.on("/a", failure(503));
  EXPECT_EQ(s.client.get("/a").status, 503);
  s.forebay.clock().advance(seconds{2});
  EXPECT_EQ(s.client.get("/a", {{"Cache-Control", "stale-if-error=60"}}).status, 200);
}

TEST_F(StaleIfError, WhatForbidsStaleAnswersIsObeyed) {
  for (const std::string more : {"must-revalidate", "proxy-revalidate", "no-cache"}) {
    store(kControl + ", " + more, {{"ETag", "\"1\""}});
    s.origin.on("/a", failure(503));
    EXPECT_EQ(s.client.get("/a").status, 503) << more;
    s.forebay.clock().advance(seconds{2});
  }
}

// RFC 9111 §5.2.2.2: an error, however far the upstream is.
TEST_F(StaleIfError, WhatForbidsStaleAnswersIsObeyedWhenNobodyAnswers) {
  for (const std::string more : {"must-revalidate", "proxy-revalidate", "no-cache"}) {
    store(kControl + ", " + more, {{"ETag", "\"1\""}});
    s.origin.on("/a", OriginResponse{.close = true, .raw = ""});
    EXPECT_EQ(s.client.get("/a").status, 502) << more;
    EXPECT_EQ(s.client.get("/a", {{"Cache-Control", "max-stale, stale-if-error=600"}}).status, 502) << more;
    s.forebay.clock().advance(seconds{2});
  }
}

TEST_F(StaleIfError, WhoWaitedForTheFetchGetsTheStaleResponseToo) {
  store();
  s.origin.on("/a", [](const OriginRequest&) {
    auto response = failure(503);
    response.gate = "fail";
    return response;
  });
  auto first = s.forebay.client();
  auto second = s.forebay.client();
  first.request("GET", "/a");
  ASSERT_TRUE(s.origin.wait_for_requests(2));
  second.request("GET", "/a");
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 1));
  s.origin.gate("fail").open();
  EXPECT_EQ(first.read().body, "hello");
  EXPECT_EQ(second.read().body, "hello");
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST_F(StaleIfError, AnErrorIsNotStoredOverIt) {
  store();
  s.origin.on("/a",
              OriginResponse{.status = 503, .fields = {{"Cache-Control", "max-age=60"}}, .body = "oops"});
  EXPECT_EQ(s.client.get("/a").body, "hello");
  s.origin.on("/a", with("again", {{"Cache-Control", kControl}}));
  s.forebay.clock().advance_steady(seconds{2});
  EXPECT_EQ(s.client.get("/a").body, "again");
}

TEST_F(StaleIfError, AlsoForHeadAndParts) {
  store();
  for (const bool answers : {true, false}) {
    s.origin.on("/a", answers ? failure(503) : OriginResponse{.close = true, .raw = ""});
    const auto head = s.client.head("/a");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("Content-Length"), "5");
    s.forebay.clock().advance_steady(seconds{2});
    const auto part = s.client.get("/a", {{"Range", "bytes=1-2"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "el");
    s.forebay.clock().advance_steady(seconds{2});
  }
}

TEST(StaleIfErrorByRoute, SpeaksForResponsesThatSayNothing) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].cache.stale_if_error = seconds{60}; });
  s.origin.on("/a", with("hello", {{"Cache-Control", "max-age=10"}}));
  s.client.get("/a");
  s.forebay.clock().advance(seconds{20});
  s.origin.on("/a", failure(500));
  EXPECT_EQ(s.client.get("/a").body, "hello");
}

}  // namespace
}  // namespace forebay::test
