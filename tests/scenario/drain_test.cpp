// Leaving: nobody new, and everybody who is here gets their answer.
#include <gtest/gtest.h>

#include <future>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(Drain, ResponseInProgressEndsAndNewConnectionsAreRefused) {
  Scenario s;
  auto slow = fresh("0123456789");
  slow.gates = {{5, "half"}};
  s.origin.on("/slow", slow);
  s.origin.on("/a", fresh("hello"));
  auto idle = s.forebay.client();
  idle.get("/a");
  s.client.request("GET", "/slow");
  auto response = s.client.read_head();
  EXPECT_EQ(s.client.read_body(5), "01234");

  const auto port = s.forebay.port();
  auto drained = std::async(std::launch::async, [&] { return s.forebay->drain(); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(eventually([&] { return Client::is_refused(port); }));
  s.origin.gate("half").open();
  s.client.read_rest(response);
  EXPECT_EQ(response.body, "56789");
  EXPECT_TRUE(response.complete);
  EXPECT_TRUE(s.client.is_closed());
  EXPECT_TRUE(drained.get());
}

TEST(Drain, RequestThatWaitsForItsHeadIsAnsweredWithClose) {
  Scenario s;
  auto slow = fresh("hello");
  slow.gate = "go";
  s.origin.on("/slow", slow);
  s.client.request("GET", "/slow");
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  auto idle = s.forebay.client();
  auto drained = std::async(std::launch::async, [&] { return s.forebay->drain(); });
  EXPECT_TRUE(idle.is_closed());
  s.origin.gate("go").open();
  const auto response = s.client.read();
  EXPECT_EQ(response.body, "hello");
  EXPECT_TRUE(s.client.is_closed());
  EXPECT_TRUE(drained.get());
}

TEST(Drain, WhatDoesNotEndInTimeIsCutOff) {
  Scenario s([](config::Config& config) { config.drain_timeout = std::chrono::milliseconds(50); });
  auto endless = fresh("0123456789");
  endless.gates = {{5, "never"}};
  s.origin.on("/endless", endless);
  s.client.request("GET", "/endless");
  auto response = s.client.read_head();
  EXPECT_EQ(s.client.read_body(5), "01234");
  EXPECT_FALSE(s.forebay->drain());
  s.client.read_rest(response);
  EXPECT_FALSE(response.complete);
}

TEST(Drain, WithoutConnectionsIsImmediate) {
  Scenario s;
  s.client.close();
  EXPECT_TRUE(s.forebay->drain());
}

TEST(Drain, DestructionInTheMiddleOfEverythingIsClean) {
  ScriptedOrigin origin;
  origin.on("*", OriginResponse{.gate = "never"});
  std::vector<Client> clients;
  {
    const TestDaemon forebay(origin);
    for (int i = 0; i < 20; ++i) {
      clients.push_back(forebay.client());
      clients.back().request(i % 2 ? "GET" : "POST", "/" + std::to_string(i % 3));
    }
    ASSERT_TRUE(origin.wait_for_requests(12));
  }
  for (auto& client : clients) EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace forebay::test
