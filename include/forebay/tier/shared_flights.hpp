// Fetches that the nodes of a cluster share: for each key one node at a time asks the upstream.
//
// Model: who wants to fetch takes a lease in Redis and renews it while it fetches; the others follow what the
// holder tells in a Redis Stream (docs/redis-format.md). A lease that runs out is taken by one of those who
// follow. Redis is never trusted and never needed: whatever goes wrong, a node asks the upstream by itself.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include "forebay/base/clock.hpp"
#include "forebay/cache/kept_times.hpp"
#include "forebay/io/asio.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/tier/budget.hpp"
#include "forebay/tier/followed_flight.hpp"
#include "forebay/tier/led_flight.hpp"
#include "forebay/tier/memory_tier.hpp"
#include "forebay/tier/redis_client.hpp"
#include "forebay/tier/settings.hpp"

namespace forebay::tier {

/// Not thread-safe: lives on one worker. Destroyed before the client; what is under way then ends soon.
class SharedFlights {
 public:
  struct Dependencies {
    RedisClient& client;  // of the same worker
    MemoryTier& memory;   // whose budget is charged for what is read and sent
    Budget& queue;        // what waits to be written on all workers: RedisSettings::write_queue
    const Clock& clock;
    io::Executor executor;
    observe::WorkerMetrics& metrics;
    observe::Log& log;
  };
  /// All that `dependencies` refer to, but for the client, outlives the io_context's work.
  SharedFlights(const RedisSettings& settings, const Dependencies& dependencies);
  ~SharedFlights();
  SharedFlights(const SharedFlights&) = delete;
  SharedFlights& operator=(const SharedFlights&) = delete;

  /// Answers cannot be shared, for so long.
  struct Uncacheable {
    std::chrono::milliseconds time;
  };
  using Seat = std::variant<LedFlightPtr, std::unique_ptr<FollowedFlight>, Uncacheable, Error>;
  /// Takes the lease of the flight with this key, or a seat in the flight of whoever has it. `position`: the
  /// shared log's. An error: each is to fetch by itself.
  io::Awaitable<Seat> join(std::string key, cache::Position position, io::Cancel& cancel);

  /// Takes back what was said of the flight with this key, some time: an answer can be shared after all.
  void forget_uncacheable(const std::string& key);

  void count(observe::ClusterFlight event);
  /// False while Redis, or a node of it, is left alone: there may be no flights at all.
  bool is_available() const;
  /// True when no lease is held.
  bool is_idle() const noexcept;

 private:
  const std::shared_ptr<FlightNode> node_;
};

}  // namespace forebay::tier
