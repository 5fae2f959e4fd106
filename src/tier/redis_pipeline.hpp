// Many calls at once on one connection: what is said while a write is under way goes out with the next one,
// and replies go to the calls in their order (Redis answers a connection's commands one after the other).
//
// A call that is given up leaves its place in the order: its reply is dropped when it comes. When too many
// such replies are outstanding, or the oldest call has waited for far too long, nothing good is to be
// expected of the connection any more, and it is closed.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "forebay/io/signal.hpp"
#include "forebay/tier/redis_client.hpp"
#include "tier/redis_connection.hpp"

namespace forebay::tier {

/// Commands that go to one node, in one go. Shared by the call, which may send it again elsewhere, and the
/// write under way, which may outlive the call.
struct RedisBatch {
  explicit RedisBatch(std::vector<RedisCommand> all);

  std::vector<RedisCommand> commands;
  std::size_t size_bytes = 0;
  std::optional<std::uint16_t> slot;  // of the first command with a key
};
using RedisBatchPtr = std::shared_ptr<const RedisBatch>;

/// Lives on one worker; shared with its own reading and writing, which keep it until it is closed.
class RedisPipeline : public std::enable_shared_from_this<RedisPipeline> {
 public:
  struct Limits {
    std::size_t calls = 1024;              // that wait for their replies
    std::size_t unsent_bytes = 16U << 20;  // beyond one call, which may be of any size
    std::size_t dropped = 256;             // replies to calls that were given up
    std::chrono::milliseconds stall{1'000};
  };
  RedisPipeline(std::shared_ptr<RedisConnection> connection, const Limits& limits, io::Executor executor);

  void start();
  /// Completes with all replies. Fails with redis_unavailable, redis_timeout, redis_busy, redis_protocol or
  /// cancelled.
  io::Awaitable<Result<RedisReplies>> call(RedisBatchPtr batch, std::chrono::milliseconds limit,
                                           io::Cancel* cancel);
  bool is_open() const noexcept { return !end_; }
  /// Why it is closed; nothing while it is open.
  const std::optional<Error>& end() const noexcept { return end_; }
  /// Fails whatever waits.
  void close(Error why);

 private:
  struct Pending {
    RedisBatchPtr batch;
    std::shared_ptr<io::Signal> signal;
    std::chrono::milliseconds limit;
    RedisReplies replies{};
    std::size_t received = 0;
    std::optional<Error> failure{};
    bool done = false;
    bool dropped = false;
  };
  using PendingPtr = std::shared_ptr<Pending>;

  io::Awaitable<void> read_all();
  io::Awaitable<void> write_all();
  bool take(RedisReply reply);
  void give_up(const PendingPtr& pending);
  bool is_full(const RedisBatch& batch) const noexcept;
  void watch_oldest() noexcept;

  const std::shared_ptr<RedisConnection> connection_;
  const Limits limits_;
  const io::Executor executor_;
  const std::shared_ptr<io::Signal> more_to_send_;
  std::deque<PendingPtr> waiting_;  // for replies, the oldest first
  std::deque<PendingPtr> unsent_;   // the youngest of them
  std::size_t unsent_bytes_ = 0;
  std::size_t dropped_ = 0;  // in waiting_
  std::optional<Error> end_;
};

}  // namespace forebay::tier
