#include "forebay/upstream/origin.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "support/certificate.hpp"

namespace forebay::upstream {
namespace {

struct GoodServer {
  const char* text;
  bool tls;
  bool unix_socket;
  const char* host;
  std::uint16_t port;
  const char* shown;
};

TEST(ServerAddress, IsTakenApart) {
  const GoodServer rows[] = {
      {"http://127.0.0.1:3000", false, false, "127.0.0.1", 3000, "127.0.0.1:3000"},
      {"http://app", false, false, "app", 80, "app:80"},
      {"https://app", true, false, "app", 443, "app:443"},
      {"https://app.example.org:8443/", true, false, "app.example.org", 8443, "app.example.org:8443"},
      {"HTTP://app_1:65535", false, false, "app_1", 65535, "app_1:65535"},
      {"http://[::1]:3000", false, false, "::1", 3000, "[::1]:3000"},
      {"https://[2001:db8::1]", true, false, "2001:db8::1", 443, "[2001:db8::1]:443"},
      {"unix:/run/app.sock", false, true, "/run/app.sock", 0, "unix:/run/app.sock"},
  };
  for (const auto& row : rows) {
    const auto address = parse_server(row.text);
    ASSERT_TRUE(address.has_value()) << row.text;
    EXPECT_EQ(address->tls, row.tls) << row.text;
    EXPECT_EQ(address->unix_socket, row.unix_socket) << row.text;
    EXPECT_EQ(address->host, row.host);
    EXPECT_EQ(address->port, row.port) << row.text;
    EXPECT_EQ(address->text(), row.shown);
  }
}

TEST(ServerAddress, IsRefusedWithTheReason) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "expected http://"},
      {"127.0.0.1:3000", "expected http://"},
      {"ftp://app", "expected http://"},
      {"http:/app", "expected http://"},
      {"http://", "the host"},
      {"http:///", "the host"},
      {"http://:80", "the host"},
      {"http://a b", "the host"},
      {"http://a\r\nb", "the host"},
      {"http://[::1", "the host"},
      {"http://[app]:80", "the host"},
      {"http://[127.0.0.1]:80", "the host"},
      {"http://::1:80", "the host"},
      {"http://app:", "the port"},
      {"http://app:0", "the port"},
      {"http://app:65536", "the port"},
      {"http://app:80x", "the port"},
      {"http://[::1]80", "the port"},
      {"http://app/path", "path"},
      {"http://app?query", "path"},
      {"http://user@app", "user name"},
      {"unix:", "absolute path"},
      {"unix:run/app.sock", "absolute path"},
      {"unix:/" + std::string(200, 'x'), "too long"},
  };
  for (const auto& [text, why] : rows) {
    const auto address = parse_server(text);
    ASSERT_TRUE(address.has_error()) << text;
    EXPECT_EQ(address.error().kind, ErrorKind::invalid_value);
    EXPECT_THAT(address.error().detail, ::testing::StartsWith("\"" + text + "\": "));
    EXPECT_THAT(address.error().detail, ::testing::HasSubstr(why));
  }
}

TEST(Server, KnowsWhereAddressesAreAndLearnsNames) {
  EXPECT_TRUE(Server(parse_server("http://127.0.0.1:1").value(), 1, 1).endpoints());
  EXPECT_TRUE(Server(parse_server("http://[::1]:1").value(), 1, 1).endpoints());
  EXPECT_TRUE(Server(parse_server("unix:/a").value(), 1, 1).endpoints());
  Server named(parse_server("http://app").value(), 1, 1);
  EXPECT_FALSE(named.endpoints());
  const auto found = std::make_shared<const Endpoints>();
  named.set_endpoints(found);
  EXPECT_EQ(named.endpoints(), found);
}

TEST(Upstream, NeedsAServer) {
  EXPECT_EQ(Upstream::make({}).error().kind, ErrorKind::invalid_value);
  EXPECT_EQ(Upstream::make({.servers = {"http://a", "nonsense"}}).error().kind, ErrorKind::invalid_value);
}

TEST(Upstream, HasATlsContextWhenItNeedsOne) {
  EXPECT_FALSE(Upstream::make({.servers = {"http://a"}}).value()->tls());
  const auto upstream = Upstream::make({.servers = {"http://a", "https://b"}}).value();
  ASSERT_TRUE(upstream->tls());
  EXPECT_EQ(SSL_CTX_get_min_proto_version(upstream->tls()->native_handle()), TLS1_2_VERSION);
}

TEST(Upstream, ReadsItsCaFile) {
  const test::CertificateAuthority authority;
  UpstreamSettings settings{.servers = {"https://a"}};
  settings.tls.ca_file = authority.file();
  EXPECT_TRUE(Upstream::make(settings).has_value());
  settings.tls.ca_file = "/nowhere/ca.pem";
  EXPECT_THAT(Upstream::make(settings).error().detail,
              ::testing::StartsWith("tls.ca_file \"/nowhere/ca.pem\": "));
  const auto not_pem = authority.file().string() + ".txt";
  std::ofstream(not_pem) << "not a certificate\n";
  settings.tls.ca_file = not_pem;
  EXPECT_TRUE(Upstream::make(settings).has_error());
  std::filesystem::remove(not_pem);
}

}  // namespace
}  // namespace forebay::upstream
