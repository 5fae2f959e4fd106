// An event for one waiting coroutine, set from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "forebay/io/asio.hpp"

namespace forebay::io {

/// One coroutine waits on its own executor; anyone may notify. A notification that comes before the wait is
/// kept; several before one wait count once. Shared because a notification may be on its way when the waiter
/// has left.
class Signal : public std::enable_shared_from_this<Signal> {
 public:
  static std::shared_ptr<Signal> make(const Executor& executor);

  /// Thread-safe, never blocks on the waiter, never runs it inline.
  void notify();
  /// The same without the post, for the waiter's own executor; does not run it inline either.
  void notify_here();

  /// Completes with true once notified (the notification is used up), with false after `limit`. Own executor
  /// only, one wait at a time.
  Awaitable<bool> wait(std::chrono::milliseconds limit);

 private:
  explicit Signal(const Executor& executor) : timer_(executor) {}

  Timer timer_;
  std::atomic<bool> posted_{false};  // a notification is on its way to the executor
  bool set_ = false;                 // own executor only
};

}  // namespace forebay::io
