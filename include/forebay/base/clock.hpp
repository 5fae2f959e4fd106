// Time as a parameter: rules take a WallTime, only the edges own a Clock.
#pragma once

#include <chrono>

namespace forebay {

/// Wall-clock time to the millisecond: what HTTP dates and ages are computed with.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// Monotonic time to the millisecond: what timeouts are computed with. Never compared with WallTime.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The one source of time. Thread-safe: every worker reads the same clock.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const noexcept = 0;
  virtual SteadyTime steady_now() const noexcept = 0;
};

/// The kernel's coarse clocks: a few nanoseconds a read, exact to one scheduler tick (1-4 ms).
class SystemClock final : public Clock {
 public:
  WallTime now() const noexcept override;
  SteadyTime steady_now() const noexcept override;
};

}  // namespace forebay
