#include "upstream/quota.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "unit/upstream/upstream_fixture.hpp"

namespace forebay::upstream::testing {
namespace {

using Outcome = Result<Quota::Permit>;

Quota::Waiting patience(Worker& worker, std::chrono::milliseconds limit = 10s, io::Cancel* cancel = nullptr) {
  return {worker.context.get_executor(), limit, cancel, &worker.metrics.upstream_queued};
}

TEST(Quota, GivesUpToItsLimit) {
  Quota quota(2, 0);
  auto a = quota.try_acquire();
  auto b = quota.try_acquire();
  EXPECT_TRUE(a && b);
  EXPECT_FALSE(quota.try_acquire());
  EXPECT_EQ(quota.in_use(), 2U);
  a.reset();
  EXPECT_TRUE(quota.try_acquire());
}

TEST(Quota, ZeroIsUnlimitedButCounted) {
  Quota quota(0, 0);
  std::vector<Quota::Permit> permits;
  for (int i = 0; i < 1000; ++i) permits.push_back(std::move(*quota.try_acquire()));
  EXPECT_EQ(quota.in_use(), 1000U);
  permits.clear();
  EXPECT_EQ(quota.in_use(), 0U);
}

TEST(Quota, RefusesWhenTheQueueIsFull) {
  Worker worker;
  Quota quota(1, 0);
  const auto held = quota.try_acquire();
  EXPECT_EQ(worker.run(quota.acquire(patience(worker))).error().kind, ErrorKind::queue_full);
}

TEST(Quota, AWaiterTimesOutAndLeavesTheQueue) {
  Worker worker;
  Quota quota(1, 5);
  const auto held = quota.try_acquire();
  EXPECT_EQ(worker.run(quota.acquire(patience(worker, 20ms))).error().kind, ErrorKind::queue_timeout);
  EXPECT_EQ(quota.waiting(), 0U);
  EXPECT_EQ(worker.metrics.upstream_queued.value(), 0);
}

TEST(Quota, AWaiterCanBeCancelled) {
  Worker worker;
  Quota quota(1, 5);
  const auto held = quota.try_acquire();
  io::Cancel cancel;
  std::optional<Outcome> outcome;
  worker.start(quota.acquire(patience(worker, 10s, &cancel)), outcome);
  EXPECT_EQ(quota.waiting(), 1U);
  EXPECT_EQ(worker.metrics.upstream_queued.value(), 1);
  cancel.request();
  worker.run_until([&] { return outcome.has_value(); });
  EXPECT_EQ(outcome->error().kind, ErrorKind::cancelled);
  EXPECT_EQ(quota.waiting(), 0U);
}

TEST(Quota, APlaceGrantedToACancelledWaiterGoesToTheNext) {
  Worker worker;
  Quota quota(1, 5);
  auto held = quota.try_acquire();
  io::Cancel cancel;
  std::optional<Outcome> first;
  std::optional<Outcome> second;
  worker.start(quota.acquire(patience(worker, 10s, &cancel)), first);
  worker.start(quota.acquire(patience(worker)), second);
  held.reset();  // granted, but the waiter has not heard of it yet
  cancel.request();
  worker.run_until([&] { return first && second; });
  EXPECT_EQ(first->error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(second->has_value());
  EXPECT_EQ(quota.in_use(), 1U);
  second.reset();
  EXPECT_EQ(quota.in_use(), 0U);
}

TEST(Quota, NobodyOvertakes) {
  Worker worker;
  Quota quota(1, 5);
  auto held = quota.try_acquire();
  std::optional<Outcome> waiter;
  worker.start(quota.acquire(patience(worker)), waiter);
  held.reset();
  EXPECT_FALSE(quota.try_acquire());
  worker.run_until([&] { return waiter.has_value(); });
  EXPECT_TRUE(waiter->has_value());
}

TEST(Quota, AWaiterThatIsDestroyedLeavesNothingBehind) {
  Quota quota(1, 5);
  auto held = quota.try_acquire();
  std::optional<Outcome> queued;
  std::optional<Outcome> granted;
  {
    asio::io_context context;
    asio::co_spawn(context, quota.acquire({context.get_executor(), 10s}),
                   [&](const std::exception_ptr&, Outcome outcome) { granted = std::move(outcome); });
    asio::co_spawn(context, quota.acquire({context.get_executor(), 10s}),
                   [&](const std::exception_ptr&, Outcome outcome) { queued = std::move(outcome); });
    context.poll();
    EXPECT_EQ(quota.waiting(), 2U);
    held.reset();
  }
  EXPECT_FALSE(granted || queued);
  EXPECT_EQ(quota.waiting(), 0U);
  EXPECT_EQ(quota.in_use(), 0U);
}

io::Awaitable<bool> note(Quota& quota, Worker& worker, std::vector<int>& order, std::mutex& mutex,
                         int number) {
  auto outcome = co_await quota.acquire(patience(worker));
  const std::lock_guard lock(mutex);
  order.push_back(number);
  co_return outcome.has_value();
}

TEST(Quota, ServesTheWaitersOfTwoWorkersInTheOrderTheyCame) {
  Quota quota(1, 100);
  Worker one;
  Worker two;
  std::vector<int> order;
  std::mutex mutex;
  auto held = quota.try_acquire();
  std::optional<bool> done[10];
  for (int i = 0; i < 10; ++i) {
    auto& worker = i % 2 == 0 ? one : two;
    worker.start(note(quota, worker, order, mutex, i), done[i]);
    EXPECT_EQ(quota.waiting(), static_cast<unsigned>(i) + 1);
  }
  const auto run = [&](Worker& worker, int first) {
    worker.run_until([&] {
      for (int i = first; i < 10; i += 2) {
        if (!done[i]) return false;
      }
      return true;
    });
  };
  std::thread other([&] { run(two, 1); });
  held.reset();
  run(one, 0);
  other.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(quota.in_use(), 0U);
}

io::Awaitable<int> contend(Quota& quota, Worker& worker, std::atomic<int>& inside, int turns) {
  int most = 0;
  for (int i = 0; i < turns; ++i) {
    auto outcome = co_await quota.acquire(patience(worker, i % 7 == 0 ? 0ms : 10s));
    if (outcome.has_error()) continue;
    most = std::max(most, ++inside);
    co_await asio::post(worker.context.get_executor(), io::kUse);
    --inside;
  }
  co_return most;
}

TEST(Quota, HoldsUnderContention) {
  Quota quota(3, 1000);
  std::atomic<int> inside{0};
  const auto work = [&] {
    Worker worker;
    std::optional<int> most[20];
    for (auto& one : most) worker.start(contend(quota, worker, inside, 50), one);
    for (auto& one : most) worker.run_until([&] { return one.has_value(); });
    for (auto& one : most) EXPECT_LE(*one, 3);
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(quota.in_use(), 0U);
  EXPECT_EQ(quota.waiting(), 0U);
}

}  // namespace
}  // namespace forebay::upstream::testing
