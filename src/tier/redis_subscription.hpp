// What is published on channels of Redis, for as long as somebody wants to hear it.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tier/redis_listener.hpp"

namespace forebay::tier {

/// Subscribes, and does so again on a new connection whenever the old one is lost. What is published in
/// between is lost: Redis keeps nothing of it. A server that falls silent is noticed by a PING now and then.
/// Not thread-safe: lives on the client's executor.
class RedisSubscription final : public RedisListener {
 public:
  struct Handlers {
    /// A message; called on the executor, never after stop(). The views are good during the call.
    std::function<void(std::string_view channel, std::string_view message)> message;
    /// True: all channels are heard from now on. False: they are not any more. May be nothing.
    std::function<void(bool heard)> heard = {};
  };
  /// `channels`: at least one, names as they are. In a cluster whichever node: it hears them all. After twice
  /// `ping_every` without a word the connection is given up.
  RedisSubscription(const Dependencies& dependencies, std::vector<std::string> channels, Handlers handlers,
                    std::chrono::milliseconds ping_every = std::chrono::seconds(5));

  bool is_heard() const noexcept { return heard_; }

 private:
  io::Awaitable<MaybeError> use(std::shared_ptr<RedisConnection> connection) override;
  io::Awaitable<void> ping(std::shared_ptr<RedisConnection> connection, std::shared_ptr<io::Signal> over);
  io::Awaitable<MaybeError> listen(RedisConnection& connection);
  MaybeError take(const RedisReply& said);
  void set_heard(bool heard);

  const std::vector<std::string> channels_;
  const Handlers handlers_;
  const std::chrono::milliseconds ping_every_;
  std::size_t confirmed_ = 0;  // channels, on this connection
  bool heard_ = false;
};

}  // namespace forebay::tier
