// What one worker's flights with other nodes have in common.
#pragma once

#include <memory>
#include <unordered_set>

#include "flight_wakeups.hpp"
#include "forebay/tier/shared_flights.hpp"
#include "redis_report.hpp"

namespace forebay::tier {

/// Shared by the flights, which may outlive the client: after close() nothing is asked of Redis.
struct FlightNode {
  FlightNode(const RedisSettings& redis, const SharedFlights::Dependencies& dependencies)
      : settings(redis),
        to(dependencies),
        report(to.metrics, to.log),
        channel(settings.name_space + ":flights"),
        wakeups(std::make_shared<FlightWakeups>(RedisListener::Dependencies{to.executor, to.client, to.log},
                                                channel)) {}

  using Replies = Result<RedisReplies>;
  io::Awaitable<Replies> call(std::vector<RedisCommand> commands, io::Cancel* cancel) {
    if (closed) co_return fail(ErrorKind::cancelled);
    auto replies = co_await to.client.call_all(std::move(commands), {std::chrono::milliseconds{0}, cancel});
    co_return replies;
  }
  void count(observe::ClusterFlight event) {
    to.metrics.redis_flights[static_cast<std::size_t>(event)].add();
  }

  const RedisSettings settings;
  const SharedFlights::Dependencies to;
  RedisReport report;
  const std::string channel;  // for messages
  const std::shared_ptr<FlightWakeups> wakeups;
  std::unordered_set<LedFlight*> led;  // whose coroutines run
  bool closed = false;
};

/// Takes a lease back from Redis, if it still is ours.
RedisCommand release_lease(std::string_view name, std::string_view lease);

}  // namespace forebay::tier
