// A feed whose producer and readers run on threads of their own.
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <string>
#include <thread>
#include <vector>

#include "feeding.hpp"

namespace forebay::flight::testing {
namespace {

using namespace std::chrono_literals;

char byte_at(std::uint64_t offset) { return static_cast<char>((offset * 7 + offset / 251) % 253); }

constexpr std::uint64_t kSize = 6 << 20;
constexpr std::uint64_t kLetGoAt = 1 << 20;

/// Appends the body in pieces of many sizes; lets go in the middle. The number of bytes appended.
io::Awaitable<std::uint64_t> produce(std::shared_ptr<BodyFeed> feed, io::Executor executor) {
  const auto room = io::Signal::make(executor);
  std::uint64_t sent = 0;
  std::uint64_t turn = 0;
  while (sent < kSize) {
    if (!co_await feed->wait_for_room(room, 20s)) co_return sent;
    const auto size = std::min<std::uint64_t>(1 + (++turn * 7919) % 40'000, kSize - sent);
    std::string piece(size, '\0');
    for (std::uint64_t i = 0; i < size; ++i) piece[i] = byte_at(sent + i);
    feed->append(slice_of(piece));
    sent += size;
    if (sent > kLetGoAt) feed->let_go();
  }
  feed->finish("X: y\r\n");
  co_return sent;
}

/// Reads to the end, or to `leave_at`; the number of bytes that were right.
io::Awaitable<std::uint64_t> consume(std::unique_ptr<BodyFeed::Reader> reader, std::uint64_t leave_at) {
  std::uint64_t right = 0;
  while (right < leave_at) {
    const auto batch = co_await reader->next(20s);
    if (batch.has_error() || batch->empty()) break;
    for (const auto& slice : *batch) {
      for (const char c : slice.view()) {
        if (c != byte_at(right)) co_return right;
        ++right;
      }
    }
  }
  co_return right;
}

TEST(BodyFeedThreads, EveryReaderGetsEveryByte) {
  const auto feed = std::make_shared<BodyFeed>();
  Side producer;
  Side sides[2];
  std::vector<Eventual<std::uint64_t>> whole;
  std::vector<Eventual<std::uint64_t>> part;
  for (auto& side : sides) {
    for (int i = 0; i < 2; ++i) whole.push_back(side.start(consume(feed->join(side.executor()), UINT64_MAX)));
    part.push_back(side.start(consume(feed->join(side.executor()), kSize / 3)));
  }
  const auto sent = producer.start(produce(feed, producer.executor()));
  std::vector<std::thread> threads;
  for (auto* side : {&producer, &sides[0], &sides[1]})
    threads.emplace_back([side] { side->context.run_for(60s); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(*sent, kSize);
  for (const auto& outcome : whole) EXPECT_EQ(*outcome, kSize);
  for (const auto& outcome : part) EXPECT_GE(outcome->value_or(0), kSize / 3);
  EXPECT_FALSE(feed->has_readers());
}

TEST(BodyFeedThreads, TheProducerEndsWhenAllReadersHaveLeft) {
  const auto feed = std::make_shared<BodyFeed>();
  Side producer;
  Side side;
  const auto first = side.start(consume(feed->join(side.executor()), 2 * kLetGoAt));
  const auto second = side.start(consume(feed->join(side.executor()), 3 * kLetGoAt));
  const auto sent = producer.start(produce(feed, producer.executor()));
  std::thread thread([&] { side.context.run_for(60s); });
  producer.context.run_for(60s);
  thread.join();
  ASSERT_TRUE(*sent);
  EXPECT_LT(**sent, kSize);
  EXPECT_GE(first->value_or(0), 2 * kLetGoAt);
  EXPECT_GE(second->value_or(0), 3 * kLetGoAt);
}

}  // namespace
}  // namespace forebay::flight::testing
