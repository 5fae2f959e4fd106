// Each response that was passed on and not stored took a window of its own, whatever the budget: slow readers
// of many such responses together exceeded it.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(SlowReadersExceedTheBudget, WindowsAreNarrowWhenMemoryIsShort) {
  constexpr int kClients = 30;
  Scenario s([](config::Config& config) { config.memory.size = 8 << 20; });
  s.origin.on("*", with(std::string(8 << 20, 'x'), {{"Cache-Control", "no-store"}}));
  std::vector<Client> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(s.forebay.client());
    clients.back().take_little();
    clients.back().request("GET", "/" + std::to_string(i));
  }
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_exchanges", kClients));
  // What had been taken before memory became short may stand above the limit by a narrow window and a chunk
  // each.
  EXPECT_LE(s.forebay->memory_used(), (8U << 20) + kClients * (128U << 10));
}

}  // namespace
}  // namespace forebay::test
