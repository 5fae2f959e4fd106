// What the origin learns of the client, and whom that is believed.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

const FieldLines kClaims{{"X-Forwarded-For", "192.0.2.1"},
                         {"X-Forwarded-Proto", "https"},
                         {"X-Forwarded-Host", "public.example"},
                         {"Forwarded", "for=192.0.2.1"}};

OriginRequest received_with(const FieldLines& fields, const TestDaemon::Change& change = {}) {
  Scenario s(change);
  s.origin.on("/a", with("hello", {}));
  s.client.get("/a", fields);
  return s.origin.last();
}

TEST(ForwardingFields, TellTheClient) {
  const auto request = received_with({});
  EXPECT_EQ(request.field("X-Forwarded-For"), "127.0.0.1");
  EXPECT_EQ(request.field("X-Forwarded-Proto"), "http");
  EXPECT_EQ(request.field("X-Forwarded-Host"), "example.org");
  EXPECT_EQ(request.field("Forwarded"), "for=127.0.0.1;host=example.org;proto=http");
}

TEST(ForwardingFields, ClaimsOfStrangersAreDropped) {
  const auto request = received_with(kClaims);
  EXPECT_EQ(request.field("X-Forwarded-For"), "127.0.0.1");
  EXPECT_EQ(request.field("X-Forwarded-Proto"), "http");
  EXPECT_EQ(request.field("X-Forwarded-Host"), "example.org");
  EXPECT_EQ(request.field("Forwarded"), "for=127.0.0.1;host=example.org;proto=http");
}

TEST(ForwardingFields, ClaimsOfTrustedProxiesAreExtended) {
  const auto request =
      received_with(kClaims, [](config::Config& config) { config.proxy.trusted_proxies = {"127.0.0.0/8"}; });
  EXPECT_EQ(request.field("X-Forwarded-For"), "192.0.2.1, 127.0.0.1");
  EXPECT_EQ(request.field("X-Forwarded-Proto"), "https");
  EXPECT_EQ(request.field("X-Forwarded-Host"), "public.example");
  EXPECT_EQ(request.field("Forwarded"), "for=192.0.2.1, for=127.0.0.1;host=example.org;proto=http");
}

TEST(ForwardingFields, TrustIsForTheListedOnly) {
  const auto request = received_with(kClaims, [](config::Config& config) {
    config.proxy.trusted_proxies = {"10.0.0.0/8", "::1"};
  });
  EXPECT_EQ(request.field("X-Forwarded-For"), "127.0.0.1");
}

}  // namespace
}  // namespace forebay::test
