// The admin listener: /metrics, /livez, /readyz, /purge, /events. Runs on one io_context of its own, away
// from the workers.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "forebay/admin/settings.hpp"
#include "forebay/base/result.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/proxy/event_sink.hpp"
#include "forebay/proxy/purge_order.hpp"

namespace forebay::admin {

/// One thing readiness depends on.
struct Readiness {
  std::string name;  // "listeners", "upstream app"
  bool ready = false;
  std::string detail;  // why not; may be empty
};

/// How far a purge has come among the nodes that share a Redis.
struct Spread {
  bool known = false;       // the rest is
  bool everywhere = false;  // all live nodes have carried it out
  std::vector<std::string> missing;
};

/// What the admin server asks the daemon for; called on the admin thread.
struct AdminSources {
  std::function<std::string()> metrics;  // Prometheus text
  std::function<std::vector<Readiness>()> readiness;
  /// Begins a purge, or a dry run. Fails with invalid_value.
  std::function<Result<std::unique_ptr<proxy::Purging>>(const proxy::PurgeOrder&, proxy::Purging::Run)> purge;
  std::function<proxy::EventResult(const boost::json::value&)> event;  // purges what an event says
  /// Begins to wait until all nodes have carried out what has been purged here; known after `limit` at the
  /// latest. Nothing: this node is alone.
  std::function<std::shared_ptr<const Spread>(std::chrono::milliseconds limit)> spread;
  std::function<bool()> is_out_of_touch;  // other nodes will hear only later of what is purged now
};

/// What one client may cost. Not for operators: tests shorten them.
struct AdminLimits {
  std::chrono::milliseconds deadline{
      10'000};                          // to receive a request, waiting for it included; to take its response
  std::size_t connections = 64;         // more are accepted and closed at once
  std::uint32_t head_bytes = 8 * 1024;  // 431
  std::uint64_t body_bytes = 64 * 1024;  // 413
};

class AdminServer {
 public:
  /// Binds at once; fails with system_failure naming the address, or invalid_value when it is none.
  /// `context`, `log` and what the sources reach must outlive the server.
  static Result<std::unique_ptr<AdminServer>> start(boost::asio::io_context& context,
                                                    const AdminSettings& settings, AdminSources sources,
                                                    observe::Log& log, const AdminLimits& limits = {});
  /// Stops.
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// The port it listens on: what port 0 became; 0 for a Unix socket.
  std::uint16_t port() const noexcept;
  /// From any thread. Closes the listener and every connection (on the context's thread, at once when called
  /// there); when it returns no handler touches the sources or the log any more.
  void stop();

 private:
  class Impl;
  explicit AdminServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // shared with the coroutines on the context
};

}  // namespace forebay::admin
