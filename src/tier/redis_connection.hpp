// One connection to Redis, logged in.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "forebay/base/redis_url.hpp"
#include "forebay/io/stream.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/tier/redis_target.hpp"
#include "tier/redis_reader.hpp"

namespace forebay::tier {

/// What a connection has to say, and to hear, before it is good for anything.
enum class RedisLogin : std::uint8_t {
  node,      // the password and the database
  master,    // these, and that it is a master
  sentinel,  // the sentinels' own password
};

/// Lives on one worker. One send and one receive at a time, both may be under way together; every command is
/// answered in its turn, and whoever subscribes receives what nobody asked for. After an error it is good for
/// nothing. Shared by whoever sends and whoever receives.
class RedisConnection {
 public:
  using MaybeError = std::optional<Error>;
  /// Nothing: no limit.
  using Limit = std::optional<std::chrono::milliseconds>;

  struct Setup {
    std::shared_ptr<RedisTarget> target;
    RedisAddress address;
    io::Executor executor;
    io::Sweep& sweep;
    observe::WorkerMetrics& metrics;
    RedisReplyLimits reply_limits{};
    RedisLogin login = RedisLogin::node;
  };
  using Opened = Result<std::shared_ptr<RedisConnection>>;
  /// Looks the host up, connects, with TLS where the URL says so, and logs in, all within `limit`. Fails with
  /// redis_unavailable, redis_protocol or cancelled. `cancel`, which may be nothing, outlives the operation.
  static io::Awaitable<Opened> open(Setup setup, std::chrono::milliseconds limit, io::Cancel* cancel);

  RedisConnection(std::unique_ptr<io::Stream> stream, const Setup& setup);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  /// Completes when all has been written. The memory outlives the operation.
  io::Awaitable<MaybeError> send(std::span<const io::asio::const_buffer> bytes);
  /// The next reply. When `limit` is exceeded (by up to io::Sweep::kPeriod) the connection is closed.
  io::Awaitable<Result<RedisReply>> receive(Limit limit);
  /// One command and its reply; an error that Redis answers is a reply.
  io::Awaitable<Result<RedisReply>> call(RedisCommand command, Limit limit);

  /// From now on `time` may pass before the connection is closed and what waits fails with redis_timeout;
  /// nothing: no limit.
  void expect_within(Limit time) noexcept;
  /// Ends what is under way.
  void close() noexcept;

  const RedisAddress& address() const noexcept { return address_; }

 private:
  io::Awaitable<MaybeError> log_in(const RedisTarget& target, RedisLogin login);
  io::Awaitable<MaybeError> authenticate(const std::string& user, const std::string& password);
  io::Awaitable<MaybeError> expect_master();
  io::Awaitable<MaybeError> say(RedisCommand command, const char* what);
  Error failed(const boost::system::error_code& ec);

  const std::unique_ptr<io::Stream> stream_;
  const RedisAddress address_;
  observe::WorkerMetrics& metrics_;
  RedisReader reader_;
  bool closed_ = false;
  std::array<char, 16 * 1024> received_;
};

}  // namespace forebay::tier
