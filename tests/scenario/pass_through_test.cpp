// What is not for the store passes through, body by body, as it comes.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

OriginResponse echo(const OriginRequest& request) { return with(request.body, {}); }

TEST(PassThrough, BodyWithALength) {
  Scenario s;
  s.origin.on("/a", echo);
  const std::string body(300'000, 'x');
  const auto response = s.client.post("/a", body);
  EXPECT_EQ(response.body, body);
  EXPECT_EQ(response.field("Content-Length"), "300000");
  EXPECT_EQ(s.origin.last().field("Content-Length"), "300000");
  EXPECT_EQ(response.cache_status(), "forebay; fwd=method; detail=method");
}

TEST(PassThrough, ChunkedBodyWithTrailersBothWays) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    auto response = echo(request);
    response.trailers = {{"X-Sum", "response"}};
    return response;
  });
  s.client.send(
      "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: request\r\n\r\n");
  const auto response = s.client.read();
  EXPECT_EQ(response.body, "hello world");
  EXPECT_EQ(response.trailers, (FieldLines{{"X-Sum", "response"}}));
  const auto received = s.origin.last();
  EXPECT_EQ(received.body, "hello world");
  EXPECT_EQ(received.field("Transfer-Encoding"), "chunked");
  EXPECT_FALSE(received.has("Content-Length"));
  EXPECT_EQ(received.trailers, (OriginFields{{"X-Sum", "request"}}));
}

TEST(PassThrough, EmptyPostIsSentWithItsLength) {
  Scenario s;
  s.origin.on("/a", with("ok", {}));
  s.client.exchange("POST", "/a");
  EXPECT_EQ(s.origin.last().field("Content-Length"), "0");
  s.client.exchange("DELETE", "/a");
  EXPECT_FALSE(s.origin.last().has("Content-Length"));
}

TEST(PassThrough, BodyArrivesWhileItIsSent) {
  Scenario s;
  s.origin.script([](OriginPeer& peer) {
    peer.read_head();
    EXPECT_EQ(peer.read(5), "hello");
    peer.send("HTTP/1.1 103 Early Hints\r\nLink: </got-five>\r\n\r\n");
    EXPECT_EQ(peer.read(5), "world");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  s.client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  std::string interim;
  while (!interim.ends_with("\r\n\r\n")) interim += s.client.read_raw(1);
  EXPECT_TRUE(interim.starts_with("HTTP/1.1 103 ")) << interim;
  s.client.send("world");
  EXPECT_EQ(s.client.read().body, "ok");
}

TEST(PassThrough, ExpectationIsMetWhenTheBodyIsWanted) {
  Scenario s;
  s.origin.on("/a", echo);
  s.client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  const std::string expected = "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(s.client.read_raw(expected.size()), expected);
  s.client.send("hello");
  const auto response = s.client.read();
  EXPECT_EQ(response.body, "hello");
  EXPECT_TRUE(response.interim.empty());
  EXPECT_FALSE(s.origin.last().has("Expect"));
}

TEST(PassThrough, InterimResponsesAreForwarded) {
  Scenario s;
  s.origin.on("/a",
              OriginResponse{
                  .body = "hello",
                  .interim = {"HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\nConnection: x\r\nX: y\r\n\r\n",
                              "HTTP/1.1 102 Processing\r\n\r\n"}});
  const auto response = s.client.exchange("POST", "/a");
  ASSERT_EQ(response.interim.size(), 2U);
  EXPECT_EQ(response.interim[0].status, 103);
  EXPECT_EQ(response.interim[0].field("Link"), "</x.css>");
  EXPECT_FALSE(response.interim[0].has("X"));
  EXPECT_EQ(response.interim[1].status, 102);
  EXPECT_EQ(response.body, "hello");
}

TEST(PassThrough, EarlyResponseReachesTheClientDuringItsUpload) {
  Scenario s;
  s.origin.on_head("/a", [](const OriginRequest&) {
    auto refused = with("too much", {{"Connection", "close"}});
    refused.status = 413;
    refused.close = true;
    return refused;
  });
  s.client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\nfirst bytes");
  const auto response = s.client.read();
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, "too much");
  EXPECT_EQ(response.field("Connection"), "close");
}

TEST(PassThrough, ClientThatLeavesDuringItsUploadEndsTheUpstreamRequest) {
  Scenario s;
  std::atomic<bool> ended = false;
  s.origin.script([&](OriginPeer& peer) {
    peer.read_head();
    peer.wait_for_close();
    ended = true;
  });
  s.client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
  ASSERT_TRUE(s.origin.wait_for_open_connections(1));
  s.client.reset();
  EXPECT_TRUE(s.origin.wait_for_open_connections(0));
  EXPECT_TRUE(ended);
}

TEST(PassThrough, ClientThatLeavesEndsThePassedRequest) {
  Scenario s;
  s.origin.on("/a", OriginResponse{.gate = "never"});
  s.client.request("DELETE", "/a");
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  s.client.reset();
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_exchanges", 0));
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_upstream_connections", 0));
}

constexpr std::size_t kHuge = 64ULL << 20;
/// What may lie between the two ends: socket buffers on both connections and a window of ours.
constexpr std::size_t kBetween = 24ULL << 20;

class PassThroughBackPressure : public testing::TestWithParam<const char*> {};

TEST_P(PassThroughBackPressure, ClientThatStopsReadingStopsTheOrigin) {
  Scenario s;
  std::atomic<std::size_t> sent = 0;
  s.origin.script([&](OriginPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: " + std::to_string(kHuge) +
              "\r\n\r\n");
    const std::string piece(64 * 1024, 'x');
    while (sent < kHuge && peer.send(piece)) sent += piece.size();
    peer.wait_for_close();
  });
  s.client.request(GetParam(), "/a");
  auto response = s.client.read_head();
  std::size_t before = 1;
  ASSERT_TRUE(eventually([&] {  // until nothing moves any more
    const auto now = sent.load();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return now > 0 && std::exchange(before, now) == now && sent == now;
  }));
  EXPECT_LT(sent, kBetween);
  EXPECT_LT(s.forebay->memory_used(), 8ULL << 20);
  s.client.read_rest(response);
  EXPECT_EQ(response.body.size(), kHuge);
  EXPECT_TRUE(response.complete);
}

INSTANTIATE_TEST_SUITE_P(Ways, PassThroughBackPressure, testing::Values("GET", "POST"),
                         [](const auto& row) { return std::string(row.param); });

TEST(PassThrough, OriginThatStopsReadingStopsTheClient) {
  Scenario s;
  s.origin.script([&](OriginPeer& peer) {
    auto request = peer.read_head();
    peer.wait("read");
    peer.read_body(*request);
    peer.send(
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(std::to_string(request->body.size()).size()) +
        "\r\n\r\n" + std::to_string(request->body.size()));
  });
  const std::string body(kHuge, 'x');
  s.client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(kHuge) + "\r\n\r\n");
  const auto taken = s.client.send_until_blocked(body);
  EXPECT_LT(taken, kBetween);
  s.origin.gate("read").open();
  s.client.send(std::string_view(body).substr(taken));
  EXPECT_EQ(s.client.read().body, std::to_string(kHuge));
}

}  // namespace
}  // namespace forebay::test
