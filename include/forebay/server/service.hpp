// One worker's downstream side: its listeners and the connections it has.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "forebay/base/result.hpp"
#include "forebay/proxy/worker.hpp"
#include "forebay/server/settings.hpp"

namespace forebay::server {

/// The settings a request is served under; immutable, replaced by a reload.
struct ServiceSettings {
  Limits limits;
  Timeouts timeouts;
};

/// An address that is listened on: a bound socket per worker (SO_REUSEPORT), or one shared socket for a Unix
/// path. Made before the workers start, so that an address in use is an error at start-up. Thread-safe.
class ListenPoint {
 public:
  /// Fails with system_failure naming the address and the reason. A stale Unix socket file is replaced.
  static Result<std::shared_ptr<ListenPoint>> open(const ListenSettings& settings, unsigned workers);
  ~ListenPoint();

  const std::string& address() const noexcept { return settings_.address; }
  std::uint32_t max_connections() const noexcept { return max_connections_.load(std::memory_order_relaxed); }
  void set_max_connections(std::uint32_t limit) noexcept {
    max_connections_.store(limit, std::memory_order_relaxed);
  }
  /// The TCP port, also when 0 was asked for; 0 for a Unix socket.
  std::uint16_t port() const noexcept { return port_; }
  /// It is not listened on any more: the Unix socket's file goes now, not when the last connection does.
  /// Once, from the thread that opened it.
  void retire() noexcept;
  /// The listening descriptor of one worker, handed over once (a duplicate where it is shared); -1 when it
  /// was taken.
  int take_descriptor(unsigned worker);

  /// Connections open now, over all workers.
  std::atomic<std::uint32_t> connections{0};

 private:
  explicit ListenPoint(const ListenSettings& settings)
      : settings_(settings), max_connections_(settings.max_connections) {}

  const ListenSettings settings_;
  std::atomic<std::uint32_t> max_connections_;
  std::uint16_t port_ = 0;
  std::vector<int> descriptors_;
  std::string unix_path_;
};

/// Lives on one worker; not thread-safe. The worker outlives it, and its io_context must be run until the
/// connections are gone.
class Service {
 public:
  Service(proxy::Worker& worker, std::shared_ptr<const ServiceSettings> settings);
  ~Service();

  /// Starts accepting.
  void listen(const std::shared_ptr<ListenPoint>& point, unsigned worker_index);
  /// Stops accepting on points that are not in `kept`.
  void keep_only(const std::vector<std::shared_ptr<ListenPoint>>& kept);
  void adopt(std::shared_ptr<const ServiceSettings> settings);

  /// Stops accepting, closes idle connections, ends the others after the response they are sending.
  void drain();
  /// Closes every connection at once.
  void close_all();
  std::size_t connections() const noexcept;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace forebay::server
