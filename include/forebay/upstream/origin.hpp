// A named upstream: its servers, where they are, and how many requests each may have under way. Shared by all
// workers.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/result.hpp"
#include "forebay/io/asio.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/upstream/refresh_budget.hpp"
#include "forebay/upstream/settings.hpp"

namespace forebay::upstream {

/// "http://host:port", "https://host:port" or "unix:/path", taken apart.
struct ServerAddress {
  bool tls = false;
  bool unix_socket = false;
  std::string host;  // without brackets; the path for a Unix socket
  std::uint16_t port = 0;

  /// The value Host gets when the client sent none, and the name in logs: "host:port" or "unix:/path".
  std::string text() const;
};
/// Fails with invalid_value and the reason.
Result<ServerAddress> parse_server(std::string_view text);

using Endpoint = boost::asio::generic::stream_protocol::endpoint;
using Endpoints = std::vector<Endpoint>;

class Quota;  // requests under way to one server, over all workers

/// One server of an upstream. Thread-safe.
class Server {
 public:
  Server(ServerAddress address, std::uint32_t max_connections, std::uint32_t max_queue);
  ~Server();

  const ServerAddress& address() const noexcept { return address_; }
  /// The last good resolution; nothing before the first one.
  std::shared_ptr<const Endpoints> endpoints() const;
  void set_endpoints(std::shared_ptr<const Endpoints> endpoints);
  Quota& quota() noexcept { return *quota_; }

 private:
  ServerAddress address_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Endpoints> endpoints_;  // guarded by mutex_
  std::unique_ptr<Quota> quota_;
};

/// Chooses a server for a request. Thread-safe. Round robin for now; the interface leaves room for others.
class Balancer {
 public:
  virtual ~Balancer() = default;
  /// Index of the server to try; `attempt` counts from 0, later attempts avoid the servers tried before.
  virtual std::size_t choose(std::size_t servers, std::size_t attempt) = 0;
};
std::unique_ptr<Balancer> round_robin();

/// Immutable but for what the servers learn; one per named upstream and configuration. Thread-safe.
class Upstream : public std::enable_shared_from_this<Upstream> {
 public:
  /// Fails with invalid_value for an address or a CA file that cannot be read.
  static Result<std::shared_ptr<Upstream>> make(const UpstreamSettings& settings);

  const UpstreamSettings& settings() const noexcept { return settings_; }
  const std::string& name() const noexcept { return settings_.name; }
  std::vector<std::unique_ptr<Server>>& servers() noexcept { return servers_; }
  Balancer& balancer() noexcept { return *balancer_; }
  RefreshBudget& refreshes() noexcept { return refreshes_; }
  /// Client context for HTTPS servers; nothing when no server uses TLS.
  boost::asio::ssl::context* tls() noexcept { return tls_ ? &*tls_ : nullptr; }

  /// Resolves all names once now and again every resolve_interval on `context`, until the Upstream is gone
  /// (noticed at the next look-up) or stop() is called there. A failed look-up keeps the last good endpoints
  /// and is logged once per change. `log` outlives `context`'s work.
  void keep_resolving(boost::asio::io_context& context, observe::Log& log);
  void stop();

 private:
  explicit Upstream(const UpstreamSettings& settings);
  class Resolving;

  UpstreamSettings settings_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::unique_ptr<Balancer> balancer_;
  RefreshBudget refreshes_;
  std::optional<boost::asio::ssl::context> tls_;
  std::shared_ptr<Resolving> resolving_;
};

}  // namespace forebay::upstream
