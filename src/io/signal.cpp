#include "forebay/io/signal.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace forebay::io {

std::shared_ptr<Signal> Signal::make(const Executor& executor) {
  return std::shared_ptr<Signal>(new Signal(executor));
}

void Signal::notify() {
  if (posted_.exchange(true, std::memory_order_acq_rel)) return;
  asio::post(timer_.get_executor(), [self = shared_from_this()] {
    self->posted_.store(false, std::memory_order_release);
    self->notify_here();
  });
}

void Signal::notify_here() {
  set_ = true;
  timer_.cancel();
}

Awaitable<bool> Signal::wait(std::chrono::milliseconds limit) {
  const auto self = shared_from_this();  // the waiter may drop its reference while this is suspended
  if (!set_) {
    timer_.expires_after(limit);
    co_await timer_.async_wait(kUse);
  }
  co_return std::exchange(set_, false);
}

}  // namespace forebay::io
