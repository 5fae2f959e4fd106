// What memory takes in at the first miss, and what has to be missed again.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TestDaemon::Change min_uses(int n) {
  return [=](config::Config& config) { config.proxy.routes[0].cache.min_uses = n; };
}

TEST(Admission, AResponseIsStoredAtTheMissThatTheRouteSays) {
  Scenario s(min_uses(3));
  s.origin.on("*", fresh("hello"));
  for (int miss = 1; miss <= 3; ++miss) {
    const auto response = s.client.get("/a");
    EXPECT_EQ(response.body, "hello");
    EXPECT_FALSE(response.is_hit()) << miss;
    EXPECT_EQ(response.cache_status().find("too_few_uses") != std::string::npos, miss < 3) << miss;
  }
  EXPECT_TRUE(s.client.get("/a").is_hit());
  EXPECT_FALSE(s.client.get("/b").is_hit()) << "each key counts for itself";
  EXPECT_FALSE(s.client.get("/b").is_hit());
}

TEST(Admission, WhatIsStoredIsReplacedAtOnce) {
  Scenario s(min_uses(2));
  s.origin.on("*", with("hello", {{"Cache-Control", "max-age=10"}}));
  for (int i = 0; i < 2; ++i) s.client.get("/a");
  EXPECT_TRUE(s.client.get("/a").is_hit());
  s.forebay.clock().advance_wall(std::chrono::seconds(11));
  EXPECT_FALSE(s.client.get("/a").is_hit());
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(Admission, WhoWaitsAsksForItAsWell) {
  Scenario s(min_uses(9));
  auto response = fresh("hello");
  response.gate = "go";
  s.origin.on("/a", response);
  auto first = s.forebay.client();
  auto second = s.forebay.client();
  for (auto* client : {&first, &second}) client->request("GET", "/a");
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 1));
  s.origin.gate("go").open();
  for (auto* client : {&first, &second}) EXPECT_EQ(client->read().body, "hello");
  EXPECT_EQ(s.origin.requests(), 1U);
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(Admission, ALargeBodyIsStoredAtItsSecondMiss) {
  Scenario s([](config::Config& config) { config.memory.size = 4U << 20; });
  s.origin.on("/large", fresh(std::string(1 << 20, 'x')));
  s.origin.on("/small", fresh("hello"));
  s.client.get("/small");
  EXPECT_TRUE(s.client.get("/small").is_hit());
  EXPECT_FALSE(s.client.get("/large").is_hit());
  EXPECT_FALSE(s.client.get("/large").is_hit());
  EXPECT_TRUE(s.client.get("/large").is_hit());
  EXPECT_TRUE(s.client.get("/small").is_hit());
}

}  // namespace
}  // namespace forebay::test
