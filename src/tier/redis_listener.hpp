// Whoever waits on a connection of its own for what Redis has to say: reads that block, and subscriptions.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "forebay/io/cancel.hpp"
#include "forebay/io/signal.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/tier/redis_client.hpp"
#include "tier/redis_connection.hpp"

namespace forebay::tier {

/// Opens its connection again whenever it is lost, after pauses that grow from the breaker's min_pause to its
/// max_pause. Not thread-safe: lives on the client's executor, shared with its own work.
class RedisListener : public std::enable_shared_from_this<RedisListener> {
 public:
  struct Dependencies {
    io::Executor executor;
    RedisClient& client;  // of the same executor
    observe::Log& log;
  };
  virtual ~RedisListener() = default;
  RedisListener(const RedisListener&) = delete;
  RedisListener& operator=(const RedisListener&) = delete;

  /// Once. Keeps itself until stop(), before which nothing of `dependencies` goes.
  void start();
  /// Closes the connection; what is under way ends soon after. For good.
  virtual void stop();

 protected:
  using MaybeError = std::optional<Error>;

  /// `key`: its node of a cluster is listened to; "": any, another at each attempt. `complaint` precedes the
  /// reason in the log when there is no connection, or none any more: "the channel x cannot be heard: ".
  RedisListener(const Dependencies& dependencies, std::string key, std::string complaint);

  /// Completes when the connection is of no use any more. Nothing for what is not worth a line.
  virtual io::Awaitable<MaybeError> use(std::shared_ptr<RedisConnection> connection) = 0;
  /// To be called by use() when all is well: pauses begin anew, and so do complaints.
  void note_well();
  bool is_stopping() const noexcept { return stop_.requested(); }
  const Dependencies& to() const noexcept { return to_; }
  /// Waits so long, or until stop().
  io::Awaitable<void> rest(std::chrono::milliseconds time);

 private:
  io::Awaitable<void> keep();
  void complain(const Error& error);
  std::chrono::milliseconds next_pause();
  std::string next_key();

  const Dependencies to_;
  const std::string key_;
  const std::string complaint_;
  const std::shared_ptr<io::Signal> pause_;
  std::shared_ptr<RedisConnection> connection_;
  io::Cancel stop_;
  std::chrono::milliseconds last_pause_{0};
  std::string last_complaint_;
  std::minstd_rand random_{std::random_device()()};
};

}  // namespace forebay::tier
