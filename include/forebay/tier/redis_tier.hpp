// The Redis tier: stored responses that all nodes share, behind the memory of each.
//
// Model: a lookup takes one round trip for a key whose responses do not vary and two otherwise, and more for
// a body in chunks (docs/redis-format.md). Lookups of one worker that want the same at the same time are made
// once. Storing only queues: a few coroutines write behind, in the order of each key, and what finds the
// queue full is dropped and counted. Redis is never trusted and never needed: whatever goes wrong is a miss.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "forebay/base/clock.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/headers.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/tier/budget.hpp"
#include "forebay/tier/memory_tier.hpp"
#include "forebay/tier/redis_client.hpp"
#include "forebay/tier/settings.hpp"
#include "forebay/tier/writing.hpp"

namespace forebay::tier {

class RedisLookups;  // src/tier/redis_lookups.hpp
class RedisWriter;   // src/tier/redis_writer.hpp

/// Not thread-safe: lives on one worker. Destroyed before the client; what is queued then is not written.
class RedisTier {
 public:
  struct Dependencies {
    RedisClient& client;  // of the same worker
    MemoryTier& memory;   // whose budget is charged for what is read and queued
    Budget& queue;        // what the queues of all workers may hold together: RedisSettings::write_queue
    const Clock& clock;
    io::Executor executor;
    observe::WorkerMetrics& metrics;
    observe::Log& log;
  };
  /// All that `dependencies` refer to, but for the client, outlives the io_context's work.
  RedisTier(const RedisSettings& settings, const Dependencies& dependencies);
  ~RedisTier();
  RedisTier(const RedisTier&) = delete;
  RedisTier& operator=(const RedisTier&) = delete;

  struct Limits {
    std::chrono::milliseconds time{0};  // for the whole lookup; 0: each call has the client's time-out
    io::Cancel* cancel = nullptr;       // outlives the lookup
  };
  struct Lookup {
    observe::RedisLookup result = observe::RedisLookup::miss;
    cache::StoredResponsePtr
        response{};  // on a hit, with its whole body, charged to the memory tier's budget
    /// Without one: what the key's responses vary on, the newest names; "" when nothing is known.
    std::string vary_names{};
  };
  /// Completes with the newest response that the request selects. Whether it is fresh, or invalidated, is for
  /// the asker to find out. Key and request outlive the operation.
  io::Awaitable<Lookup> find(cache::PrimaryKey key, const http::Fields& request, Limits limits);

  /// Queues a response, to be written as soon as Redis takes it. `keep`: the route's (cache::Policy::keep).
  /// It stays in Redis as long as anything can be done with it. One with the same body as the one that is
  /// there finds its chunks and leaves them. `writing` is let go once it is there, or will not be.
  void store(cache::StoredResponsePtr response, std::optional<std::chrono::seconds> keep,
             std::shared_ptr<Writing> writing = {});
  /// Queues that everything of the key is removed, behind what has been queued for it.
  void erase(const cache::PrimaryKey& key);

  /// True when nothing is queued or being written.
  bool is_idle() const noexcept;

 private:
  const std::shared_ptr<RedisWriter> writer_;
  const std::shared_ptr<RedisLookups> lookups_;
};

}  // namespace forebay::tier
