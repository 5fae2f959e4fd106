// A connection that changes its protocol is a tunnel from then on.
#include <gtest/gtest.h>

#include <thread>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

const std::string kAsk =
    "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "
    "x\r\n\r\n";
const std::string kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
    "y\r\n\r\n";

TEST(Upgrade, CarriesBytesBothWays) {
  Scenario s;
  s.origin.script([](OriginPeer& peer) {
    const auto request = peer.read_head();
    EXPECT_EQ(request->field("Upgrade"), "websocket");
    EXPECT_EQ(request->field("Connection"), "Upgrade");
    EXPECT_EQ(request->field("Sec-WebSocket-Key"), "x");
    peer.send(kSwitch + "greeting");   // bytes right behind the head
    EXPECT_EQ(peer.read(5), "first");  // bytes the client sent right behind its own
    EXPECT_EQ(peer.read(4), "ping");
    peer.send("pong");
    EXPECT_EQ(peer.read(100'000), std::string(100'000, 'x'));
    peer.send(std::string(100'000, 'y'));
    peer.wait_for_close();
  });
  s.client.send(kAsk + "first");
  const auto head = s.client.read_head();
  EXPECT_EQ(head.status, 101);
  EXPECT_EQ(head.field("Upgrade"), "websocket");
  EXPECT_EQ(head.field("Sec-WebSocket-Accept"), "y");
  EXPECT_FALSE(head.has("Content-Length"));
  EXPECT_EQ(s.client.read_raw(8), "greeting");
  s.client.send("ping");
  EXPECT_EQ(s.client.read_raw(4), "pong");
  s.client.send(std::string(100'000, 'x'));
  EXPECT_EQ(s.client.read_raw(100'000), std::string(100'000, 'y'));
  s.client.close();
  EXPECT_TRUE(s.origin.wait_for_open_connections(0));
}

TEST(Upgrade, EndsWhenTheOriginCloses) {
  Scenario s;
  s.origin.script([](OriginPeer& peer) {
    peer.read_head();
    peer.send(kSwitch + "bye");
  });
  s.client.send(kAsk);
  EXPECT_EQ(s.client.read_head().status, 101);
  EXPECT_EQ(s.client.read_raw(3), "bye");
  EXPECT_TRUE(s.client.is_closed());
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_exchanges", 0));
}

TEST(Upgrade, RefusalIsAnOrdinaryResponse) {
  Scenario s;
  s.origin.on("/chat", fresh("not today"));
  s.client.send(kAsk);
  const auto response = s.client.read();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "not today");
  EXPECT_EQ(response.cache_status(), "forebay; fwd=bypass; detail=upgrade");
  EXPECT_FALSE(s.client.get("/chat").is_hit());
}

TEST(Upgrade, UnaskedSwitchIsAnError) {
  Scenario s;
  s.origin.on("/a", OriginResponse{.close = true, .raw = kSwitch});
  EXPECT_EQ(s.client.get("/a").status, 502);
}

TEST(Upgrade, TunnelOnWhichNothingMovesIsClosed) {
  Scenario s([](config::Config& config) { config.timeouts.tunnel = std::chrono::seconds(100); });
  s.origin.script([](OriginPeer& peer) {
    peer.read_head();
    peer.send(kSwitch);
    peer.wait_for_close();
  });
  s.client.send(kAsk);
  EXPECT_EQ(s.client.read_head().status, 101);
  EXPECT_TRUE(eventually([&] {
    s.forebay.clock().advance_steady(std::chrono::seconds(101));
    return !s.client.is_silent();
  }));
  EXPECT_TRUE(s.client.is_closed());
}

TEST(Upgrade, TunnelOnWhichOnlyTheClientTalksStaysOpen) {
  Scenario s([](config::Config& config) { config.timeouts.tunnel = std::chrono::seconds(100); });
  s.origin.script([](OriginPeer& peer) {
    peer.read_head();
    peer.send(kSwitch);
    for (int i = 0; i < 4; ++i) {
      if (peer.read(1) != "x") return;
      peer.wait("taken");
    }
    peer.send("all four");
    peer.wait_for_close();
  });
  s.client.send(kAsk);
  EXPECT_EQ(s.client.read_head().status, 101);
  s.origin.gate("taken").open();
  for (int i = 1; i <= 4; ++i) {
    s.client.send("x");
    ASSERT_TRUE(s.origin.gate("taken").wait_for_arrivals(static_cast<std::size_t>(i)));
    if (i < 4) s.forebay.clock().advance_steady(std::chrono::seconds(60));
    std::this_thread::sleep_for(std::chrono::milliseconds(250));  // two sweeps, which would close it
  }
  EXPECT_EQ(s.client.read_raw(8), "all four");
}

}  // namespace
}  // namespace forebay::test
