// The composition root: builds every part from a configuration, owns the threads, carries out reload and
// drain.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/base/result.hpp"
#include "forebay/config/config.hpp"

namespace forebay::app {

/// One running forebay. start(), reload() and drain() are called from one thread; the request path runs on
/// the threads it owns. Destruction stops at once.
class Daemon {
 public:
  /// Binds all listeners and starts the workers. Fails with what could not be had. `clock` outlives it.
  static Result<std::unique_ptr<Daemon>> start(const config::Config& config, const Clock& clock);
  ~Daemon();

  /// Takes over a new configuration: routes, upstreams, limits, timeouts, logs, memory size and listen
  /// addresses at once and for every request that begins from now on; workers, the admin address and the
  /// access log's file need a restart (returned as sentences). On failure nothing has changed.
  Result<std::vector<std::string>> reload(const config::Config& config);
  /// Stops accepting, lets exchanges end within `drain_timeout`, then stops. True if everything ended by
  /// itself.
  bool drain();
  /// Opens log files anew.
  void reopen_logs();

  /// TCP ports in the order of `listen` (0 for Unix sockets).
  std::vector<std::uint16_t> ports() const;
  std::uint16_t admin_port() const;  // 0 without an admin listener
  std::string metrics() const;
  unsigned workers() const noexcept;
  /// For tests: bytes charged to the memory budget, and flights under way.
  std::uint64_t memory_used() const;
  std::size_t flights() const;

 private:
  class Impl;
  explicit Daemon(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The CPUs that the process may use: its affinity mask and the cgroup's quota (v2 and v1), rounded up; at
/// least 1.
unsigned available_cpus();

}  // namespace forebay::app
