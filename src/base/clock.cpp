#include "forebay/base/clock.hpp"

#include <ctime>

namespace forebay {
namespace {

milliseconds read(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);  // fails only for a clock the kernel lacks; Linux has had both since 2.6.32
  return std::chrono::duration_cast<milliseconds>(seconds{now.tv_sec} +
                                                  std::chrono::nanoseconds{now.tv_nsec});
}

}  // namespace

WallTime SystemClock::now() const noexcept { return WallTime{read(CLOCK_REALTIME_COARSE)}; }

SteadyTime SystemClock::steady_now() const noexcept { return SteadyTime{read(CLOCK_MONOTONIC_COARSE)}; }

}  // namespace forebay
