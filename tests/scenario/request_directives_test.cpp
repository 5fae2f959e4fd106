// What clients say in Cache-Control (RFC 9111 §5.2.1).
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

using std::chrono::seconds;

FieldLines control(const std::string& value) { return {{"Cache-Control", value}}; }

class RequestDirectives : public testing::Test {
 protected:
  RequestDirectives() {
    s.origin.on("/a", [](const OriginRequest& request) {
      return fresh("version " + std::to_string(request.number));
    });
    s.client.get("/a");
  }

  Scenario s;
};

TEST_F(RequestDirectives, NoCacheAsksTheOrigin) {
  const auto response = s.client.get("/a", control("no-cache"));
  EXPECT_EQ(response.body, "version 2");
  EXPECT_EQ(response.cache_status(), "forebay; fwd=request; stored");
  EXPECT_EQ(s.client.get("/a").body, "version 2");  // and what it brought is stored
}

TEST_F(RequestDirectives, PragmaNoCacheDoesToo) {
  EXPECT_EQ(s.client.get("/a", {{"Pragma", "no-cache"}}).body, "version 2");
}

TEST_F(RequestDirectives, MaxAgeRefusesOlderOnes) {
  s.forebay.clock().advance_wall(seconds(10));
  EXPECT_TRUE(s.client.get("/a", control("max-age=10")).is_hit());
  EXPECT_EQ(s.client.get("/a", control("max-age=9")).body, "version 2");
}

TEST_F(RequestDirectives, MinFreshDemandsRemainingLifetime) {
  s.forebay.clock().advance_wall(seconds(10));
  EXPECT_TRUE(s.client.get("/a", control("min-fresh=50")).is_hit());
  EXPECT_EQ(s.client.get("/a", control("min-fresh=51")).body, "version 2");
}

TEST_F(RequestDirectives, MaxStaleAcceptsStaleOnes) {
  s.forebay.clock().advance_wall(seconds(70));
  const auto stale = s.client.get("/a", control("max-stale=10"));
  EXPECT_EQ(stale.body, "version 1");
  EXPECT_EQ(stale.cache_status(), "forebay; hit; ttl=-10");
  EXPECT_EQ(stale.field("Age"), "70");
  EXPECT_EQ(s.client.get("/a", control("max-stale")).body, "version 1");
  EXPECT_EQ(s.client.get("/a", control("max-stale=9")).body, "version 2");
}

TEST_F(RequestDirectives, OnlyIfCachedNeverAsksTheOrigin) {
  EXPECT_TRUE(s.client.get("/a", control("only-if-cached")).is_hit());
  s.forebay.clock().advance_wall(seconds(70));
  const auto refused = s.client.get("/a", control("only-if-cached"));
  EXPECT_EQ(refused.status, 504);
  EXPECT_EQ(refused.cache_status(), "forebay; fwd=stale; detail=only-if-cached");
  EXPECT_EQ(s.client.get("/b", control("only-if-cached")).status, 504);
  EXPECT_TRUE(s.client.get("/a", control("only-if-cached, max-stale")).is_hit());
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST_F(RequestDirectives, NoStoreIsNotStored) {
  s.client.get("/b", control("no-store"));
  s.origin.on("/b", fresh("b"));
  EXPECT_EQ(s.client.get("/b", control("no-store")).cache_status(),
            "forebay; fwd=uri-miss; detail=request_no_store");
  EXPECT_FALSE(s.client.get("/b").is_hit());
  EXPECT_TRUE(s.client.get("/b").is_hit());
}

TEST_F(RequestDirectives, ProxyRevalidateForbidsStaleAnswers) {
  s.origin.on("/c", with("c", {{"Cache-Control", "max-age=60, must-revalidate"}}));
  s.client.get("/c");
  s.forebay.clock().advance_wall(seconds(61));
  EXPECT_FALSE(s.client.get("/c", control("max-stale")).is_hit());
}

}  // namespace
}  // namespace forebay::test
