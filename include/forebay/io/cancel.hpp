// Calling off work that is waiting for somebody else.
#pragma once

#include <functional>
#include <utility>

namespace forebay::io {

/// One worker's request to stop a piece of work. Whoever waits registers how to be woken; whoever loses
/// interest calls request(). Not thread-safe; neither side destroys it while the other may use it.
class Cancel {
 public:
  bool requested() const noexcept { return requested_; }
  /// Idempotent. Runs the registered wake-up inline: it must only cancel I/O, not resume coroutines.
  void request() {
    if (std::exchange(requested_, true)) return;
    if (wake_) wake_();
  }
  /// Replaces the wake-up, and runs it at once if the request came before; an empty function takes it back.
  void on_request(std::function<void()> wake) {
    wake_ = std::move(wake);
    if (requested_ && wake_) wake_();
  }

 private:
  std::function<void()> wake_;
  bool requested_ = false;
};

/// A wake-up that is registered for as long as this lives. Without a Cancel it does nothing.
class OnCancel {
 public:
  OnCancel(Cancel* cancel, std::function<void()> wake) : cancel_(cancel) {
    if (cancel_) cancel_->on_request(std::move(wake));
  }
  ~OnCancel() {
    if (cancel_) cancel_->on_request({});
  }
  OnCancel(const OnCancel&) = delete;
  OnCancel& operator=(const OnCancel&) = delete;

  bool requested() const noexcept { return cancel_ && cancel_->requested(); }

 private:
  Cancel* cancel_;
};

}  // namespace forebay::io
