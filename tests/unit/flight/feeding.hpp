// What the tests of body feeds share: a worker's side, slices, and a coroutine that reads to the end.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "forebay/flight/body_feed.hpp"

namespace forebay::flight::testing {

/// What a coroutine came to, once it has completed.
template <class T>
using Eventual = std::shared_ptr<std::optional<T>>;

/// A worker's executor, run by hand.
struct Side {
  io::Executor executor() { return context.get_executor(); }

  template <class T>
  Eventual<T> start(io::Awaitable<T> work) {
    auto outcome = std::make_shared<std::optional<T>>();
    io::asio::co_spawn(context, std::move(work), [outcome](const std::exception_ptr& error, T value) {
      EXPECT_FALSE(error);
      outcome->emplace(std::move(value));
    });
    return outcome;
  }
  /// Runs what is ready.
  void settle() {
    context.restart();
    context.poll();
  }
  template <class Condition>
  void run_until(Condition is_met) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!is_met() && std::chrono::steady_clock::now() < end) {
      context.restart();
      context.run_one_for(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(is_met());
  }

  io::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
};

inline cache::Slice slice_of(std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  auto chunk = cache::Chunk::allocate(size);
  if (size > 0) std::memcpy(chunk->data(), text.data(), size);
  return {std::move(chunk), 0, size};
}

/// A body as a reader saw it.
struct Seen {
  std::string body;
  std::optional<Error> error;
  std::string trailers;
};

inline io::Awaitable<Seen> read_all(BodyFeed::Reader& reader) {
  Seen seen;
  for (;;) {
    const auto batch = co_await reader.next(std::chrono::seconds(20));
    if (batch.has_error()) seen.error = batch.error();
    if (batch.has_error() || batch->empty()) break;
    for (const auto& slice : *batch) seen.body += slice.view();
  }
  seen.trailers = reader.trailers();
  co_return seen;
}

}  // namespace forebay::flight::testing
