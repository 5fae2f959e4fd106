// Connections to one server that wait for their next request.
#pragma once

#include <memory>
#include <vector>

#include "forebay/io/deadline.hpp"
#include "forebay/io/stream.hpp"
#include "forebay/observe/metric_list.hpp"

namespace forebay::upstream {

/// A connection to a server, counted while it exists. Shared by whoever reads from it and whoever writes to
/// it, for the two may end at different times. Lives on one worker.
class Connection {
 public:
  Connection(std::unique_ptr<io::Stream> stream, observe::WorkerMetrics& metrics)
      : stream_(std::move(stream)), metrics_(metrics) {
    metrics_.upstream_connections_opened.add();
    metrics_.upstream_connections.add(1);
  }
  ~Connection() { metrics_.upstream_connections.add(-1); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  io::Stream& stream() noexcept { return *stream_; }
  /// True once it has come back to a pool: its peer may close it at any time without meaning harm.
  bool is_pooled() const noexcept { return pooled_; }
  void mark_pooled() noexcept { pooled_ = true; }

 private:
  std::unique_ptr<io::Stream> stream_;
  observe::WorkerMetrics& metrics_;
  bool pooled_ = false;
};

/// One worker's idle connections to one server. The one used last is used next, so that a load which shrinks
/// lets the others run out of time. Not thread-safe; lives on one worker; shared with a clean-up that may be
/// on its way.
class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
 public:
  struct Limits {
    std::size_t max_idle;
    std::chrono::milliseconds idle_timeout;
  };
  ConnectionPool(const io::Executor& executor, io::Sweep& sweep, const Limits& limits);

  /// An idle connection that still is one, or nothing.
  std::shared_ptr<Connection> take();
  /// Keeps a connection whose last answer was complete. Above max_idle the longest unused one is closed.
  void give_back(std::shared_ptr<Connection> connection);
  /// Closes all idle connections.
  void clear();
  /// Closes all idle connections, and from now on those that come back.
  void retire();
  std::size_t size() const noexcept { return idle_.size(); }

 private:
  struct Idle {
    std::shared_ptr<Connection> connection;
    SteadyTime since;
  };
  void clean_up();
  void schedule();

  io::Executor executor_;
  io::Sweep& sweep_;
  Limits limits_;
  std::vector<Idle> idle_;      // longest unused first
  io::Deadline next_clean_up_;  // armed while there are idle connections
};

}  // namespace forebay::upstream
