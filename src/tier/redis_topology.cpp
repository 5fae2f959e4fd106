#include "tier/redis_topology.hpp"

#include <utility>

#include "tier/redis_cluster.hpp"
#include "tier/redis_node.hpp"
#include "tier/redis_sentinel.hpp"

namespace forebay::tier {
namespace {

using std::chrono::milliseconds;

class OneServer final : public RedisTopology {
 public:
  OneServer(const std::shared_ptr<RedisTarget>& target, const RedisClient::Dependencies& dependencies)
      : node_(std::make_shared<RedisNode>(target, target->url().hosts.front(), dependencies)) {}

  io::Awaitable<Result<RedisReplies>> call(RedisBatchPtr batch, milliseconds limit,
                                           io::Cancel* cancel) override {
    return node_->call(std::move(batch), limit, cancel);
  }
  io::Awaitable<RedisConnection::Opened> open(std::optional<std::uint16_t>, milliseconds limit,
                                              io::Cancel* cancel) override {
    return node_->open(limit, cancel);
  }
  std::vector<RedisNodeState> states() const override { return {node_->state()}; }
  void close() override { node_->close(fail(ErrorKind::cancelled)); }

 private:
  const std::shared_ptr<RedisNode> node_;
};

}  // namespace

std::shared_ptr<RedisTopology> make_redis_topology(std::shared_ptr<RedisTarget> target,
                                                   const RedisClient::Dependencies& dependencies) {
  switch (target->url().deployment) {
    case RedisDeployment::server: break;
    case RedisDeployment::sentinel: return std::make_shared<RedisSentinel>(std::move(target), dependencies);
    case RedisDeployment::cluster: return std::make_shared<RedisCluster>(std::move(target), dependencies);
  }
  return std::make_shared<OneServer>(target, dependencies);
}

}  // namespace forebay::tier
