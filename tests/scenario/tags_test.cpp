// Tags and groups: what they are taken from, who sees them, and what invalidates a group (RFC 9875).
#include <gtest/gtest.h>

#include <future>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

OriginResponse invalidating(const std::string& groups, int status = 200) {
  return {.status = status, .fields = {{"Cache-Group-Invalidation", groups}}};
}

class Groups : public testing::Test {
 protected:
  Groups() {
    s.origin.on("/one.js", fresh("one", {{"Cache-Groups", "\"scripts\", \"all\""}}));
    s.origin.on("/two.js", fresh("two", {{"Cache-Groups", "\"scripts\""}}));
    s.origin.on("/page", fresh("page", {{"Cache-Groups", "\"all\""}}));
    s.origin.on("/plain", fresh("plain"));
    s.origin.on("/deploy", invalidating("\"scripts\""));
    for (const auto* target : {"/one.js", "/two.js", "/page", "/plain"}) s.client.get(target);
  }
  bool is_stored(const std::string& target) { return s.client.get(target).is_hit(); }

  Scenario s;
};

TEST_F(Groups, AnUnsafeRequestInvalidatesAGroup) {
  EXPECT_EQ(s.client.get("/one.js").field("Cache-Groups"), "\"scripts\", \"all\"");
  s.client.post("/deploy", "x");
  EXPECT_FALSE(is_stored("/one.js"));
  EXPECT_FALSE(is_stored("/two.js"));
  EXPECT_TRUE(is_stored("/page"));
  EXPECT_TRUE(is_stored("/plain"));
  EXPECT_TRUE(is_stored("/one.js")) << "stored anew";
}

TEST_F(Groups, ASafeRequestDoesNot) {
  s.client.get("/deploy");
  EXPECT_TRUE(is_stored("/one.js"));
}

TEST_F(Groups, AFailureDoesNot) {
  s.origin.on("/deploy", invalidating("\"scripts\"", 500));
  s.client.post("/deploy", "x");
  EXPECT_TRUE(is_stored("/one.js"));
}

TEST_F(Groups, AnotherOriginsGroupsAreItsOwn) {
  s.client.get("/one.js", {{"Host", "another.example"}});
  s.client.exchange("POST", "/deploy", {{"Host", "another.example"}}, "x");
  EXPECT_TRUE(is_stored("/one.js"));
  EXPECT_FALSE(s.client.get("/one.js", {{"Host", "another.example"}}).is_hit());
}

TEST_F(Groups, AFetchThatRacesTheInvalidationIsBornInvalid) {
  s.origin.on("/late.js", [](const OriginRequest&) {
    auto response = fresh("late", {{"Cache-Groups", "\"scripts\""}});
    response.gates = {{2, "half"}};
    return response;
  });
  auto leading = std::async(std::launch::async, [this] { return s.forebay.get("/late.js"); });
  ASSERT_TRUE(s.origin.wait_for_requests(1, "/late.js"));
  s.client.post("/deploy", "x");
  // Whoever asks now does not follow what started before.
  s.origin.on("/late.js", fresh("newer", {{"Cache-Groups", "\"scripts\""}}));
  EXPECT_EQ(s.client.get("/late.js").body, "newer");
  s.origin.gate("half").open();
  EXPECT_EQ(leading.get().body, "late") << "who asked before";
  EXPECT_TRUE(s.forebay.wait_for_no_flights());
  EXPECT_EQ(s.client.get("/late.js").body, "newer");
}

TEST_F(Groups, AValidatedResponseStaysInItsGroups) {
  s.origin.on("/v.js", fresh("v", {{"ETag", "\"1\""}, {"Cache-Groups", "\"scripts\""}}));
  s.client.get("/v.js");
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  s.origin.on("/v.js",
              OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}});
  EXPECT_EQ(s.client.get("/v.js").body, "v");
  EXPECT_TRUE(is_stored("/v.js"));
  s.client.post("/deploy", "x");
  s.origin.on("/v.js", fresh("w"));
  EXPECT_EQ(s.client.get("/v.js").body, "w");
}

TEST(Tags, ClientsDoNotSeeThem) {
  Scenario s;
  const OriginFields tags{{"Surrogate-Key", "a b"}, {"Cache-Tag", "c"}, {"xkey", "d"}, {"X-Cache-Tags", "e"}};
  s.origin.on("/a", fresh("a", tags));
  s.origin.on("/private", with("a", {{"Cache-Control", "private"}, {"Surrogate-Key", "a"}}));
  for (int i = 0; i < 2; ++i) {
    const auto response = s.client.get("/a");
    for (const auto& [name, value] : tags) EXPECT_FALSE(response.has(name)) << name;
    EXPECT_FALSE(s.client.get("/private").has("Surrogate-Key"));
  }
  EXPECT_FALSE(s.client.post("/a", "x").has("Cache-Tag")) << "what passes";
}

TEST(Tags, UnlessTheRoutePassesThemOn) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].cache.passes_tag_fields = true; });
  s.origin.on("/a", fresh("a", {{"Surrogate-Key", "a b"}}));
  s.client.get("/a");
  EXPECT_EQ(s.client.get("/a").field("Surrogate-Key"), "a b");
}

TEST(Tags, TooManyForbidStoring) {
  Scenario s;
  std::string many;
  for (int i = 0; i < 1025; ++i) many += std::to_string(i) + " ";
  s.origin.on("/a", fresh("a", {{"Surrogate-Key", many}}));
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; fwd=uri-miss; detail=too_many_tags");
}

}  // namespace
}  // namespace forebay::test
