#include "tier/redis_topology.hpp"

#include <utility>

#include "tier/redis_node.hpp"

namespace forebay::tier {
namespace {

using std::chrono::milliseconds;

class OneServer final : public RedisTopology {
 public:
  OneServer(const std::shared_ptr<RedisTarget>& target, const RedisClient::Dependencies& dependencies)
      : node_(std::make_shared<RedisNode>(target, target->url().hosts.front(), dependencies)) {}
  ~OneServer() override { node_->close(); }

  io::Awaitable<Result<RedisReplies>> call(RedisBatchPtr batch, milliseconds limit,
                                           io::Cancel* cancel) override {
    return node_->call(std::move(batch), limit, cancel);
  }
  io::Awaitable<RedisConnection::Opened> open(std::optional<std::uint16_t>, milliseconds limit,
                                              io::Cancel* cancel) override {
    return node_->open(limit, cancel);
  }
  std::vector<RedisNodeState> states() const override { return {node_->state()}; }

 private:
  const std::shared_ptr<RedisNode> node_;
};

}  // namespace

std::unique_ptr<RedisTopology> make_redis_topology(std::shared_ptr<RedisTarget> target,
                                                   const RedisClient::Dependencies& dependencies) {
  return std::make_unique<OneServer>(target, dependencies);
}

}  // namespace forebay::tier
