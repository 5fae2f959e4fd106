// What clients are told when the upstream fails.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

using std::chrono::seconds;

void expect_error(const Response& response, int status, const std::string& type) {
  EXPECT_EQ(response.status, status);
  EXPECT_TRUE(response.field("Proxy-Status").starts_with("forebay; error=" + type))
      << response.field("Proxy-Status");
  EXPECT_TRUE(response.has("Cache-Status"));
  EXPECT_TRUE(response.complete);
}

/// Both ways to the upstream: a fetch for the store and a pass.
class UpstreamErrors : public testing::TestWithParam<const char*> {
 protected:
  Response ask() { return s.client.exchange(GetParam(), "/a"); }
  void ask_later() { s.client.request(GetParam(), "/a"); }

  Scenario s;
};

TEST_P(UpstreamErrors, Refused) {
  s.origin.stop_listening();
  expect_error(ask(), 502, "connection_refused");
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_requests_total{result=\"error\"}", 1));
}

TEST_P(UpstreamErrors, ClosedWithoutAnAnswer) {
  s.origin.script([](OriginPeer& peer) { peer.read_request(); });
  expect_error(ask(), 502, "connection_terminated");
}

TEST_P(UpstreamErrors, Reset) {
  s.origin.script([](OriginPeer& peer) {
    peer.read_request();
    peer.reset();
  });
  expect_error(ask(), 502, "connection_terminated");
}

TEST_P(UpstreamErrors, ClosedWithinTheHead) {
  s.origin.on("/a", OriginResponse{.close = true, .raw = "HTTP/1.1 200 OK\r\nContent-Le"});
  EXPECT_EQ(ask().status, 502);
}

TEST_P(UpstreamErrors, Malformed) {
  for (const auto* answer :
       {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    s.origin.on("/a", OriginResponse{.close = true, .raw = answer});
    expect_error(ask(), 502, "http_protocol_error");
  }
}

TEST_P(UpstreamErrors, TooLargeAHead) {
  s.origin.on("/a", fresh("hello", {{"X-Large", std::string(70'000, 'x')}}));
  expect_error(ask(), 502, "http_response_header_section_size");
}

TEST_P(UpstreamErrors, SilentForTooLong) {
  s.origin.on("/a", OriginResponse{.gate = "never"});
  ask_later();
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  s.forebay.clock().advance_steady(seconds(61));
  expect_error(s.client.read(), 504, "connection_read_timeout");
}

TEST_P(UpstreamErrors, NextRequestIsTriedAgain) {
  s.origin.script([](OriginPeer& peer) { peer.read_request(); });
  EXPECT_EQ(ask().status, 502);
  s.origin.on("/a", with("back", {}));
  EXPECT_EQ(ask().body, "back");
}

TEST_P(UpstreamErrors, ErrorsOfTheOriginItselfArePassedOn) {
  auto broken = with("broken", {{"X-Origin", "yes"}});
  broken.status = 500;
  s.origin.on("/a", broken);
  const auto response = ask();
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, "broken");
  EXPECT_EQ(response.field("X-Origin"), "yes");
  EXPECT_FALSE(response.has("Proxy-Status"));
}

INSTANTIATE_TEST_SUITE_P(Ways, UpstreamErrors, testing::Values("GET", "DELETE"),
                         [](const auto& row) { return std::string(row.param); });

TEST(UpstreamConnections, ConnectionThatWasClosedWhileIdleCostsNobodyAnError) {
  Scenario s;
  s.origin.on("*", with("hello", {{"Cache-Control", "no-store"}}));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(s.client.get("/a").body, "hello");
    s.origin.drop_connections();
  }
}

TEST(UpstreamConnections, AreKept) {
  Scenario s;
  s.origin.on("*", with("hello", {{"Cache-Control", "no-store"}}));
  for (int i = 0; i < 10; ++i) s.client.get("/" + std::to_string(i));
  EXPECT_EQ(s.origin.connections(), 1U);
}

TEST(UpstreamConnections, FailureIsNotStored) {
  Scenario s;
  s.origin.script([](OriginPeer& peer) { peer.read_request(); });
  s.origin.on("/a", fresh("hello"));
  EXPECT_EQ(s.client.get("/a").status, 502);
  EXPECT_EQ(s.client.get("/a").body, "hello");
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(UpstreamConnections, FullServerAndQueueAreTold) {
  Scenario s([](config::Config& config) {
    config.upstreams[0].max_connections = 1;
    config.upstreams[0].queue = 0;
  });
  s.origin.on("/slow", OriginResponse{.gate = "go"});
  auto slow = s.forebay.client();
  slow.request("GET", "/slow");
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  expect_error(s.client.get("/a"), 503, "connection_limit_reached");
  s.origin.gate("go").open();
  EXPECT_EQ(slow.read().status, 200);
}

}  // namespace
}  // namespace forebay::test
