// Waiting for an edge of the connection's descriptor, with a time limit kept by the worker's sweep.
#pragma once

#include <chrono>
#include <memory>

#include "forebay/io/asio.hpp"
#include "forebay/io/deadline.hpp"
#include "forebay/io/signal.hpp"

namespace forebay::server {

/// One direction's wait; one coroutine at a time. Lives on its worker; outlives the wait.
class EdgeWait {
 public:
  EdgeWait(const io::Executor& executor, io::Sweep& sweep)
      : signal_(io::Signal::make(executor)), deadline_(sweep, [this] { signal_->notify_here(); }) {}

  /// Something has changed: whoever waits looks at its flag again.
  void notify() { signal_->notify_here(); }

  /// Completes with true once `flag` or `closed` is set, with false after `limit`.
  io::Awaitable<bool> until(const bool& flag, const bool& closed, std::chrono::milliseconds limit) {
    deadline_.arm(limit);
    while (!flag && !closed && !deadline_.has_fired()) co_await signal_->wait(std::chrono::hours(1));
    deadline_.disarm();
    co_return flag || closed;
  }

 private:
  std::shared_ptr<io::Signal> signal_;
  io::Deadline deadline_;
};

}  // namespace forebay::server
