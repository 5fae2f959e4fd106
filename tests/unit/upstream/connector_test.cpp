// Connections come about: over TCP, TLS and Unix sockets, and every way in which they do not.
#include "upstream/connector.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "support/full_listener.hpp"
#include "unit/upstream/upstream_fixture.hpp"

namespace forebay::upstream::testing {
namespace {

using http::Method;

Endpoint loopback(std::uint16_t port) {
  return Endpoint(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), port));
}

// ---- TCP ------------------------------------------------------------------------------------------------

using ConnectorTest = UpstreamTest;

TEST_F(ConnectorTest, ResolvesANameAtItsFirstUseAndTriesAllEndpoints) {
  settings.servers = {"http://localhost:" + std::to_string(origin.port())};  // may be ::1 first
  origin.on("/a", {.body = "hello"});
  EXPECT_EQ(get("/a").body, "hello");
  EXPECT_TRUE(upstream()->servers()[0]->endpoints());
}

TEST_F(ConnectorTest, TriesTheEndpointsInTurnAndRemembersWhichOneWorked) {
  ScriptedOrigin closed;
  closed.stop_listening();
  settings.servers = {"http://app.invalid:80"};
  settings.max_idle = 0;
  origin.on("/a", {.body = "hello"});
  upstream()->servers()[0]->set_endpoints(
      std::make_shared<Endpoints>(Endpoints{loopback(closed.port()), loopback(origin.port())}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/a").body, "hello");
  EXPECT_EQ(origin.connections(), 3U);
}

TEST_F(ConnectorTest, OneDeadEndpointDoesNotUseUpTheTime) {
  const test::FullListener full;
  settings.servers = {"http://app.invalid:80"};
  settings.connect_timeout = 600ms;
  origin.on("/a", {.body = "hello"});
  upstream()->servers()[0]->set_endpoints(
      std::make_shared<Endpoints>(Endpoints{loopback(full.port()), loopback(origin.port())}));
  EXPECT_EQ(get("/a").body, "hello");
}

TEST_F(ConnectorTest, ReportsARefusedConnection) {
  origin.stop_listening();
  const auto fetched = get("/a");
  EXPECT_EQ(fetched.failure(), ErrorKind::connect_refused);
  EXPECT_EQ(fetched.error->detail, "127.0.0.1:" + std::to_string(origin.port()) + ": Connection refused");
}

TEST_F(ConnectorTest, ReportsAConnectionThatTakesTooLong) {
  const test::FullListener full;
  settings.servers = {"http://127.0.0.1:" + std::to_string(full.port())};
  settings.connect_timeout = 200ms;
  const auto fetched = get("/a");
  EXPECT_EQ(fetched.failure(), ErrorKind::connect_timeout);
  EXPECT_EQ(fetched.error->detail, "127.0.0.1:" + std::to_string(full.port()));
}

TEST_F(ConnectorTest, ReportsANameThatDoesNotExist) {
  settings.servers = {"http://no-such-host.invalid:80"};
  settings.connect_timeout = 5s;
  const auto fetched = get("/a");
  EXPECT_EQ(fetched.failure(), ErrorKind::dns_failure);
  EXPECT_THAT(fetched.error->detail, ::testing::StartsWith("no-such-host.invalid:80: "));
}

// ---- Unix sockets ---------------------------------------------------------------------------------------

std::string socket_path() {
  return (std::filesystem::temp_directory_path() / ("forebay-test-" + std::to_string(getpid()) + ".sock"))
      .string();
}

class UnixConnectorTest : public UpstreamTest {
 protected:
  UnixConnectorTest() : UpstreamTest({.unix_path = socket_path()}) {}
};

TEST_F(UnixConnectorTest, Works) {
  origin.on("/a", {.body = "hello"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/a").body, "hello");
  EXPECT_EQ(origin.connections(), 1U);
}

TEST_F(UnixConnectorTest, ReportsASocketThatIsNotThere) {
  settings.servers = {"unix:/nowhere/app.sock"};
  const auto fetched = get("/a");
  EXPECT_EQ(fetched.failure(), ErrorKind::connect_failed);
  EXPECT_EQ(fetched.error->detail, "unix:/nowhere/app.sock: No such file or directory");
}

// ---- TLS ------------------------------------------------------------------------------------------------

struct Authority {
  test::CertificateAuthority authority;
  test::Certificate certificate = authority.issue({"DNS:localhost", "DNS:app.example.org", "IP:127.0.0.1"});
};

class TlsConnectorTest : private Authority, public UpstreamTest {
 protected:
  TlsConnectorTest() : UpstreamTest({.certificate = &certificate}) {
    settings.tls.ca_file = authority.file();
    origin.on("/a", {.body = std::string(100'000, 'x'), .chunked = true});
  }
  void expect_success() {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/a").body.size(), 100'000U);
    EXPECT_EQ(origin.connections(), 1U);
  }
  void expect_failure(ErrorKind kind, const std::string& why) {
    const auto fetched = get("/a");
    EXPECT_EQ(fetched.failure(), kind);
    if (!fetched.error) return;
    EXPECT_THAT(fetched.error->detail, ::testing::HasSubstr(why));
    EXPECT_EQ(origin.requests(), 0U);
  }
};

TEST_F(TlsConnectorTest, WorksByAddress) { expect_success(); }

TEST_F(TlsConnectorTest, WorksByName) {
  settings.servers = {"https://localhost:" + std::to_string(origin.port())};
  expect_success();
}

TEST_F(TlsConnectorTest, WorksByTheNameGiven) {
  settings.tls.server_name = "app.example.org";
  expect_success();
}

TEST_F(TlsConnectorTest, SendsLargeBodies) {
  const std::string large(1'000'000, 'x');
  origin.on("/b", OriginResponse{});
  TextBody body({large});
  EXPECT_TRUE(post("/b", body).request_sent);
  EXPECT_EQ(origin.last("/b").body.size(), large.size());
}

TEST_F(TlsConnectorTest, RefusesAWrongName) {
  settings.tls.server_name = "other.example.org";
  expect_failure(ErrorKind::tls_certificate, "ostname mismatch");
}

TEST_F(TlsConnectorTest, RefusesAWrongAddress) {
  settings.tls.server_name = "127.0.0.2";
  expect_failure(ErrorKind::tls_certificate, "IP address mismatch");
}

TEST_F(TlsConnectorTest, RefusesAnUnknownAuthority) {
  const test::CertificateAuthority other;
  settings.tls.ca_file = other.file();
  expect_failure(ErrorKind::tls_certificate, "127.0.0.1:" + std::to_string(origin.port()) + ": ");
}

TEST_F(TlsConnectorTest, RefusesAnAuthorityThatTheSystemDoesNotKnow) {
  settings.tls.ca_file.clear();
  expect_failure(ErrorKind::tls_certificate, "certificate");
}

TEST_F(TlsConnectorTest, TakesAnyCertificateWhenToldNotToVerify) {
  settings.tls.ca_file.clear();
  settings.tls.server_name = "other.example.org";
  settings.tls.verify = false;
  expect_success();
}

TEST_F(TlsConnectorTest, ReportsAServerThatSpeaksNoTls) {
  ScriptedOrigin plain;
  plain.script([](OriginPeer& peer) {
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_for_close();
  });
  settings.servers = {"https://127.0.0.1:" + std::to_string(plain.port())};
  expect_failure(ErrorKind::tls_failure, "wrong version number");
}

TEST_F(TlsConnectorTest, ReportsAHandshakeThatTakesTooLong) {
  ScriptedOrigin plain;
  plain.script([](OriginPeer& peer) { peer.wait_for_close(); });
  settings.servers = {"https://127.0.0.1:" + std::to_string(plain.port())};
  settings.connect_timeout = 200ms;
  expect_failure(ErrorKind::connect_timeout, "during the TLS handshake");
  EXPECT_TRUE(plain.wait_for_open_connections(0));
}

TEST_F(TlsConnectorTest, ABodyThatEndsWithoutCloseNotifyIsIncomplete) {
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  origin.script([&](OriginPeer& peer) {
    peer.read_request();
    peer.send(head + "hello");
    peer.end_sending();  // with close_notify
    peer.wait_for_close();
  });
  origin.script([&](OriginPeer& peer) {
    peer.read_request();
    peer.send(head + "hello");
    peer.kill();  // the end of the TCP connection, which anybody on the way can forge (RFC 9112 §9.8)
  });
  EXPECT_FALSE(get("/whole").failure());
  EXPECT_EQ(get("/cut").failure(), ErrorKind::response_incomplete);
}

TEST(ExpiredCertificate, IsRefused) {
  const test::CertificateAuthority authority;
  const auto certificate = authority.issue({"IP:127.0.0.1"}, -1);
  ScriptedOrigin origin({.certificate = &certificate});
  Worker worker;
  UpstreamSettings settings{.servers = {origin.url()}};
  settings.tls.ca_file = authority.file();
  Fetcher fetcher(Upstream::make(settings).value(),
                  {worker.context.get_executor(), worker.sweep, worker.clock, worker.metrics});
  auto request = request_for(Method::get, "/a");
  const auto fetched = worker.run(fetch_all(fetcher, request));
  EXPECT_EQ(fetched.failure(), ErrorKind::tls_certificate);
  EXPECT_THAT(fetched.error->detail, ::testing::HasSubstr("certificate has expired"));
}

}  // namespace
}  // namespace forebay::upstream::testing
