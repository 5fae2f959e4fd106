// The memory tier: stored responses in sharded hash tables under one byte budget.
//
// Model: a shard is chosen by the key's digest; all variants of a key stand in one shard, each in a slot of
// its own, in a hash table whose size is fixed when the tier is made, so that nothing is ever rehashed under
// a lock. A shard's lock guards its table and eviction order and is held for pointer work only: memory is
// freed after it is released, and nothing is scanned under it. A hit shares it with others, unless the policy
// is lru, and counts a use; what has to go is the policy's business, but what has expired goes first. The
// budget is one for all shards; whoever needs room evicts, starting at a shard that moves on with each call.
// Bodies are charged by themselves, as long as anybody holds them; what is being sent is not evicted, since
// nothing would come free. What the invalidation log says of a response is found out once for each entry:
// when it is looked up, or when somebody walks over the tier.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forebay/cache/key.hpp"
#include "forebay/cache/reuse.hpp"
#include "forebay/cache/storability.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/headers.hpp"
#include "forebay/tier/budget.hpp"
#include "forebay/tier/invalidation_log.hpp"
#include "forebay/tier/settings.hpp"

namespace forebay::tier {

class MissCounts;
class Shard;
struct Slot;

/// Thread-safe. Owns what it stores together with whoever is sending it.
class MemoryTier {
 public:
  struct Shards {
    std::size_t count;  // a power of two
  };
  /// As many shards as shards_for() says.
  MemoryTier(const MemorySettings& settings, unsigned workers)
      : MemoryTier(settings, shards_for(settings, workers)) {}
  MemoryTier(const MemorySettings& settings, Shards shards);
  ~MemoryTier();
  /// Sixteen for each worker; fewer when a shard would not hold sixteen of the largest bodies that may be
  /// stored, for one of them must not be much of what a shard decides about.
  static Shards shards_for(const MemorySettings& settings, unsigned workers) noexcept;

  /// The newest stored response that this request selects, counted as a use. Allocates nothing once `scratch`
  /// has grown to the variant keys' size. One lock; for a QUERY's key perhaps the log's besides.
  cache::Found find(const cache::PrimaryKey& key, const http::Fields& request, std::string& scratch);

  /// Whether a body of this size, 0 when it is not known, would be taken in now: asked before room is made
  /// for it. It counts as a miss, and so the next answer may be another; `min_uses` misses are needed.
  bool admit(const cache::PrimaryKey& key, std::uint64_t body_bytes, int min_uses = 1);
  /// Stores, replacing the response for the same variant. `stored`, or why not: `invalidated` by a purge
  /// since it was fetched, `superseded` when made stale since and a later one is there, `no_room`,
  /// `too_large`, `too_few_uses` when it has to be missed again first. The body is charged to the budget
  /// already.
  cache::StoreVerdict insert(const Digest& key, cache::StoredResponsePtr response);
  /// Puts a freshened response in the place of the one it was made from. `superseded` when another response
  /// for the same variant stands there by now; when nothing does, it is stored as by insert().
  cache::StoreVerdict replace(const Digest& key, const cache::StoredResponse& old,
                              cache::StoredResponsePtr fresh);
  /// Erases this very response, if it is still there.
  void erase(const Digest& key, const cache::StoredResponse& old);
  /// Appends to the log, then erases the key with all its variants.
  InvalidationLog::Appended invalidate(const cache::PrimaryKey& key);
  /// An entry that another node has made: repeated in the log; of a key what is stored is erased.
  void repeat(const cache::Purge& purge);
  /// Appends to the log that everything with this tag is invalid. What has it goes when it is looked up.
  void invalidate_tag(const Digest& tag) { log_.append_tag(tag); }
  /// What has been done to a response since it was fetched.
  cache::Purged purged(const Digest& key, const cache::StoredResponse& response) const {
    return log_.purged_since({response.key(), key}, response.tags(), response.position());
  }
  /// True if it may not be used any more, not even in the place of an error.
  bool is_invalidated(const Digest& key, const cache::StoredResponse& response) const {
    return purged(key, response).is_hard();
  }

  /// Erases the key's variants that the log says have been purged; how many those and the softly purged are.
  std::size_t settle(const cache::PrimaryKey& key);
  /// How far a walk over everything has come.
  struct Walk {
    std::size_t shard = 0;
    std::size_t bucket = 0;
  };
  /// One step of a walk: settles some responses more, under one shard's lock. `visit`, which must be quick,
  /// is told of each. False when that was all. Whatever is there during the whole walk is visited once.
  using Visit = std::function<void(const cache::StoredResponse&, bool erased)>;
  bool walk(Walk& at, const Visit& visit);

  /// Evicts until `bytes` more fit into the budget; false when they cannot. Another thread may take the room.
  bool make_room(std::uint64_t bytes);
  /// Adds `bytes` to a reservation of this budget, evicting what is in the way; false when they cannot fit.
  bool reserve(Reservation& reservation, std::uint64_t bytes);
  /// The same for what is needed in any case: what cannot fit is charged all the same.
  void insist(Reservation& reservation, std::uint64_t bytes);

  Budget& budget() noexcept { return budget_; }
  const Budget& budget() const noexcept { return budget_; }
  InvalidationLog& log() noexcept { return log_; }
  const InvalidationLog& log() const noexcept { return log_; }
  std::uint64_t max_body() const noexcept { return max_body_.load(std::memory_order_relaxed); }
  /// False: nothing is kept here, and insert() says only whether it might be (MemorySettings::store).
  bool stores() const noexcept { return stores_; }
  /// A new budget takes effect at once; what is too much is evicted here.
  void reconfigure(const MemorySettings& settings);

  std::uint64_t entries() const noexcept { return entries_.load(std::memory_order_relaxed); }
  std::uint64_t evictions() const noexcept { return evictions_.load(std::memory_order_relaxed); }
  std::uint64_t evicted_bytes() const noexcept { return evicted_bytes_.load(std::memory_order_relaxed); }
  std::size_t shards() const noexcept { return shards_.size(); }
  std::uint64_t lock_waits() const noexcept;  // how often a shard's lock was not free

 private:
  class Removed;
  Shard& shard_of(const Digest& key) noexcept;
  template <class Matches>
  std::optional<cache::Found> look(Shard& shard, const cache::PrimaryKey& key, Matches& matches) const;
  template <class Matches>
  cache::Found look_and_settle(Shard& shard, const cache::PrimaryKey& key, Matches& matches);
  bool is_settled(const Slot& slot) const;  // the shard's lock held
  bool is_usable(Slot& slot) const;         // the shard's lock held alone, as for the next
  cache::StoreVerdict settle_new(Slot& slot) const;
  bool admits(const cache::PrimaryKey& key, std::uint64_t weight, std::uint64_t needed);
  void erase_all(const Digest& key);
  bool evict_one();
  void charge(const cache::StoredResponse& response, Reservation& reserved) noexcept;
  void release(const cache::StoredResponse& response) noexcept;

  Budget budget_;
  InvalidationLog log_;
  std::atomic<std::uint64_t> max_body_;
  const bool stores_;
  std::vector<std::unique_ptr<Shard>> shards_;
  bool counts_uses_ = true;  // by the policy
  const std::unique_ptr<MissCounts> miss_counts_;
  std::atomic<std::size_t> cursor_{0};  // the shard that evicts next
  std::atomic<std::uint64_t> entries_{0};
  std::atomic<std::uint64_t> evictions_{0};
  std::atomic<std::uint64_t> evicted_bytes_{0};
};

}  // namespace forebay::tier
