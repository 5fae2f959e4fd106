// How calls find their node: what one server, Sentinel and Redis Cluster do differently.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "forebay/tier/redis_client.hpp"
#include "tier/redis_connection.hpp"
#include "tier/redis_pipeline.hpp"

namespace forebay::tier {

/// Lives on one worker; shared with what is under way. close() it before letting go.
class RedisTopology : public std::enable_shared_from_this<RedisTopology> {
 public:
  virtual ~RedisTopology() = default;

  virtual io::Awaitable<Result<RedisReplies>> call(RedisBatchPtr batch, std::chrono::milliseconds limit,
                                                   io::Cancel* cancel) = 0;
  /// A connection of its own to the node for a slot, or to any.
  virtual io::Awaitable<RedisConnection::Opened> open(std::optional<std::uint16_t> slot,
                                                      std::chrono::milliseconds limit,
                                                      io::Cancel* cancel) = 0;
  virtual std::vector<RedisNodeState> states() const = 0;
  /// Ends what is under way with `cancelled`, for good.
  virtual void close() = 0;
};

/// For the deployment that the target's URL names.
std::shared_ptr<RedisTopology> make_redis_topology(std::shared_ptr<RedisTarget> target,
                                                   const RedisClient::Dependencies& dependencies);

}  // namespace forebay::tier
