// Bytes from Redis to replies: hiredis' parser, made to build our replies and to keep within limits.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "forebay/base/result.hpp"
#include "forebay/tier/redis_command.hpp"

struct redisReader;

namespace forebay::tier {

/// Not thread-safe. What has been read of a reply stays in memory until it is complete, up to the limits.
class RedisReader {
 public:
  explicit RedisReader(const RedisReplyLimits& limits);
  ~RedisReader();
  RedisReader(const RedisReader&) = delete;
  RedisReader& operator=(const RedisReader&) = delete;

  /// Take all replies out before the next piece: what may wait is bounded by the piece and one reply.
  void feed(std::string_view bytes);
  /// The next complete reply, or nothing when more bytes are needed. Fails with redis_protocol, and stays
  /// failed, when the bytes are no RESP2 or exceed the limits.
  Result<std::optional<RedisReply>> next();

 private:
  struct Progress;
  struct Free {
    void operator()(redisReader* reader) const noexcept;
  };

  std::string_view unread() const noexcept;
  const char* fault_in_unread() const noexcept;
  Error broken(std::string_view why);

  std::unique_ptr<Progress> progress_;
  std::unique_ptr<redisReader, Free> reader_;
  std::optional<Error> failure_;
};

}  // namespace forebay::tier
