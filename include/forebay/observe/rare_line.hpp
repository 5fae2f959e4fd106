// A log line that would come too often.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "forebay/base/clock.hpp"
#include "forebay/observe/log.hpp"

namespace forebay::observe {

/// Writes at most one line in some time, for what others may cause as often as they like; the next one tells
/// how many there would have been. Not thread-safe. The log outlives it.
class RareLine {
 public:
  RareLine(Log& log, Level level, std::chrono::seconds pause) noexcept
      : log_(log), level_(level), pause_(pause) {}

  void write(std::string line, SteadyTime now);

 private:
  Log& log_;
  const Level level_;
  const std::chrono::seconds pause_;
  SteadyTime quiet_until_ = SteadyTime::min();
  std::uint64_t untold_ = 0;
};

}  // namespace forebay::observe
