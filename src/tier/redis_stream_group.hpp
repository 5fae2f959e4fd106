// A Redis Stream, read as one of a group: each entry goes to one of its consumers, and is kept for it until
// that has acknowledged it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/clock.hpp"
#include "tier/redis_listener.hpp"

namespace forebay::tier {

/// Makes the stream and the group where they are missing; a new group begins with what the stream has. Takes
/// over what consumers that are gone have left. An entry may come more than once: when the connection was
/// lost before it was acknowledged, or when it took longer than `claim_after`. Not thread-safe: lives on the
/// client's executor.
class RedisStreamGroup final : public RedisListener {
 public:
  struct Settings {
    std::string stream;
    std::string group;
    std::string consumer;         // unlike any other's
    std::string field = "event";  // of entries, that is handed on
    /// What a consumer has had for so long is another's; for less, it is at work.
    std::chrono::milliseconds claim_after = std::chrono::seconds(60);
    /// A consumer that has nothing and has asked for nothing for so long is gone.
    std::chrono::milliseconds forget_after = std::chrono::hours(1);
  };
  struct Handlers {
    /// An entry's field, or why there is none; called on the executor. The views are good during the call.
    std::function<void(std::string_view id, const Result<std::string_view>& text)> take;
    /// Completes with true when all that has been taken may be acknowledged; false leaves it to others.
    std::function<io::Awaitable<bool>()> settle;
  };
  RedisStreamGroup(const Dependencies& dependencies, Settings settings, Handlers handlers);

 private:
  io::Awaitable<MaybeError> use(std::shared_ptr<RedisConnection> connection) override;
  io::Awaitable<MaybeError> begin(RedisConnection& connection);
  io::Awaitable<MaybeError> pass_over(RedisConnection& connection);
  io::Awaitable<MaybeError> claim(RedisConnection& connection);
  io::Awaitable<MaybeError> forget_gone(RedisConnection& connection);
  io::Awaitable<MaybeError> read_own(RedisConnection& connection);
  /// Completes with how many there were. `from`: "0" for what it was given before, ">" for what is new.
  io::Awaitable<Result<std::size_t>> read(RedisConnection& connection, std::string_view from);
  bool take(const RedisReply& entry);
  io::Awaitable<MaybeError> acknowledge(RedisConnection& connection);
  void note_failure(const Error& error) noexcept;
  RedisCommand about(std::string_view command, std::string_view sub = {}) const;

  const Settings settings_;
  const Handlers handlers_;
  std::vector<std::string> taken_;  // ids, until they are acknowledged
  std::int64_t batch_;              // entries at a time
  bool oversized_ = false;          // the first one it was given is too large to be read
  SteadyTime claim_at_{};
};

}  // namespace forebay::tier
