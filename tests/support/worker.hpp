// A worker for tests: an io_context and what belongs to it, run by the test itself.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "forebay/base/clock.hpp"
#include "forebay/io/asio.hpp"
#include "forebay/io/deadline.hpp"
#include "forebay/observe/metric_list.hpp"
#include "support/gate.hpp"

namespace forebay::test {

/// An io_context with what belongs to a worker, run by whoever calls run().
struct Worker {
  Worker() { sweep.start(); }
  ~Worker() {
    sweep.stop();
    settle();
  }

  /// Runs until the coroutine has completed.
  template <class T>
  T run(io::Awaitable<T> work) {
    std::optional<T> result;
    start(std::move(work), result);
    run_until([&] { return result.has_value(); });
    if (!result) throw std::runtime_error("a coroutine did not complete");
    return std::move(*result);
  }
  void run(io::Awaitable<void> work) {
    bool done = false;
    boost::asio::co_spawn(context, std::move(work), [&](const std::exception_ptr&) { done = true; });
    run_until([&] { return done; });
    EXPECT_TRUE(done);
  }
  /// Starts a coroutine, whose result will appear in `result`, and runs it to its first wait.
  template <class T>
  void start(io::Awaitable<T> work, std::optional<T>& result) {
    boost::asio::co_spawn(context, std::move(work), [&result](const std::exception_ptr& e, T value) {
      EXPECT_FALSE(e);
      result.emplace(std::move(value));
    });
    settle();
  }
  template <class Condition>
  void run_until(Condition is_met, std::chrono::seconds patience = Gate::kPatience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!is_met() && std::chrono::steady_clock::now() < end) {
      context.restart();
      context.run_one_for(std::chrono::milliseconds(50));
    }
  }
  /// Runs what is ready.
  void settle() {
    context.restart();
    context.poll();
  }

  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  SystemClock clock;
  observe::WorkerMetrics metrics;
  io::Sweep sweep{context.get_executor(), clock};
};

}  // namespace forebay::test
