// What a node has in common with the others that share its Redis: the invalidation log, and for each worker
// the Redis tier behind memory.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/base/result.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/headers.hpp"
#include "forebay/io/asio.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/deadline.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/tier/log_follower.hpp"
#include "forebay/tier/memory_tier.hpp"
#include "forebay/tier/redis_target.hpp"
#include "forebay/tier/redis_tier.hpp"
#include "forebay/tier/settings.hpp"
#include "forebay/tier/shared_flights.hpp"
#include "forebay/tier/shared_log.hpp"
#include "forebay/tier/unled_requests.hpp"

namespace forebay::tier {

/// One in a process. Thread-safe but for start() and stop(); follows the log on an executor of its own.
class Cluster {
 public:
  struct Dependencies {
    io::Executor executor;
    MemoryTier& memory;
    const Clock& clock;
    observe::Log& log;
  };
  /// Fails with invalid_value for settings that cannot be used. All that `dependencies` refer to outlives it.
  static Result<std::unique_ptr<Cluster>> make(const RedisSettings& settings,
                                               const Dependencies& dependencies);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// On the executor, or before that runs.
  void start();
  /// On the executor: what is under way ends soon after.
  void stop();
  /// True when nothing is under way any more.
  bool has_stopped() const noexcept { return follower_.use_count() == 1; }

  const RedisSettings& settings() const noexcept { return target_->settings(); }
  const std::shared_ptr<RedisTarget>& target() const noexcept { return target_; }
  const SharedLog& entries() const noexcept { return *entries_; }
  LogFollower& follower() noexcept { return *follower_; }
  const LogFollower& follower() const noexcept { return *follower_; }
  Budget& queue() noexcept { return queue_; }
  UnledRequests& unled() noexcept { return unled_; }
  /// Every node of Redis known, as it looks from there; with Sentinel the master. On the executor.
  std::vector<RedisNodeState> nodes() const;
  /// For clients of one's own on the executor, which go before stop() is over.
  RedisClient::Dependencies client_dependencies() noexcept { return {executor_, sweep_, metrics_, log_, {}}; }
  /// Of what is said to Redis there.
  const observe::WorkerMetrics& metrics() const noexcept { return metrics_; }

 private:
  Cluster(std::shared_ptr<RedisTarget> target, const Dependencies& dependencies);

  const std::shared_ptr<RedisTarget> target_;
  const io::Executor executor_;
  observe::Log& log_;
  observe::WorkerMetrics metrics_;
  io::Sweep sweep_;
  Budget queue_;  // of what waits to be written
  UnledRequests unled_;
  std::unique_ptr<RedisClient> client_;
  std::unique_ptr<SharedLog> entries_;
  std::shared_ptr<LogFollower> follower_;
};

/// The Redis tier as one worker uses it: what is found there comes into memory, and what is stored in memory
/// goes there. Not thread-safe; lives on the worker.
class SharedTier {
 public:
  struct Dependencies {
    Cluster& cluster;
    MemoryTier& memory;
    io::Executor executor;
    io::Sweep& sweep;
    const Clock& clock;
    observe::WorkerMetrics& metrics;
    observe::Log& log;
  };
  /// All that `dependencies` refer to outlives the io_context's work.
  explicit SharedTier(const Dependencies& dependencies);

  /// Completes with what the request selects in Redis if that may be used here and is newer than `known`,
  /// which may be nothing; it is in memory then, too, if there was room. Key and request outlive the
  /// operation.
  io::Awaitable<cache::StoredResponsePtr> find(cache::PrimaryKey key, const http::Fields& request,
                                               cache::StoredResponsePtr known, io::Cancel& cancel);
  /// To be called with what has been stored in memory: queues it for Redis. `keep`: the route's. Parts of
  /// representations stay here. `writing` is let go once it is there, or will not be.
  void store(const cache::StoredResponse& response, std::optional<std::chrono::seconds> keep,
             std::shared_ptr<Writing> writing = {});

  /// True if other nodes may have purged what this one does not know of, and that for too long.
  bool is_cut_off() const noexcept { return to_.cluster.follower().is_cut_off(); }
  /// True when nothing waits to be written.
  bool is_idle() const noexcept { return tier_.is_idle() && flights_.is_idle(); }

  SharedFlights& flights() noexcept { return flights_; }
  const SharedLog& entries() const noexcept { return to_.cluster.entries(); }

 private:
  cache::StoredResponsePtr own_copy(const cache::StoredResponse& found, cache::Position position) const;

  const Dependencies to_;
  RedisClient client_;
  RedisTier tier_;
  SharedFlights flights_;
};

}  // namespace forebay::tier
