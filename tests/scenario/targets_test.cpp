// The forms of request targets (RFC 9112 §3.2), and the methods that are not for us.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(Targets, AbsoluteFormWinsOverHost) {
  Scenario s;
  s.origin.on(
      "/a", [](const OriginRequest& request) { return fresh(request.field("Host") + " " + request.target); });
  EXPECT_EQ(s.client.get("http://other.example/a?x=1", {{"Host", "example.org"}}).body,
            "other.example /a?x=1");
  EXPECT_TRUE(s.client.get("/a?x=1", {{"Host", "other.example"}}).is_hit());
  EXPECT_FALSE(s.client.get("/a?x=1", {{"Host", "example.org"}}).is_hit());
}

TEST(Targets, AbsoluteFormWithoutAPath) {
  Scenario s;
  s.origin.on("/", [](const OriginRequest& request) { return fresh(request.target); });
  EXPECT_EQ(s.client.get("http://example.org").body, "/");
  EXPECT_EQ(s.client.get("http://example.org?x").body, "/?x");
}

TEST(Targets, AsteriskIsForOptions) {
  Scenario s;
  s.origin.on("*",
              [](const OriginRequest& request) { return with(request.method + " " + request.target, {}); });
  EXPECT_EQ(s.client.exchange("OPTIONS", "*").body, "OPTIONS *");
  EXPECT_EQ(s.client.exchange("OPTIONS", "/a").body, "OPTIONS /a");
  EXPECT_EQ(s.client.get("*").status, 400);
}

TEST(Targets, ConnectAndTraceAreRefused) {
  Scenario s;
  s.origin.on("*", with("hello", {}));
  EXPECT_EQ(s.client.exchange("TRACE", "/a").status, 405);
  EXPECT_EQ(s.forebay.client().exchange("CONNECT", "example.org:443").status, 501);
  EXPECT_EQ(s.forebay.client().exchange("PURGE", "/a").status, 405);
  EXPECT_EQ(s.origin.requests(), 0U);
}

TEST(Targets, BytesOfThePathArePassedAsTheyAre) {
  Scenario s;
  s.origin.on("*", [](const OriginRequest& request) { return fresh(request.target); });
  for (const auto* target :
       {"/a%2Fb", "/a//b", "/a/./b", "/a/../b", "/%7Ea", "/a;b=c", "/a?b&c=%20+", "/a??", "//x/y"})
    EXPECT_EQ(s.client.get(target).body, target);
}

TEST(Targets, BadOnesAreRefused) {
  for (const auto* target : {"a", "ftp://example.org/", "http://", "http:///a", "/a#b",
                             "http://u@example.org/", "/\x7f", "/\xc3\xa4"}) {
    Scenario s;
    s.client.request("GET", target);
    EXPECT_EQ(s.client.read().status, 400) << target;
    EXPECT_TRUE(s.client.is_closed());
    EXPECT_EQ(s.origin.requests(), 0U);
  }
}

TEST(Targets, NoRouteIsTold) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].hosts = {"example.org"}; });
  s.origin.on("/a", with("hello", {}));
  EXPECT_EQ(s.client.get("/a").status, 200);
  EXPECT_EQ(s.client.get("/a", {{"Host", "unknown.example"}}).status, 404);
  EXPECT_EQ(s.client.get("/a").status, 200);
}

}  // namespace
}  // namespace forebay::test
