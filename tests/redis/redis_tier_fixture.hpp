// A node with a Redis tier.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/tier/redis_tier.hpp"
#include "redis/redis_fixture.hpp"
#include "support/kept.hpp"
#include "support/manual_clock.hpp"
#include "tier/redis_keys.hpp"

namespace forebay::tier::testing {

using observe::EntryFault;
using observe::RedisLookup;
using observe::RedisStore;
using test::Kept;

inline constexpr std::string_view kKey = "http://a:80/";

inline std::string text(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; out.size() < size; ++i) out += std::to_string(i) + '\n';
  out.resize(size);
  return out;
}

inline http::Fields accepting(std::string_view value, std::string_view name = "Accept") {
  http::Fields fields;
  fields.add(name, value);
  return fields;
}

/// What the workers of a node share: outlives their work.
struct NodeMemory {
  MemoryTier memory;
  Budget queue;
};

/// A node with one worker.
struct Node : NodeMemory, RedisWorker {
  Node(const RedisSettings& settings, const Clock& time, std::uint64_t memory_bytes = 256 << 20,
       std::uint64_t queue_bytes = 64 << 20)
      : NodeMemory{MemoryTier({.size = memory_bytes}, 1), Budget(queue_bytes)},
        RedisWorker(settings),
        tier(std::make_unique<RedisTier>(
            settings,
            RedisTier::Dependencies{*client, memory, queue, time, context.get_executor(), metrics, log})) {}
  ~Node() { tier.reset(); }

  void store(const Kept& kept, std::optional<seconds> keep = {}) {
    tier->store(kept.make(), keep);
    finish();
  }
  void finish() {
    run_until([&] { return tier->is_idle(); });
    EXPECT_TRUE(tier->is_idle());
  }
  RedisTier::Lookup find(std::string_view key = kKey, const http::Fields& request = {},
                         RedisTier::Limits limits = {}) {
    return run(tier->find(cache::primary_key(key), request, limits));
  }
  /// The body that is found, or what became of the lookup.
  std::string body(const http::Fields& request = {}) {
    const auto found = find(kKey, request);
    return found.response ? test::text_of(*found.response) : std::string(name(found.result));
  }
  std::uint64_t count(RedisLookup result) const {
    return metrics.redis_lookups[static_cast<std::size_t>(result)].value();
  }
  std::uint64_t count(RedisStore result) const {
    return metrics.redis_stores[static_cast<std::size_t>(result)].value();
  }
  std::uint64_t count(EntryFault fault) const {
    return metrics.redis_unusable[static_cast<std::size_t>(fault)].value();
  }

  std::unique_ptr<RedisTier> tier;
};

}  // namespace forebay::tier::testing
