// Redis Cluster: keys go to the node that has their slot.
//
// The map of slots comes from CLUSTER SLOTS of whichever node answers. It is asked for at the first call, and
// again, at most once a second, when a node says that a slot has moved or does not answer: that is how a
// fail-over is noticed. A MOVED takes effect for its slot at once; an ASK for the one command.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tier/redis_node.hpp"
#include "tier/redis_slot_map.hpp"
#include "tier/redis_topology.hpp"
#include "tier/waiters.hpp"

namespace forebay::tier {

class RedisCluster final : public RedisTopology {
 public:
  static constexpr std::chrono::milliseconds kBetweenRefreshes{1'000};
  static constexpr int kMaxRedirections = 5;

  RedisCluster(std::shared_ptr<RedisTarget> target, const RedisClient::Dependencies& dependencies);

  io::Awaitable<Result<RedisReplies>> call(RedisBatchPtr batch, std::chrono::milliseconds limit,
                                           io::Cancel* cancel) override;
  io::Awaitable<RedisConnection::Opened> open(std::optional<std::uint16_t> slot,
                                              std::chrono::milliseconds limit, io::Cancel* cancel) override;
  std::vector<RedisNodeState> states() const override;
  void close() override;

 private:
  using Node = std::shared_ptr<RedisNode>;
  using Outcome = Result<RedisReplies>;

  io::Awaitable<bool> know_slots(std::chrono::milliseconds limit, io::Cancel* cancel);
  io::Awaitable<void> refresh();
  io::Awaitable<bool> ask_for_slots(Node node);
  void start_refresh();
  void adopt(RedisSlotMap map);
  std::vector<Node> informants();

  io::Awaitable<Outcome> follow(Node node, RedisBatchPtr batch, SteadyTime end, io::Cancel* cancel);
  void heed(const RedisRedirection& redirection);
  Node node_for(std::optional<std::uint16_t> slot);
  Node node_at(const RedisAddress& address);
  SteadyTime now() const noexcept { return dependencies_.sweep.now(); }
  std::chrono::milliseconds left(SteadyTime end) const noexcept;

  const std::shared_ptr<RedisTarget> target_;
  const RedisClient::Dependencies dependencies_;
  std::map<std::string, Node> nodes_;  // by address
  std::optional<RedisSlotMap> slots_;
  std::optional<SteadyTime> refreshed_at_;  // begun
  Waiters waiters_;                         // for the refresh under way
  bool refreshing_ = false;
  bool closed_ = false;
};

}  // namespace forebay::tier
