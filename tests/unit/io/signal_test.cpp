#include "forebay/io/signal.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <thread>
#include <vector>

namespace forebay::io {
namespace {

using namespace std::chrono_literals;

struct SignalTest : ::testing::Test {
  /// Starts a wait whose outcome appears in the result.
  std::shared_ptr<std::optional<bool>> start_wait(std::chrono::milliseconds limit) {
    auto outcome = std::make_shared<std::optional<bool>>();
    asio::co_spawn(context, signal->wait(limit),
                   [outcome](const std::exception_ptr&, bool notified) { *outcome = notified; });
    return outcome;
  }
  void settle() {
    context.restart();
    context.poll();
  }

  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  std::shared_ptr<Signal> signal = Signal::make(context.get_executor());
};

TEST_F(SignalTest, WakesTheWaiter) {
  const auto outcome = start_wait(1h);
  settle();
  EXPECT_FALSE(*outcome);
  signal->notify();
  EXPECT_FALSE(*outcome);  // never inline
  settle();
  EXPECT_EQ(*outcome, true);
}

TEST_F(SignalTest, KeepsANotificationForTheNextWait) {
  signal->notify();
  settle();
  const auto outcome = start_wait(1h);
  settle();
  EXPECT_EQ(*outcome, true);
}

TEST_F(SignalTest, CountsSeveralNotificationsOnce) {
  for (int i = 0; i < 5; ++i) signal->notify();
  settle();
  signal->notify();
  settle();
  const auto first = start_wait(1h);
  settle();
  EXPECT_EQ(*first, true);
  const auto second = start_wait(1ms);
  context.restart();
  context.run_for(10s);
  EXPECT_EQ(*second, false);
}

TEST_F(SignalTest, TimesOut) {
  const auto outcome = start_wait(1ms);
  context.run_for(10s);
  EXPECT_EQ(*outcome, false);
}

TEST_F(SignalTest, OutlivesItsWaitersReference) {
  const auto outcome = start_wait(1h);
  settle();
  auto* raw = signal.get();
  signal.reset();
  raw->notify();  // the waiting coroutine keeps it
  settle();
  EXPECT_EQ(*outcome, true);
}

TEST_F(SignalTest, ANotificationMayComeAfterTheLastReferenceIsGone) {
  signal->notify();
  signal.reset();
  settle();
}

/// Every notification that comes after a wait has begun ends it or the next: nothing is lost between threads.
TEST_F(SignalTest, LosesNoNotificationFromOtherThreads) {
  constexpr int kRounds = 2000;
  constexpr int kThreads = 3;
  std::atomic<int> sent{0};
  std::atomic<int> seen{0};
  asio::co_spawn(
      context,
      [&]() -> Awaitable<void> {
        while (seen.load() < kRounds * kThreads) {
          const bool notified = co_await signal->wait(20s);
          EXPECT_TRUE(notified);
          if (!notified) co_return;
          seen.store(sent.load());
        }
      },
      [](const std::exception_ptr&) {});
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        sent.fetch_add(1);
        signal->notify();
      }
    });
  }
  context.run_for(30s);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(seen.load(), kRounds * kThreads);
}

}  // namespace
}  // namespace forebay::io
