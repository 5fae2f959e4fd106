// A new configuration is taken without dropping a request; a bad one changes nothing.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(Reload, NewRoutesAndUpstreamsAreTakenWhileRequestsGoOn) {
  Scenario s;
  ScriptedOrigin other;
  auto slow = fresh("0123456789");
  slow.gates = {{5, "half"}};
  s.origin.on("/slow", slow);
  other.on("*", with("other", {}));
  auto in_progress = s.forebay.client();
  in_progress.request("GET", "/slow");
  auto response = in_progress.read_head();
  EXPECT_EQ(in_progress.read_body(5), "01234");

  auto config = s.forebay.config();
  config.upstreams[0].servers = {other.url()};
  ASSERT_TRUE(s.forebay->reload(config));
  EXPECT_TRUE(
      eventually([&] { return s.client.get("/a").body == "other"; }));  // also on a connection from before
  EXPECT_TRUE(eventually([&] { return s.forebay.get("/b").body == "other"; }));

  s.origin.gate("half").open();
  in_progress.read_rest(response);
  EXPECT_EQ(response.body, "56789");
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(in_progress.get("/c").body, "other");
}

TEST(Reload, StoredResponsesStay) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  auto config = s.forebay.config();
  config.limits.request_body = 1000;
  ASSERT_TRUE(s.forebay->reload(config));
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(Reload, LimitsHoldForTheNextRequest) {
  Scenario s;
  s.origin.on("/a", with("hello", {}));
  EXPECT_EQ(s.client.post("/a", "0123456789").status, 200);
  auto config = s.forebay.config();
  config.limits.request_body = 5;
  ASSERT_TRUE(s.forebay->reload(config));
  EXPECT_TRUE(eventually([&] { return s.forebay.client().post("/a", "0123456789").status == 413; }));
}

TEST(Reload, BadConfigurationLeavesTheOldOne) {
  Scenario s;
  s.origin.on("/a", with("hello", {}));
  auto no_upstream = s.forebay.config();
  no_upstream.proxy.routes[0].upstream = "missing";
  const auto first = s.forebay->reload(no_upstream);
  ASSERT_FALSE(first);
  EXPECT_NE(describe(first.error()).find("missing"), std::string::npos);

  auto bad_address = s.forebay.config();
  bad_address.listen.push_back({.address = "unix:/nonexistent/socket"});
  const auto second = s.forebay->reload(bad_address);
  ASSERT_FALSE(second);
  EXPECT_NE(describe(second.error()).find("/nonexistent/socket"), std::string::npos);

  auto bad_path = s.forebay.config();
  bad_path.proxy.routes[0].paths = {"no-slash"};
  EXPECT_FALSE(s.forebay->reload(bad_path));
  EXPECT_EQ(s.client.get("/a").body, "hello");
  EXPECT_EQ(s.forebay.get("/a").body, "hello");
}

TEST(Reload, ListenersCanBeAddedAndRemoved) {
  const auto path =
      (std::filesystem::temp_directory_path() / ("forebay-" + std::to_string(::getpid()) + "-reload"))
          .string();
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  auto more = s.forebay.config();
  more.listen.push_back({.address = "unix:" + path});
  ASSERT_TRUE(s.forebay->reload(more));
  EXPECT_EQ(Client::on_unix_socket(path).get("/a").body, "hello");
  EXPECT_EQ(s.client.get("/a").body, "hello");
  ASSERT_TRUE(s.forebay->reload(s.forebay.config()));
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(path); }));
  EXPECT_EQ(s.forebay.get("/a").body, "hello");
}

TEST(Reload, SmallerBudgetEvicts) {
  Scenario s;
  s.origin.on("*", fresh(std::string(100'000, 'x')));
  for (int i = 0; i < 100; ++i) s.client.get("/" + std::to_string(i));
  auto config = s.forebay.config();
  config.memory.size = 2U << 20;
  ASSERT_TRUE(s.forebay->reload(config));
  EXPECT_TRUE(eventually([&] { return s.forebay->memory_used() <= 2U << 20; }));
  EXPECT_EQ(s.client.get("/0").status, 200);
}

TEST(Reload, WhatNeedsARestartIsSaid) {
  Scenario s;
  auto config = s.forebay.config();
  config.workers = 3;
  const auto notes = s.forebay->reload(config);
  ASSERT_TRUE(notes);
  ASSERT_EQ(notes->size(), 1U);
  EXPECT_NE(notes->front().find("workers"), std::string::npos);
}

}  // namespace
}  // namespace forebay::test
