// Under a small budget the old goes, everybody is served, and the budget holds.
#include <gtest/gtest.h>

#include <vector>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

constexpr std::uint64_t kBudget = 4ULL << 20;

TestDaemon::Change small_budget() {
  return [](config::Config& config) { config.memory.size = kBudget; };
}

/// Takes large bodies in at their first miss, too.
TestDaemon::Change small_budget_for_all() {
  return [](config::Config& config) {
    config.memory.size = kBudget;
    config.memory.eviction = tier::Eviction::lru;
  };
}

TEST(Budget, HoldsWhileMoreIsStoredThanFits) {
  Scenario s(small_budget());
  s.origin.on("*",
              [](const OriginRequest& request) { return fresh(request.target + std::string(100'000, 'x')); });
  for (int i = 0; i < 200; ++i) {
    const auto target = "/" + std::to_string(i);
    const auto response = s.client.get(target);
    EXPECT_EQ(response.body, target + std::string(100'000, 'x'));
    EXPECT_LE(s.forebay->memory_used(), kBudget);
  }
  EXPECT_GT(s.forebay.metric("forebay_memory_evictions_total"), 100);
  EXPECT_GT(s.forebay.metric("forebay_memory_entries"), 5);
  EXPECT_TRUE(s.client.get("/199").is_hit());
}

TEST(Budget, ManyVariantsOfOneKeyAreChargedToo) {
  Scenario s(small_budget());
  s.origin.on("/a", [](const OriginRequest& request) {
    return fresh(request.field("X") + std::string(50'000, 'x'), {{"Vary", "X"}});
  });
  for (int i = 0; i < 200; ++i) {
    const auto value = std::to_string(i);
    EXPECT_EQ(s.client.get("/a", {{"X", value}}).body, value + std::string(50'000, 'x'));
    EXPECT_LE(s.forebay->memory_used(), kBudget);
  }
}

TEST(Budget, SmallResponsesAreChargedForTheirHeadsAndKeys) {
  Scenario s([](config::Config& config) { config.memory.size = 1U << 20; });
  s.origin.on("*", fresh(""));
  for (int i = 0; i < 3000; ++i) s.client.get("/" + std::to_string(i) + "?" + std::string(1000, 'k'));
  EXPECT_LE(s.forebay->memory_used(), 1U << 20);
  EXPECT_LT(s.forebay.metric("forebay_memory_entries"), 1000);
}

TEST(Budget, ResponseThatWasInvalidatedWhileItIsSentArrivesWhole) {
  Scenario s(small_budget_for_all());
  s.origin.on(
      "*", [](const OriginRequest& request) { return fresh(request.target + std::string(1'500'000, 'x')); });
  s.client.get("/slow");
  auto slow = s.forebay.client();
  slow.take_little();
  slow.request("GET", "/slow");
  auto response = slow.read_head();
  EXPECT_TRUE(response.is_hit());
  s.client.post("/slow", "");
  for (int i = 0; i < 10; ++i) s.client.get("/" + std::to_string(i));
  slow.read_rest(response);
  EXPECT_EQ(response.body, "/slow" + std::string(1'500'000, 'x'));
  EXPECT_FALSE(s.client.get("/slow").is_hit());
}

TEST(Budget, WhatSlowClientsHoldCountsAsLongAsTheyHoldIt) {
  constexpr int kClients = 12;
  constexpr std::uint64_t kWindows = kClients * (256U << 10);  // passed on through narrow windows
  Scenario s(small_budget_for_all());
  s.origin.on(
      "*", [](const OriginRequest& request) { return fresh(request.target + std::string(1'500'000, 'x')); });
  std::vector<Client> slow;
  std::vector<Response> responses;
  for (int i = 0; i < kClients; ++i) {
    slow.push_back(s.forebay.client());
    slow.back().take_little();
    slow.back().request("GET", "/" + std::to_string(i));
    responses.push_back(slow.back().read_head());
    s.client.get("/other");
    EXPECT_LE(s.forebay->memory_used(), kBudget + kWindows);
  }
  for (int i = 0; i < kClients; ++i) {
    slow[static_cast<std::size_t>(i)].read_rest(responses[static_cast<std::size_t>(i)]);
    EXPECT_EQ(responses[static_cast<std::size_t>(i)].body,
              "/" + std::to_string(i) + std::string(1'500'000, 'x'));
  }
  EXPECT_FALSE(s.client.get("/more").is_hit());
  EXPECT_TRUE(s.client.get("/more").is_hit()) << "there is room again";
}

TEST(Budget, BodyLargerThanTheBudgetIsPassedOn) {
  Scenario s([](config::Config& config) {
    config.memory.size = 2U << 20;
    config.memory.max_body = 16U << 20;
  });
  s.origin.on("/a", fresh(std::string(8U << 20, 'x')));
  const auto response = s.client.get("/a");
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.body.size(), 8U << 20);
  EXPECT_LE(s.forebay->memory_used(), 4U << 20);
  EXPECT_FALSE(s.client.get("/a").is_hit());
}

}  // namespace
}  // namespace forebay::test
