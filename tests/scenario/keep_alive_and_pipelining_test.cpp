// One connection, many requests.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

std::string get(const std::string& target, const std::string& lines = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: example.org\r\n" + lines + "\r\n";
}

TEST(KeepAlive, ConnectionServesManyRequests) {
  Scenario s;
  s.origin.on("*", fresh("hello"));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(s.client.get("/" + std::to_string(i % 5)).body, "hello");
  EXPECT_EQ(s.forebay.metric("forebay_connections_accepted_total"), 1);
}

TEST(KeepAlive, CloseIsObeyedAndSaid) {
  Scenario s;
  s.origin.on("*", fresh("hello"));
  s.client.get("/a");
  const auto last = s.client.get("/a", {{"Connection", "close"}});
  EXPECT_TRUE(last.is_hit());
  EXPECT_EQ(last.field("Connection"), "close");
  EXPECT_TRUE(s.client.is_closed());
}

TEST(KeepAlive, OriginsCloseIsNotPassedOn) {
  Scenario s;
  auto response = with("hello", {{"Cache-Control", "no-store"}});
  response.close = true;
  s.origin.on("/a", response);
  EXPECT_FALSE(s.client.get("/a").has("Connection"));
  EXPECT_EQ(s.client.get("/a").body, "hello");
}

TEST(Pipelining, AnswersComeInTheOrderOfTheRequests) {
  Scenario s;
  s.origin.on("*", [](const OriginRequest& request) {
    auto response = fresh(request.target);
    if (request.target == "/slow") response.gate = "go";
    return response;
  });
  s.client.get("/hit");
  s.client.send(get("/slow") + get("/hit") + "HEAD /hit HTTP/1.1\r\nHost: example.org\r\n\r\n" +
                get("/miss"));
  ASSERT_TRUE(s.origin.wait_for_requests(2));
  EXPECT_TRUE(s.client.is_silent());
  s.origin.gate("go").open();
  EXPECT_EQ(s.client.read().body, "/slow");
  EXPECT_EQ(s.client.read().body, "/hit");
  EXPECT_EQ(s.client.read(true).field("Content-Length"), "4");
  EXPECT_EQ(s.client.read().body, "/miss");
}

TEST(Pipelining, ManyHitsInOneGo) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += get("/a");
  s.client.send(requests);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(s.client.read().body, "hello");
  EXPECT_TRUE(s.client.is_silent());
}

TEST(Pipelining, NothingIsAnsweredBehindAClose) {
  Scenario s;
  s.origin.on("*", fresh("hello"));
  s.client.send(get("/a", "Connection: close\r\n") + get("/b"));
  EXPECT_EQ(s.client.read().body, "hello");
  EXPECT_TRUE(s.client.is_closed());
  EXPECT_EQ(s.origin.requests("/b"), 0U);
}

TEST(Pipelining, RequestInPieces) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  for (const char byte : get("/a")) s.client.send(std::string(1, byte));
  EXPECT_EQ(s.client.read().body, "hello");
  const auto two = get("/a") + get("/a");
  s.client.send(two.substr(0, two.size() - 7));
  EXPECT_EQ(s.client.read().body, "hello");
  s.client.send(two.substr(two.size() - 7));
  EXPECT_EQ(s.client.read().body, "hello");
}

TEST(Pipelining, EmptyLinesBeforeARequestAreIgnored) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.send("\r\n\r\n" + get("/a") + "\r\n" + get("/a"));
  EXPECT_EQ(s.client.read().body, "hello");
  EXPECT_EQ(s.client.read().body, "hello");
}

TEST(Pipelining, ClientThatHasSentItsLastRequestGetsItsAnswers) {
  Scenario s;
  s.origin.on("*", fresh("hello"));
  s.client.get("/a");
  s.client.send(get("/a") + get("/a"));
  s.client.end_sending();
  EXPECT_EQ(s.client.read().body, "hello");
  EXPECT_EQ(s.client.read().body, "hello");
  EXPECT_TRUE(s.client.is_closed());
}

TEST(Pipelining, UnwantedBodyOfARequestAnsweredWithoutItIsReadAway) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].paths = {"/known/**"}; });
  s.origin.on("/known/a", fresh("hello"));
  EXPECT_EQ(s.client.post("/unknown", "a body that nobody wants").status, 404);
  EXPECT_EQ(s.client.get("/known/a").body, "hello");
}

}  // namespace
}  // namespace forebay::test
