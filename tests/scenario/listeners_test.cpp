// Where clients may come in.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

std::string socket_path(const std::string& name) {
  return (std::filesystem::temp_directory_path() / ("forebay-" + std::to_string(::getpid()) + "-" + name))
      .string();
}

TEST(Listeners, Ipv6) {
  Scenario s([](config::Config& config) { config.listen.push_back({.address = "[::1]:0"}); });
  s.origin.on("/a", fresh("hello"));
  Client client(s.forebay->ports().at(1), "::1");
  EXPECT_EQ(client.get("/a").body, "hello");
  EXPECT_EQ(s.origin.last().field("X-Forwarded-For"), "::1");
  EXPECT_EQ(s.origin.last().field("Forwarded"), "for=\"[::1]\";host=example.org;proto=http");
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(Listeners, UnixSocket) {
  const auto path = socket_path("listen");
  {
    Scenario s([&](config::Config& config) { config.listen.push_back({.address = "unix:" + path}); });
    s.origin.on("/a", fresh("hello"));
    for (int i = 0; i < 4; ++i) {
      auto client = Client::on_unix_socket(path);
      EXPECT_EQ(client.get("/a").body, "hello");
      EXPECT_TRUE(client.get("/a").is_hit());
    }
    EXPECT_EQ(s.origin.requests(), 1U);
    EXPECT_FALSE(s.origin.last().has("X-Forwarded-For"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listeners, AddressInUseIsToldWithItsName) {
  Scenario s;
  auto config = s.forebay.config();
  const auto path = socket_path("in-use");
  config.listen[0].address = "unix:" + path;
  const auto first = app::Daemon::start(config, s.forebay.clock());
  ASSERT_TRUE(first);
  const auto second = app::Daemon::start(config, s.forebay.clock());
  ASSERT_FALSE(second);
  EXPECT_NE(describe(second.error()).find(path), std::string::npos);
}

TEST(Listeners, UnixSocketToTheOrigin) {
  const auto path = socket_path("origin");
  ScriptedOrigin origin({.unix_path = path});
  origin.on("/a", fresh("hello"));
  const TestDaemon forebay(origin);
  EXPECT_EQ(forebay.get("/a").body, "hello");
  EXPECT_EQ(origin.last().field("Host"), "example.org");
  EXPECT_TRUE(forebay.get("/a").is_hit());
}

TEST(Listeners, TlsToTheOrigin) {
  const CertificateAuthority authority;
  const auto certificate = authority.issue({"IP:127.0.0.1"});
  ScriptedOrigin origin({.certificate = &certificate});
  origin.on("/a", fresh("hello"));
  const TestDaemon trusting(
      origin, [&](config::Config& config) { config.upstreams[0].tls.ca_file = authority.file(); });
  EXPECT_EQ(trusting.get("/a").body, "hello");
  const TestDaemon strict(origin);
  const auto refused = strict.get("/a");
  EXPECT_EQ(refused.status, 502);
  EXPECT_TRUE(refused.field("Proxy-Status").starts_with("forebay; error=tls_certificate_error"));
}

}  // namespace
}  // namespace forebay::test
