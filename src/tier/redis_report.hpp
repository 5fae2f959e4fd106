// What Redis has that cannot be used, and what it refuses: told in the log now and then.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "entry_envelope.hpp"
#include "forebay/base/clock.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/observe/rare_line.hpp"

namespace forebay::tier {

/// Lives on one worker. Both outlive it.
class RedisReport {
 public:
  /// At most one line in this time: a broken Redis may be full of such records.
  static constexpr std::chrono::seconds kPause{10};

  RedisReport(observe::WorkerMetrics& metrics, observe::Log& log) noexcept
      : metrics_(metrics), line_(log, observe::Level::warning, kPause) {}

  /// Counted, too. `record`: its name in Redis, which tells no URL.
  void unusable(std::string_view record, EntryFault fault, SteadyTime now);
  /// `why`: Redis's own words.
  void refused(std::string_view what, std::string_view why, SteadyTime now);

 private:
  observe::WorkerMetrics& metrics_;
  observe::RareLine line_;
};

}  // namespace forebay::tier
