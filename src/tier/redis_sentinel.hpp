// A master that sentinels watch over: calls go to whoever is the master now.
//
// The sentinels are asked in turn, and what they say is not taken on trust: a node counts as the master when
// it says so itself (ROLE), at every connection. They are asked again, at most once a second, when a call
// fails, when the master answers that it takes no writes, and before a connection of somebody's own is
// opened.
#pragma once

#include <optional>
#include <string>

#include "tier/redis_node.hpp"
#include "tier/redis_topology.hpp"
#include "tier/waiters.hpp"

namespace forebay::tier {

class RedisSentinel final : public RedisTopology {
 public:
  static constexpr std::chrono::milliseconds kBetweenSearches{1'000};

  RedisSentinel(std::shared_ptr<RedisTarget> target, const RedisClient::Dependencies& dependencies);

  io::Awaitable<Result<RedisReplies>> call(RedisBatchPtr batch, std::chrono::milliseconds limit,
                                           io::Cancel* cancel) override;
  io::Awaitable<RedisConnection::Opened> open(std::optional<std::uint16_t> slot,
                                              std::chrono::milliseconds limit, io::Cancel* cancel) override;
  std::vector<RedisNodeState> states() const override;
  void close() override;

 private:
  io::Awaitable<void> search();
  io::Awaitable<Result<RedisAddress>> ask(RedisAddress sentinel);
  io::Awaitable<std::optional<Error>> verify(RedisAddress candidate);
  void start_search();
  void adopt(const RedisAddress& master);
  void report(const Error& failure);
  RedisConnection::Setup setup(RedisAddress address, RedisLogin login) const;
  Error no_master() const;
  SteadyTime now() const noexcept { return dependencies_.sweep.now(); }

  const std::shared_ptr<RedisTarget> target_;
  const RedisClient::Dependencies dependencies_;
  std::shared_ptr<RedisNode> master_;
  std::vector<RedisAddress> sentinels_;  // the one that answered last comes first
  std::optional<SteadyTime> searched_at_;
  std::optional<Error> failure_;  // of the last search
  Waiters waiters_;               // for the search under way
  io::Cancel stop_;
  bool searching_ = false;
};

}  // namespace forebay::tier
