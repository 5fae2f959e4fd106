// Time that passes only when the test says so.
#pragma once

#include <atomic>
#include <chrono>

#include "forebay/base/clock.hpp"

namespace forebay::test {

/// Thread-safe. Starts on a round date, with both clocks standing still.
class ManualClock final : public Clock {
 public:
  WallTime now() const noexcept override { return WallTime(milliseconds(wall_.load())); }
  SteadyTime steady_now() const noexcept override { return SteadyTime(milliseconds(steady_.load())); }

  /// What a real clock does.
  void advance(milliseconds by) noexcept {
    advance_wall(by);
    advance_steady(by);
  }
  /// Stored responses age, no time-out comes nearer.
  void advance_wall(milliseconds by) noexcept { wall_ += by.count(); }
  /// Time-outs come nearer, nothing ages.
  void advance_steady(milliseconds by) noexcept { steady_ += by.count(); }

 private:
  std::atomic<milliseconds::rep> wall_{1'700'000'000'000};  // Tue, 14 Nov 2023 22:13:20 GMT
  std::atomic<milliseconds::rep> steady_{1'000'000'000};
};

}  // namespace forebay::test
