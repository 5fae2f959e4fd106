// One worker's way to one Redis node: a pipelined connection on demand, and a breaker that leaves the node
// alone when it does not answer.
//
// While the breaker is not closed no call gets further than it, and a coroutine of the node's own makes the
// probes: it connects anew and pings. Nobody's request is spent on finding out, and a node that nobody asks
// recovers all the same. The breaker's pauses are drawn at random by each worker, and are the back-off
// between attempts to connect: there are no others.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forebay/tier/breaker.hpp"
#include "forebay/tier/redis_client.hpp"
#include "tier/redis_pipeline.hpp"
#include "tier/waiters.hpp"

namespace forebay::tier {

/// Lives on one worker; shared with its own coroutines. close() it before letting go.
class RedisNode : public std::enable_shared_from_this<RedisNode> {
 public:
  static constexpr std::chrono::milliseconds kReconnectSpread{200};

  RedisNode(std::shared_ptr<RedisTarget> target, RedisAddress address,
            const RedisClient::Dependencies& dependencies, RedisLogin login = RedisLogin::node);
  ~RedisNode();

  io::Awaitable<Result<RedisReplies>> call(RedisBatchPtr batch, std::chrono::milliseconds limit,
                                           io::Cancel* cancel);
  /// A connection of the asker's own.
  io::Awaitable<RedisConnection::Opened> open(std::chrono::milliseconds limit, io::Cancel* cancel);
  /// Ends everything, for good; calls fail with `why`.
  void close(Error why);

  const RedisAddress& address() const noexcept { return address_; }
  RedisNodeState state() const;

 private:
  using Outcome = Result<RedisReplies>;
  enum class Verdict : std::uint8_t { good, bad, none };
  using Pipeline = std::shared_ptr<RedisPipeline>;

  io::Awaitable<Result<Pipeline>> connected(std::chrono::milliseconds limit, io::Cancel* cancel);
  io::Awaitable<void> connect();
  std::chrono::milliseconds spread() const;
  io::Awaitable<void> recover();
  io::Awaitable<void> probe(Breaker::Ticket ticket);
  void judge(Breaker::Ticket ticket, const Outcome& outcome, SteadyTime since,
             std::chrono::milliseconds limit);
  Verdict verdict(const Outcome& outcome, std::chrono::milliseconds limit) const;
  Error reason(const Outcome& outcome) const;
  void update(BreakerState before, const Error& why);
  RedisConnection::Setup setup() const;
  SteadyTime now() const noexcept { return dependencies_.sweep.now(); }

  const std::shared_ptr<RedisTarget> target_;
  const RedisAddress address_;
  const RedisClient::Dependencies dependencies_;
  const RedisLogin login_;
  Breaker breaker_;
  Pipeline pipeline_;
  std::optional<Error> connect_failure_;
  Error left_alone_;                                  // what calls fail with while the breaker is not closed
  Waiters waiters_;                                   // for the connection that is being made
  const std::shared_ptr<io::Signal> pause_;           // between probes
  const std::shared_ptr<io::Signal> before_connect_;  // after a loss
  io::Cancel stop_;
  Error closed_;  // what calls fail with after close()
  bool connecting_ = false;
  bool recovering_ = false;
};

}  // namespace forebay::tier
