// Redis for one worker: commands in, replies out, whichever way Redis is deployed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/result.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/deadline.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/tier/breaker.hpp"
#include "forebay/tier/redis_command.hpp"
#include "forebay/tier/redis_target.hpp"

namespace forebay::tier {

class RedisConnection;  // src/tier/redis_connection.hpp
class RedisTopology;    // src/tier/redis_topology.hpp

using RedisReplies = std::vector<RedisReply>;

/// What one worker thinks of a node.
struct RedisNodeState {
  std::string address;
  BreakerState breaker = BreakerState::closed;
  bool connected = false;
};

/// Not thread-safe: lives on one worker. Connects when there is something to say, and again after a loss. All
/// that `dependencies` refer to outlives the io_context's work. Destruction ends what is under way.
///
/// Calls fail with redis_unavailable (no connection, or a breaker is open: at once), redis_timeout,
/// redis_busy (too much under way), redis_protocol, redis_error (Redis refused; the detail begins with its
/// code) and cancelled. A call that failed otherwise than by redis_error may have been carried out all the
/// same.
class RedisClient {
 public:
  struct Dependencies {
    io::Executor executor;
    io::Sweep& sweep;
    observe::WorkerMetrics& metrics;
    observe::Log& log;
    std::function<double()> chance;  // from [0, 1): when nodes are probed; nothing for a generator of its own
    RedisReplyLimits reply_limits{};
  };
  struct Limits {
    std::chrono::milliseconds time{0};  // until the reply is there; 0: the configured timeout
    io::Cancel* cancel = nullptr;       // outlives the call
  };

  RedisClient(std::shared_ptr<RedisTarget> target, const Dependencies& dependencies);
  ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  /// Completes with the reply. When the time is up or it is cancelled, the reply is dropped once it comes.
  io::Awaitable<Result<RedisReply>> call(RedisCommand command, Limits limits);
  io::Awaitable<Result<RedisReply>> call(RedisCommand command);
  /// All commands in one go on one connection, one after the other though others may come between; in a
  /// cluster the first one with a key chooses the node. A command that Redis refuses is an error among the
  /// replies and stops nothing. Not empty.
  io::Awaitable<Result<RedisReplies>> call_all(std::vector<RedisCommand> commands, Limits limits);
  io::Awaitable<Result<RedisReplies>> call_all(std::vector<RedisCommand> commands);

  /// A connection of one's own, logged in, to the node that has the key ("": to any): for what blocks or
  /// subscribes. Is not counted by the breaker. `limits.time` 0: the configured time to connect.
  io::Awaitable<Result<std::shared_ptr<RedisConnection>>> open(std::string key, Limits limits);

  /// Every node known; with Sentinel the master.
  std::vector<RedisNodeState> states() const;
  /// False while any node is left alone: calls may fail at once.
  bool is_available() const;

  const RedisTarget& target() const noexcept { return *target_; }

 private:
  const std::shared_ptr<RedisTarget> target_;
  const Dependencies dependencies_;
  const std::shared_ptr<RedisTopology> topology_;
};

}  // namespace forebay::tier
