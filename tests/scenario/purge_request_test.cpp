// PURGE requests: who may send them, and what they take away.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

using Settings = proxy::PurgeSettings;

struct PurgeRequest : Scenario {
  explicit PurgeRequest(Settings settings, std::vector<std::string> trusted = {})
      : Scenario([=](config::Config& config) {
          config.proxy.purge = settings;
          config.proxy.trusted_proxies = trusted;
        }) {
    origin.on("*", [](const OriginRequest& request) {
      return fresh(request.target + " " + std::to_string(request.number), {{"Surrogate-Key", "t"}});
    });
    client.get("/a");
    client.get("/b");
  }
  Response purge(const std::string& target, const FieldLines& fields = {}) {
    return client.exchange("PURGE", target, fields);
  }
  bool is_stored(const std::string& target) {
    return client.get(target, {{"Cache-Control", "only-if-cached"}}).status != 504;
  }
};

const Settings kLocal{.allow = {"127.0.0.0/8", "::1"}};

TEST(PurgeRequests, TakeTheirUrl) {
  PurgeRequest s(kLocal);
  const auto response = s.purge("/a");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.field("Content-Type"), "application/json");
  EXPECT_NE(response.body.find("\"matched\":1,\"mode\":\"hard\""), std::string::npos) << response.body;
  EXPECT_FALSE(s.is_stored("/a"));
  EXPECT_TRUE(s.is_stored("/b"));
  EXPECT_TRUE(s.client.get("/a").body.starts_with("/a ")) << "the connection goes on";
  EXPECT_EQ(s.origin.requests(), 3U) << "no PURGE reaches the upstream";
}

TEST(PurgeRequests, OfAnotherHostTakeNothing) {
  PurgeRequest s(kLocal);
  s.purge("/a", {{"Host", "other.example"}});
  EXPECT_TRUE(s.is_stored("/a"));
  s.purge("http://example.org/a");
  EXPECT_FALSE(s.is_stored("/a"));
}

TEST(PurgeRequests, CanBeSoft) {
  PurgeRequest s(kLocal);
  const auto response = s.purge("/a", {{"Fastly-Soft-Purge", "1"}});
  EXPECT_NE(response.body.find("\"mode\":\"soft\""), std::string::npos);
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; fwd=stale; stored");
}

TEST(PurgeRequests, ByTagsLeaveTheUrlAlone) {
  for (const auto* field : {"Surrogate-Key", "xkey", "Cache-Tag"}) {
    PurgeRequest s(kLocal);
    s.client.get("/c");
    EXPECT_EQ(s.purge("/", {{field, "t"}}).status, 200);
    for (const auto* target : {"/a", "/b", "/c"}) EXPECT_FALSE(s.is_stored(target)) << field;
    s.client.get("/a");
    s.purge("/a", {{field, "u"}});
    EXPECT_TRUE(s.is_stored("/a")) << field;
  }
}

TEST(PurgeRequests, AreRefusedUnlessConfigured) {
  PurgeRequest s(Settings{});
  EXPECT_EQ(s.purge("/a").status, 405);
  EXPECT_TRUE(s.is_stored("/a"));
}

TEST(PurgeRequests, AreRefusedFromElsewhere) {
  PurgeRequest s(Settings{.allow = {"10.0.0.0/8"}});
  EXPECT_EQ(s.purge("/a").status, 403);
  EXPECT_TRUE(s.is_stored("/a"));
}

TEST(PurgeRequests, NeedTheToken) {
  PurgeRequest s(Settings{.token = "s3cret"});
  EXPECT_EQ(s.purge("/a").status, 403);
  EXPECT_EQ(s.purge("/a", {{"Authorization", "Bearer wrong"}}).status, 403);
  EXPECT_EQ(s.purge("/a", {{"Authorization", "Bearer s3cret"}, {"Authorization", "Bearer s3cret"}}).status,
            403);
  EXPECT_TRUE(s.is_stored("/a"));
  EXPECT_EQ(s.purge("/a", {{"Authorization", "Bearer s3cret"}}).status, 200);
  EXPECT_FALSE(s.is_stored("/a"));
}

TEST(PurgeRequests, NeedBothWhereBothAreConfigured) {
  PurgeRequest elsewhere(Settings{.allow = {"10.0.0.0/8"}, .token = "s3cret"});
  EXPECT_EQ(elsewhere.purge("/a", {{"Authorization", "Bearer s3cret"}}).status, 403);
  PurgeRequest here(Settings{.allow = {"127.0.0.1"}, .token = "s3cret"});
  EXPECT_EQ(here.purge("/a").status, 403);
  EXPECT_EQ(here.purge("/a", {{"Authorization", "Bearer s3cret"}}).status, 200);
}

/// Everybody has the proxy's address.
TEST(PurgeRequests, BehindAProxyTheClientsOwnAddressCounts) {
  PurgeRequest trusted({.allow = {"127.0.0.1", "192.0.2.7"}}, {"127.0.0.1"});
  EXPECT_EQ(trusted.purge("/a", {{"X-Forwarded-For", "203.0.113.9"}}).status, 403);
  EXPECT_EQ(trusted.purge("/a", {{"X-Forwarded-For", "192.0.2.7, 203.0.113.9"}}).status, 403);
  EXPECT_EQ(trusted.purge("/a", {{"X-Forwarded-For", "nonsense"}}).status, 403);
  EXPECT_EQ(trusted.purge("/a", {{"X-Forwarded-For", ""}}).status, 403);
  EXPECT_EQ(trusted.purge("/a", {{"Forwarded", "for=127.0.0.1"}}).status, 403);
  EXPECT_TRUE(trusted.is_stored("/a"));
  EXPECT_EQ(trusted.purge("/a", {{"X-Forwarded-For", "203.0.113.9, 192.0.2.7"}}).status, 200);
  PurgeRequest unknown(kLocal);
  EXPECT_EQ(unknown.purge("/a", {{"X-Forwarded-For", "127.0.0.1"}}).status, 403) << "a proxy nobody trusts";
}

}  // namespace
}  // namespace forebay::test
