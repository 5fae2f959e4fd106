// HTTP/1.0: closed after the response unless asked for otherwise, never chunked, no interim responses.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(Http10Clients, ConnectionIsClosedAfterTheResponse) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.send("GET /a HTTP/1.0\r\nHost: example.org\r\n\r\n");
  const auto response = s.client.read();
  EXPECT_EQ(response.body, "hello");
  EXPECT_EQ(response.field("Connection"), "close");
  EXPECT_TRUE(s.client.is_closed());
}

TEST(Http10Clients, KeepAliveIsGranted) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  for (int i = 0; i < 3; ++i) {
    s.client.send("GET /a HTTP/1.0\r\nHost: example.org\r\nConnection: keep-alive\r\n\r\n");
    const auto response = s.client.read();
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(response.field("Connection"), "keep-alive");
  }
}

TEST(Http10Clients, ChunkedResponsesEndWithTheConnection) {
  Scenario s;
  auto response = fresh("hello");
  response.chunked = true;
  s.origin.on("/a", response);
  s.client.send("GET /a HTTP/1.0\r\nHost: example.org\r\nConnection: keep-alive\r\n\r\n");
  const auto first = s.client.read();
  EXPECT_EQ(first.body, "hello");
  EXPECT_FALSE(first.has("Transfer-Encoding"));
  EXPECT_EQ(first.field("Connection"), "close");
  EXPECT_TRUE(first.complete);
}

TEST(Http10Clients, HostMayBeMissing) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(s.client.read().body, "hello");
  EXPECT_TRUE(s.origin.last().has("Host"));  // HTTP/1.1 upstream needs one
  EXPECT_EQ(s.origin.last().version, "HTTP/1.1");
}

TEST(Http10Clients, NoInterimResponses) {
  Scenario s;
  s.origin.on("/a", OriginResponse{.body = "hello", .interim = {"HTTP/1.1 103 Early Hints\r\n\r\n"}});
  s.client.send("POST /a HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nxx");
  const auto response = s.client.read();
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.interim.empty());
}

TEST(Http10Clients, ViaSaysSo) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.send("GET /a HTTP/1.0\r\nHost: a\r\n\r\n");
  s.client.read();
  EXPECT_EQ(s.origin.last().field("Via"), "1.0 forebay");
}

}  // namespace
}  // namespace forebay::test
