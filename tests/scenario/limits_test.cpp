// What a client may ask of us, and how long it may take.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

using std::chrono::seconds;

TestDaemon::Change small_limits() {
  return [](config::Config& config) {
    config.limits.request_line = 1000;
    config.limits.request_head = 4000;
    config.limits.request_fields = 20;
    config.limits.request_body = 10'000;
  };
}

class Limits : public testing::Test {
 protected:
  Limits() { s.origin.on("*", with("hello", {})); }
  void expect_refusal(int status) {
    const auto response = s.client.read();
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.field("Connection"), "close");
    EXPECT_TRUE(s.client.is_closed());
  }
  void expect_abort(const std::string& reason) {
    EXPECT_TRUE(s.forebay.wait_for_metric("forebay_connections_aborted_total{reason=\"" + reason + "\"}", 1));
  }

  Scenario s{small_limits()};
};

TEST_F(Limits, RequestLine) {
  EXPECT_EQ(s.client.get("/" + std::string(900, 'x')).status, 200);
  s.client.request("GET", "/" + std::string(1000, 'x'));
  expect_refusal(414);
}

TEST_F(Limits, RequestLineWithoutAnEnd) {
  s.client.send("GET /" + std::string(1500, 'x'));
  expect_refusal(414);
}

TEST_F(Limits, HeadBytes) {
  EXPECT_EQ(s.client.get("/", {{"X", std::string(3000, 'x')}}).status, 200);
  s.client.request("GET", "/", {{"X", std::string(4000, 'x')}});
  expect_refusal(431);
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST_F(Limits, HeadWithoutAnEnd) {
  s.client.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(5000, 'x'));
  expect_refusal(431);
}

TEST_F(Limits, FieldCount) {
  EXPECT_EQ(s.client.get("/", FieldLines(19, {"X", "y"})).status, 200);
  s.client.request("GET", "/", FieldLines(20, {"X", "y"}));
  expect_refusal(431);
}

TEST_F(Limits, BodyByItsLength) {
  EXPECT_EQ(s.client.post("/", std::string(10'000, 'x')).status, 200);
  s.client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10001\r\n\r\n");
  expect_refusal(413);
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST_F(Limits, ChunkedBodyWhileItComes) {
  s.client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  const auto chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
  for (int i = 0; i < 3; ++i) s.client.try_send(chunk);
  expect_refusal(413);
  EXPECT_EQ(s.origin.requests(), 0U);
}

TEST_F(Limits, SlowHeadIsRefused) {
  s.client.send("GET / HTTP/1.1\r\nHost: a\r\n");
  ASSERT_TRUE(s.forebay.wait_for_metric("forebay_received_bytes_total", 20));
  s.forebay.clock().advance_steady(seconds(11));
  expect_refusal(408);
  expect_abort("header_timeout");
}

TEST_F(Limits, DripFedHeadIsRefusedAllTheSame) {
  s.client.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 3; ++i) {
    s.client.send("X: y\r\n");
    ASSERT_TRUE(s.forebay.wait_for_metric("forebay_received_bytes_total", 16 + 6 * (i + 1)));
    s.forebay.clock().advance_steady(seconds(3));
  }
  s.forebay.clock().advance_steady(seconds(2));
  expect_refusal(408);
}

TEST_F(Limits, IdleConnectionIsClosedWithoutAWord) {
  s.client.get("/");
  s.forebay.clock().advance_steady(seconds(59));
  EXPECT_EQ(s.client.get("/").status, 200);
  // The answer is here before the connection is armed anew: the clock goes on until it is.
  EXPECT_TRUE(eventually([&] {
    s.forebay.clock().advance_steady(seconds(61));
    return !s.client.is_silent();
  }));
  EXPECT_TRUE(s.client.is_closed());
}

TEST_F(Limits, StalledBodyIsGivenUp) {
  s.client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
  ASSERT_TRUE(s.origin.wait_for_open_connections(1));
  EXPECT_TRUE(eventually([&] {
    s.forebay.clock().advance_steady(seconds(5));
    return !s.client.is_silent();
  }));
  expect_refusal(408);
  expect_abort("body_timeout");
  EXPECT_EQ(s.origin.requests(), 0U);
}

TEST_F(Limits, StalledReaderIsGivenUp) {
  s.origin.on("/large", fresh(std::string(12U << 20, 'x')));
  for (int i = 0; i < 2; ++i) s.forebay.get("/large");  // what is so large is stored at its second miss
  EXPECT_TRUE(s.forebay.get("/large").is_hit()) << "nothing but the client's own connection is to be slow";
  s.client.take_little();
  s.client.request("GET", "/large");
  EXPECT_TRUE(eventually([&] {
    s.forebay.clock().advance_steady(seconds(31));
    return s.forebay.metric("forebay_connections_aborted_total{reason=\"write_timeout\"}") == 1;
  }));
  EXPECT_FALSE(s.client.read().complete);
}

TEST(LimitOfConnections, MoreAreClosedAtOnce) {
  Scenario s([](config::Config& config) { config.listen[0].max_connections = 2; });
  s.origin.on("/a", fresh("hello"));
  auto second = s.forebay.client();
  EXPECT_EQ(s.client.get("/a").status, 200);
  EXPECT_EQ(second.get("/a").status, 200);
  auto third = s.forebay.client();
  EXPECT_TRUE(third.is_closed());
  EXPECT_EQ(s.forebay.metric("forebay_connections_refused_total"), 1);
  second.close();
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_connections", 1));
  EXPECT_EQ(s.forebay.get("/a").status, 200);
}

}  // namespace
}  // namespace forebay::test
