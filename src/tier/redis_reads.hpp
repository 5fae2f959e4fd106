// Reads of records in Redis that several requests want at the same time, made once.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "entry_codec.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/signal.hpp"
#include "forebay/observe/metric_list.hpp"

namespace forebay::tier {

/// What a read brought: a response, or what the key's responses vary on, or neither and why.
struct RedisRead {
  observe::RedisLookup result = observe::RedisLookup::miss;
  cache::StoredResponsePtr response{};
  std::optional<Variants> variants{};
};

/// Lives on one worker; shared with the reads under way.
class RedisReads : public std::enable_shared_from_this<RedisReads> {
 public:
  /// Does the reading. Called once at most, keeps alive what it needs, and ends early when it is cancelled.
  using Work = std::function<io::Awaitable<RedisRead>(io::Cancel&)>;

  explicit RedisReads(io::Executor executor) : executor_(std::move(executor)) {}

  /// Completes with what the read of that name brings, begun now unless it is under way; with `timeout` when
  /// it is not there in time, with `cancelled` when the asker is. It does not depend on who has begun it, and
  /// is called off when nobody waits any more. `cancel`, which may be nothing, outlives the operation.
  io::Awaitable<RedisRead> share(std::string name, Work work, std::chrono::milliseconds limit,
                                 io::Cancel* cancel);
  /// Calls off everything.
  void close();

  std::size_t under_way() const noexcept { return reads_.size(); }

 private:
  struct Shared;
  class Waiter;
  using SharedPtr = std::shared_ptr<Shared>;

  SharedPtr begin(std::string name, Work work);
  io::Awaitable<void> run(SharedPtr shared, Work work);
  void finish(Shared& shared);
  void forget(const Shared& shared);

  const io::Executor executor_;
  std::unordered_map<std::string, SharedPtr> reads_;
};

}  // namespace forebay::tier
