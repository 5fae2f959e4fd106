// The two logs: what happened to the daemon (log) and what was asked (access log). spdlog stands behind this
// fence.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "forebay/observe/access_record.hpp"
#include "forebay/observe/settings.hpp"

namespace forebay::observe {

/// Thread-safe. Messages go to standard error at once; access lines are queued for a writer thread and never
/// block a worker. Destruction writes what is queued.
class Log {
 public:
  explicit Log(const LogSettings& settings);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool enabled(Level level) const noexcept;
  void write(Level level, std::string_view message);

  /// Asked before a record is even made: off costs one load.
  bool access_enabled() const noexcept;
  void access(const AccessRecord& record);
  std::uint64_t dropped_access_lines() const noexcept;

  /// Takes effect at once for level and format (reload); the file and queue stay as they were built.
  void reconfigure(const LogSettings& settings);
  /// Opens the access file anew (log rotation).
  void reopen();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace forebay::observe
