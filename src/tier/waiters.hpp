// Coroutines of one worker that wait for the same thing.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "forebay/io/cancel.hpp"
#include "forebay/io/signal.hpp"

namespace forebay::tier {

/// Not thread-safe. Outlives its waits: whoever waits keeps the owner.
class Waiters {
 public:
  explicit Waiters(io::Executor executor) : executor_(executor) {}

  /// Completes with true once woken, with false after `limit` or when `cancel`, which may be nothing, says
  /// so.
  io::Awaitable<bool> wait(std::chrono::milliseconds limit, io::Cancel* cancel) {
    const auto signal = io::Signal::make(executor_);
    waiting_.push_back(signal);
    const io::OnCancel wake(cancel, [signal] { signal->notify_here(); });
    bool woken = false;
    if (!wake.requested()) woken = co_await signal->wait(limit);
    std::erase(waiting_, signal);
    co_return woken && !wake.requested();
  }
  void wake_all() {
    for (const auto& signal : waiting_) signal->notify_here();
  }
  std::size_t size() const noexcept { return waiting_.size(); }

 private:
  const io::Executor executor_;
  std::vector<std::shared_ptr<io::Signal>> waiting_;
};

}  // namespace forebay::tier
