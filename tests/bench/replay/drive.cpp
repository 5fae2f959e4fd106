#include "drive.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "tier/slot.hpp"

namespace forebay::bench {
namespace {

using cache::StoreVerdict;
constexpr std::uint64_t kBatch = 64;  // requests that a thread takes at a time
constexpr WallTime kStart{milliseconds{1704067200000}};
constexpr cache::StoredSeconds kForever{cache::kMaxDelta};

/// What a body is charged besides its bytes. One chunk for all of it: how many there are makes no difference
/// to what is evicted.
std::uint64_t body_overhead() {
  const auto chunk = cache::Chunk::charge_of(0);
  cache::Slice slice{cache::Chunk::allocate(1), 0, 1};
  return chunk + cache::Body::sharing({&slice, 1}, nullptr)->charge();
}

cache::StoredResponsePtr response(std::string_view key, std::string_view head, WallTime at,
                                  cache::StoredSeconds lifetime, cache::BodyPtr body) {
  cache::StoredParts parts;
  parts.key = key;
  parts.head = head;
  parts.freshness = {.response_time = at, .lifetime = lifetime};
  parts.body = std::move(body);
  return cache::StoredResponse::make(parts);
}

/// The tier's tables come on top of the capacity: they are the same for every policy and every trace.
tier::MemorySettings settings_for(const Drive& how) {
  auto settings = how.settings;
  settings.size = how.capacity;
  settings.max_body = how.capacity;
  const tier::MemoryTier empty(settings, tier::MemoryTier::Shards{how.shards});
  settings.size += empty.budget().used();
  return settings;
}

class Driver {
 public:
  Driver(const Trace& trace, const Keys& keys, const Drive& how)
      : trace_(trace),
        keys_(keys),
        how_(how),
        tier_(settings_for(how), tier::MemoryTier::Shards{how.shards}),
        body_overhead_(body_overhead()) {
    const auto least = least_overhead();
    if (how.overhead < least) throw std::runtime_error("the overhead is at least " + std::to_string(least));
    padding_.assign(how.overhead - least, 'x');
  }

  Driven run() {
    std::vector<Counts> counts(how_.threads);
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (auto& own : counts) threads.emplace_back([this, &own] { work(own); });
    for (auto& thread : threads) thread.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return summary(counts, took.count());
  }

 private:
  struct alignas(64) Counts {
    std::uint64_t hits = 0, hit_bytes = 0, bytes = 0, refused = 0, peak = 0;
  };

  void work(Counts& counts) {
    std::string scratch;
    for (;;) {
      const auto first = next_.fetch_add(kBatch, std::memory_order_relaxed);
      if (first >= trace_.requests.size()) return;
      const auto end = std::min<std::uint64_t>(first + kBatch, trace_.requests.size());
      for (auto i = first; i < end; ++i) ask(trace_.requests[i], scratch, counts);
    }
  }

  void ask(const Request& request, std::string& scratch, Counts& counts) {
    const std::uint64_t bytes = trace_.sizes[request.object];
    counts.bytes += bytes;
    const auto key = keys_[request.object];
    const auto now = kStart + seconds(request.time_s);
    const auto found = tier_.find(key, {}, scratch).response;
    if (found && now < found->freshness().response_time + found->freshness().lifetime) {
      ++counts.hits;
      counts.hit_bytes += bytes;
      return;
    }
    if (fetch(key, bytes, request.ttl_s, now) != StoreVerdict::stored) ++counts.refused;
    counts.peak = std::max(counts.peak, tier_.budget().used());
  }

  /// As proxy/shared_fetch does it: room for the body is made before it comes.
  StoreVerdict fetch(const cache::PrimaryKey& key, std::uint64_t bytes, std::uint32_t ttl, WallTime now) {
    if (bytes > tier_.max_body()) return StoreVerdict::too_large;
    if (!tier_.admit(key, bytes)) return StoreVerdict::too_few_uses;
    auto& budget = tier_.budget();
    tier::Reservation reserved(budget);
    if (!tier_.reserve(reserved, bytes + body_overhead_)) return StoreVerdict::no_room;
    cache::Slice slice{cache::Chunk::allocate(static_cast<std::uint32_t>(bytes), &budget), 0,
                       static_cast<std::uint32_t>(bytes)};
    auto body = cache::Body::sharing({&slice, 1}, &budget);
    slice.chunk.reset();
    reserved.release();
    const auto lifetime = ttl > 0 ? cache::StoredSeconds(ttl) : kForever;
    return tier_.insert(key.digest, response(key.text, padding_, now, lifetime, std::move(body)));
  }

  Driven summary(const std::vector<Counts>& counts, double seconds) const {
    Counts all;
    for (const auto& one : counts) {
      all.hits += one.hits;
      all.hit_bytes += one.hit_bytes;
      all.bytes += one.bytes;
      all.refused += one.refused;
      all.peak = std::max(all.peak, one.peak);
    }
    const auto limit = tier_.budget().limit();
    return {.hits = {static_cast<double>(all.hits) / static_cast<double>(trace_.requests.size()),
                     static_cast<double>(all.hit_bytes) /
                         static_cast<double>(std::max<std::uint64_t>(all.bytes, 1))},
            .evictions = tier_.evictions(),
            .refused = all.refused,
            .over_budget = all.peak > limit ? all.peak - limit : 0,
            .peak_share = static_cast<double>(all.peak) / static_cast<double>(limit),
            .seconds = seconds,
            .lock_waits = tier_.lock_waits()};
  }

  const Trace& trace_;
  const Keys& keys_;
  const Drive& how_;
  tier::MemoryTier tier_;
  const std::uint64_t body_overhead_;
  std::string padding_;
  std::atomic<std::uint64_t> next_{0};
};

}  // namespace

Keys::Keys(std::size_t objects) {
  texts_.reserve(objects * kBytes);
  digests_.reserve(objects);
  for (std::size_t i = 0; i < objects; ++i) {
    auto number = std::to_string(i);
    number.insert(0, 10 - number.size(), '0');
    texts_ += "http://trace:80/" + number;
    digests_.push_back(digest(std::string_view(texts_).substr(i * kBytes)));
  }
}

std::uint64_t least_overhead() {
  const std::string key(Keys::kBytes, 'k');
  return response(key, "", kStart, kForever, nullptr)->charge() + tier::Slot::overhead() + body_overhead();
}

Driven drive(const Trace& trace, const Keys& keys, const Drive& how) {
  return Driver(trace, keys, how).run();
}

}  // namespace forebay::bench
