// Named points that order threads in tests, so that no test has to sleep.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace forebay::test {

/// Thread-safe. Whoever comes to a closed gate waits until it is opened; an open gate stays open until it is
/// closed.
class Gate {
 public:
  static constexpr std::chrono::seconds kPatience{20};

  void open() { set_open(true); }
  void close() { set_open(false); }
  /// Lets everybody through who waits now or comes later, also when it is closed again.
  void retire() {
    const std::lock_guard lock(mutex_);
    retired_ = true;
    changed_.notify_all();
  }

  /// Waits until the gate is open; false when that takes longer than a test should.
  bool pass() {
    return pass_unless([] { return false; });
  }
  /// The same, but gives up, with false, when it finds that `is_pointless()`.
  template <class Condition>
  bool pass_unless(Condition is_pointless) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    while (!changed_.wait_for(lock, std::chrono::milliseconds(10), [&] { return open_ || retired_; })) {
      if (is_pointless() || std::chrono::steady_clock::now() >= end) return false;
    }
    return true;
  }
  /// Waits until `count` have come to the gate since the beginning, whether they had to wait or not.
  bool wait_for_arrivals(std::size_t count = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return arrived_ >= count; });
  }

 private:
  void set_open(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t arrived_ = 0;
  bool open_ = false;
  bool retired_ = false;
};

/// Gates by name, made when first asked for. Thread-safe.
class Gates {
 public:
  Gate& operator[](const std::string& name) {
    const std::lock_guard lock(mutex_);
    auto& gate = gates_[name];
    if (retired_) gate.retire();
    return gate;
  }
  void retire() {
    const std::lock_guard lock(mutex_);
    retired_ = true;
    for (auto& [name, gate] : gates_) gate.retire();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Gate> gates_;
  bool retired_ = false;
};

}  // namespace forebay::test
