// Bodies larger than what is stored stream through in bounded memory.
#include <gtest/gtest.h>

#include <future>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

constexpr std::size_t kLarge = 32ULL << 20;

TestDaemon::Change small_bodies() {
  return [](config::Config& config) { config.memory.max_body = 1U << 20; };
}

TEST(LargeBodies, WithALengthAreNotEvenBegunToBeStored) {
  Scenario s(small_bodies());
  s.origin.on("/a", fresh(std::string(kLarge, 'x')));
  for (int i = 0; i < 2; ++i) {
    const auto response = s.client.get("/a");
    EXPECT_EQ(response.body.size(), kLarge);
    EXPECT_TRUE(response.complete);
    EXPECT_NE(response.cache_status().find("detail=too_large"), std::string::npos) << response.cache_status();
  }
  EXPECT_EQ(s.origin.requests(), 2U);
  EXPECT_TRUE(eventually([&] { return s.forebay.metric("forebay_memory_bytes{kind=\"bodies\"}") == 0; }));
}

TEST(LargeBodies, WithoutALengthAreGivenUpOnTheWay) {
  Scenario s(small_bodies());
  auto response = fresh(std::string(kLarge, 'x'));
  response.chunked = true;
  response.chunk_size = 100'000;
  s.origin.on("/a", response);
  const auto first = s.client.get("/a");
  EXPECT_EQ(first.body.size(), kLarge);
  EXPECT_TRUE(first.complete);
  EXPECT_FALSE(s.client.get("/a").is_hit());
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_memory_entries", 0));
}

TEST(LargeBodies, MemoryStaysBoundedWhileAClientDoesNotRead) {
  Scenario s(small_bodies());
  s.origin.on("*", fresh(std::string(kLarge, 'x')));
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(s.forebay.client());
    clients.back().take_little();
    clients.back().request("GET", "/" + std::to_string(i));
  }
  for (auto& client : clients) {
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_LT(s.forebay->memory_used(), 12ULL << 20);
  }
  for (auto& client : clients) {
    EXPECT_EQ(client.read_body(kLarge).size(), kLarge);
    EXPECT_LT(s.forebay->memory_used(), 12ULL << 20);
  }
}

TEST(LargeBodies, FollowersOfATooLargeBodyGetItWhole) {
  Scenario s(small_bodies());
  auto response = fresh(std::string(4U << 20, 'x'));
  response.chunked = true;
  response.gate = "go";
  s.origin.on("/a", response);
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(s.forebay.client());
    clients.back().request("GET", "/a");
  }
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 3));
  s.origin.gate("go").open();
  std::vector<std::future<Response>> read;
  for (auto& client : clients)
    read.push_back(std::async(std::launch::async, [&client] { return client.read(); }));
  for (auto& each : read) {
    const auto got = each.get();
    EXPECT_EQ(got.status, 200);
    EXPECT_TRUE(got.complete);
    EXPECT_EQ(got.body.size(), 4U << 20);
  }
}

}  // namespace
}  // namespace forebay::test
