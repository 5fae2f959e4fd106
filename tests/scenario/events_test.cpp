// Events: what somebody else says has changed is purged as the configuration says.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

void configure(config::Config& config) {
  config.admin.address = "127.0.0.1:0";
  config.proxy.events = {
      {.type = "user.updated", .tags = {"user:{id}"}, .patterns = {"/users/{id}/**", "/users"}},
      {.type = "shop.closed", .hosts = {"{shop.name}.example"}, .mode = cache::PurgeMode::soft}};
}

struct Events : testing::Test {
  Events() {
    s.origin.on("*", [](const OriginRequest& request) {
      return fresh(request.target, {{"Cache-Tag", request.target == "/profile" ? "user:7" : "x"}});
    });
    for (const auto& target : targets) s.client.get(target);
  }
  Response send(const std::string& body) { return Client(s.forebay->admin_port()).post("/events", body); }
  std::string left() {
    std::string left;
    for (const auto& target : targets)
      if (s.client.get(target, {{"Cache-Control", "only-if-cached"}}).status == 200) left += target + " ";
    return left;
  }
  double count(const std::string& outcome) {
    return s.forebay.metric("forebay_events_total{outcome=\"" + outcome + "\"}");
  }

  const std::vector<std::string> targets{"/users", "/users/7/a", "/users/8/a", "/profile", "/other"};
  Scenario s{configure};
};

TEST_F(Events, PurgeWhatTheirTypeSays) {
  const auto response = send(R"({"type": "user.updated", "id": 7, "by": "somebody"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{\"events\":[{\"type\":\"user.updated\",\"purged\":3,\"position\":3}]}\n");
  EXPECT_EQ(left(), "/users/8/a /other ");
  EXPECT_EQ(count("purged"), 1);
}

TEST_F(Events, AMalformedOneDoesNotStopTheNext) {
  const auto response =
      send(R"([{"type": "user.updated"}, 1, {"type": "unknown"}, {"type": "user.updated", "id": "*"},
               {"type": "user.updated", "id": "8"}])");
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("the value \\\"id\\\" is missing"), std::string::npos) << response.body;
  EXPECT_NE(response.body.find("wildcard"), std::string::npos) << response.body;
  EXPECT_NE(response.body.find("{\"type\":\"unknown\",\"ignored\":true}"), std::string::npos)
      << response.body;
  EXPECT_EQ(left(), "/users/7/a /profile /other ");
  EXPECT_EQ(count("malformed"), 3);
  EXPECT_EQ(count("ignored"), 1);
  EXPECT_EQ(count("purged"), 1);
}

TEST_F(Events, OneAloneThatIsMalformedIsRefused) {
  for (const auto* body : {"", "{", "{}", "7", R"({"type": 7})", R"({"type": "user.updated", "id": null})"})
    EXPECT_EQ(send(body).status, 400) << body;
  EXPECT_EQ(left(), "/users /users/7/a /users/8/a /profile /other ");
}

TEST_F(Events, HaveAModeAndNestedValues) {
  const FieldLines shop{{"Host", "toys.example"}};
  s.client.get("/", shop);
  send(R"({"type": "shop.closed", "shop": {"name": "toys"}})");
  EXPECT_EQ(s.client.get("/", shop).cache_status(), "forebay; fwd=stale; stored");
  EXPECT_EQ(send(R"({"type": "shop.closed", "shop": {"name": "*"}})").status, 400);
  EXPECT_EQ(send(R"({"type": "shop.closed", "shop": "toys"})").status, 400);
}

TEST_F(Events, AReloadBringsNewRules) {
  auto config = s.forebay.config();
  config.proxy.events = {{.type = "other", .urls = {"http://example.org/{path}"}}};
  ASSERT_TRUE(s.forebay->reload(config));
  send(R"([{"type": "user.updated", "id": 7}, {"type": "other", "path": "other"}])");
  EXPECT_EQ(left(), "/users /users/7/a /users/8/a /profile ");
}

TEST_F(Events, ABadTemplateIsNoConfiguration) {
  auto config = s.forebay.config();
  config.proxy.events = {{.type = "bad", .patterns = {"users/{id}"}}};
  const auto reloaded = s.forebay->reload(config);
  ASSERT_FALSE(reloaded);
  EXPECT_NE(reloaded.error().detail.find("events.types.bad.patterns[0]"), std::string::npos)
      << reloaded.error().detail;
  send(R"({"type": "user.updated", "id": 7})");
  EXPECT_EQ(left(), "/users/8/a /other ");
}

}  // namespace
}  // namespace forebay::test
