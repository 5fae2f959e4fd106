// What the Redis tier writes: behind, in the order of each key.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "entry_codec.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/tier/redis_tier.hpp"
#include "redis_keys.hpp"

namespace forebay::tier {

/// Lives on one worker; shared with its own coroutines. After close() it asks Redis nothing more.
class RedisWriter : public std::enable_shared_from_this<RedisWriter> {
 public:
  RedisWriter(const RedisSettings& settings, const RedisTier::Dependencies& dependencies);

  void store(cache::StoredResponsePtr response, std::optional<seconds> keep,
             std::shared_ptr<Writing> writing);
  void erase(const cache::PrimaryKey& key);
  /// Queues that one record of the key is removed.
  void remove(const Digest& key, std::string record);
  bool is_idle() const noexcept;
  /// Drops what is queued.
  void close();

 private:
  class Task;  // something to be done about a key
  using TaskPtr = std::shared_ptr<const Task>;
  /// Keys with the same lane are written one after the other, others beside each other.
  struct Lane {
    std::deque<TaskPtr> tasks;
    bool running = false;
  };
  static constexpr std::size_t kLanes = 4;
  using Replies = Result<std::vector<RedisReply>>;
  /// One command's worth of writing.
  struct Write {
    std::string name;
    std::string record;
    milliseconds expiry;
  };

  void add(TaskPtr task);
  void start(Lane& lane);
  io::Awaitable<void> run(Lane& lane);
  io::Awaitable<observe::RedisStore> write(TaskPtr task);
  io::Awaitable<bool> write_record(TaskPtr task, RedisKeys keys, std::string record);
  io::Awaitable<bool> write_chunks(const cache::StoredResponse& stored, ChunkedBody layout, RedisKeys keys,
                                   milliseconds expiry);
  io::Awaitable<bool> write_missing(const cache::StoredResponse& stored, ChunkedBody layout, RedisKeys keys,
                                    std::uint32_t first, milliseconds expiry);
  io::Awaitable<std::optional<Variants>> variants_of(std::string key, RedisKeys keys);
  io::Awaitable<bool> set(std::vector<Write> writes);
  io::Awaitable<Replies> call(std::vector<RedisCommand> commands);
  io::Awaitable<void> unlink(std::string record);
  std::optional<ChunkedBody> layout_of(const cache::StoredResponse& stored) const;
  milliseconds left(const Task& task) const noexcept;
  void count(observe::RedisStore result);

  const RedisSettings settings_;
  const RedisTier::Dependencies dependencies_;
  const Packing packing_;
  std::array<Lane, kLanes> lanes_;
  io::Cancel stop_;
};

}  // namespace forebay::tier
