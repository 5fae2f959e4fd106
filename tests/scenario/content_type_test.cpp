// A page that an upstream answers under the name of a file is nobody else's (web cache deception).
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TestDaemon::Change style_sheets(bool checked = true) {
  return [checked](config::Config& config) {
    auto& route = config.proxy.routes[0];
    route.paths = {"/**/*.css", "/**"};
    route.cache.check_content_type = checked;
  };
}

OriginResponse page(const OriginRequest& request) {
  return fresh("account of " + request.field("Cookie"), {{"Content-Type", "text/html"}});
}

TEST(ContentType, APageIsNotStoredAsAStyleSheet) {
  Scenario s(style_sheets());
  s.origin.on("*", page);
  const auto victim = s.client.get("/account/x.css", {{"Cookie", "victim"}});
  EXPECT_EQ(victim.body, "account of victim");
  EXPECT_EQ(victim.cache_status(), "forebay; fwd=uri-miss; detail=content_type");
  const auto attacker = s.client.get("/account/x.css");
  EXPECT_EQ(attacker.body, "account of ");
  EXPECT_FALSE(attacker.is_hit());
}

TEST(ContentType, NotEvenWithThoseWhoWaited) {
  Scenario s(style_sheets());
  s.origin.on("*", [](const OriginRequest& request) {
    auto response = page(request);
    if (request.number == 1) response.gate = "go";
    return response;
  });
  s.client.request("GET", "/account/x.css", {{"Cookie", "victim"}});
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  auto other = s.forebay.client();
  other.request("GET", "/account/x.css");
  ASSERT_TRUE(s.forebay.wait_for_metric("forebay_waiting", 1));
  s.origin.gate("go").open();
  EXPECT_EQ(s.client.read().body, "account of victim");
  EXPECT_EQ(other.read().body, "account of ");
}

TEST(ContentType, AStyleSheetIsStored) {
  Scenario s(style_sheets());
  s.origin.on("/files/a.css", fresh("a{}", {{"Content-Type", "text/css; charset=utf-8"}}));
  s.client.get("/files/a.css");
  EXPECT_TRUE(s.client.get("/files/a.css").is_hit());
}

TEST(ContentType, OtherPatternsPromiseNothing) {
  Scenario s(style_sheets());
  s.origin.on("*", page);
  s.client.get("/page");
  EXPECT_TRUE(s.client.get("/page").is_hit());
}

TEST(ContentType, IsNotCheckedOnRequest) {
  Scenario s(style_sheets(false));
  s.origin.on("*", page);
  s.client.get("/files/x.css");
  EXPECT_TRUE(s.client.get("/files/x.css").is_hit());
}

TEST(ContentType, APostsAnswerIsCheckedToo) {
  Scenario s(style_sheets());
  s.origin.on("*", [](const OriginRequest& request) {
    auto response = page(request);
    response.fields.emplace_back("Content-Location", request.target);
    return response;
  });
  s.client.post("/files/x.css", "");
  EXPECT_FALSE(s.client.get("/files/x.css").is_hit());
}

}  // namespace
}  // namespace forebay::test
