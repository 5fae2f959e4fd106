// Reads the invalidation log that all nodes share, writes this node's purges to it, and says how far it has
// come.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/io/asio.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/signal.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/tier/redis_client.hpp"
#include "forebay/tier/shared_log.hpp"

namespace forebay::tier {

class RedisConnection;

/// Lives on one executor; not thread-safe but where it says so. Made as a shared object: what it has under
/// way ends soon after stop().
class LogFollower : public std::enable_shared_from_this<LogFollower> {
 public:
  struct Settings {
    std::string name_space = "forebay";
    /// Entries are kept so long. What stands in the Redis tier lives at most half as long, so that whoever
    /// stored it had read every entry that is gone by then.
    std::chrono::milliseconds retention = std::chrono::hours(24 * 14);
    std::chrono::milliseconds max_unverified = std::chrono::seconds(30);
  };
  struct Dependencies {
    io::Executor executor;
    RedisClient& client;  // of the same executor
    SharedLog& entries;
    const Clock& clock;
    observe::WorkerMetrics& metrics;
    observe::Log& log;
  };
  /// All that `dependencies` refer to outlives it.
  LogFollower(Settings settings, const Dependencies& dependencies);

  void start();
  void stop();
  /// There is something to be written. Thread-safe.
  void wake() { purged_->notify(); }

  /// True if it is not known for longer than max_unverified what other nodes have purged. Thread-safe.
  bool is_cut_off() const noexcept;
  /// True if, as far as is known, the others hear at once of what is purged here. Thread-safe.
  bool is_in_touch() const noexcept { return reads_ && writes_; }
  /// How long it has not been known. Thread-safe.
  std::chrono::milliseconds unverified() const noexcept;

  /// Which live nodes have not carried out this node's purges up to a number.
  struct Acknowledged {
    bool written = false;  // they are in the log
    std::vector<std::string> missing;
  };
  /// Completes when all have, or after `limit`.
  io::Awaitable<Acknowledged> wait_for_all(std::uint64_t number, std::chrono::milliseconds limit);
  /// Completes with true once this node's purges up to a number are in the log, with false after stop().
  io::Awaitable<bool> wait_until_written(std::uint64_t number);

 private:
  using MaybeError = std::optional<Error>;
  /// What the stream says of itself.
  struct StreamInfo {
    std::string last_id = "0-0";
    cache::Position last = 0;
    cache::Position first = 0;  // of those that are there
    std::uint64_t length = 0;
    std::uint64_t added = 0;  // entries ever
  };

  io::Awaitable<void> follow();
  io::Awaitable<MaybeError> read(RedisConnection& connection);
  io::Awaitable<Result<StreamInfo>> ask_for_info(RedisConnection& connection);
  void compare(const StreamInfo& info);
  io::Awaitable<Result<bool>> read_more(RedisConnection& connection);
  bool apply(const RedisReply& entry);
  void verified() noexcept;

  io::Awaitable<void> write();
  io::Awaitable<bool> write_some();
  void say_once(const Error& error, const char* what);
  io::Awaitable<void> report();
  io::Awaitable<Result<std::vector<std::string>>> nodes_before(cache::Position position);
  std::optional<cache::Position> written_at(std::uint64_t number) const;

  const Settings settings_;
  const Dependencies to_;
  const std::string stream_;
  const std::string nodes_;  // the names of those that report
  const std::shared_ptr<io::Signal> purged_;
  const std::shared_ptr<io::Signal> read_;          // something has been read
  const std::shared_ptr<io::Signal> follow_pause_;  // these two: notified by stop()
  const std::shared_ptr<io::Signal> write_pause_;
  std::shared_ptr<RedisConnection> connection_;
  std::string last_id_ = "0-0";   // read so far
  std::string last_error_;        // that was logged
  std::uint64_t rewrites_ = 0;    // times that purges had to be written again
  std::uint64_t since_trim_ = 0;  // entries written
  io::Cancel opening_;
  bool stopping_ = false;
  bool caught_up_ = false;   // once
  std::uint64_t added_ = 0;  // entries that had ever been added where it has read to
  std::uint64_t safe_ = 0;   // purges up to this number were written a while before the connection was lost
  std::uint64_t next_safe_ = 0;
  struct Written {
    std::uint64_t number;
    cache::Position position;
  };
  std::deque<Written> written_;  // the newest
  std::atomic<SteadyTime> verified_;
  std::atomic<bool> reads_ = false;  // the connection stands
  std::atomic<bool> writes_ = true;  // the last attempt did not fail
};

}  // namespace forebay::tier
