// One shard of the memory tier: a hash table of slots, and the order in which they go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "eviction.hpp"
#include "forebay/cache/key.hpp"
#include "shard_mutex.hpp"
#include "slot.hpp"

namespace forebay::tier {

/// Every call but those about the lock itself is made under its lock: the looking ones under a shared one,
/// the others alone. What is taken out is freed by the caller, after the lock.
class alignas(64) Shard {
 public:
  struct Removed {
    SlotList slots;
    std::uint64_t evictions = 0;
    std::uint64_t evicted_bytes = 0;
  };
  /// A key's variants are looked at one by one, under the lock: of more, the oldest goes.
  static constexpr std::size_t kMaxVariants = 256;

  Shard(std::size_t buckets, std::unique_ptr<EvictionPolicy> eviction)
      : buckets_(new SlotTable::bucket_type[buckets]),
        table_(SlotTable::bucket_traits(buckets_.get(), buckets)),
        eviction_(std::move(eviction)) {}
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  ~Shard();

  ShardMutex& mutex() noexcept { return mutex_; }
  const ShardMutex& mutex() const noexcept { return mutex_; }

  /// Calls `visit(slot)` for every variant of the key until it returns false; the next one is known before,
  /// so that `visit` may unlink.
  template <class Visit>
  void for_each_variant(const cache::PrimaryKey& key, Visit&& visit) {
    for_each_of(key.digest, [&](Slot& slot) { return slot.response->key() != key.text || visit(slot); });
  }
  /// The same for all keys with this digest.
  template <class Visit>
  void for_each_of(const Digest& digest, Visit&& visit) {
    // Not equal_range: to find its end it walks over every empty bucket behind this one.
    const auto bucket = table_.bucket(digest, SlotHash{});
    for (auto at = table_.begin(bucket); at != table_.end(bucket);) {
      auto& slot = *at++;
      if (slot.digest == digest && !visit(slot)) return;
    }
  }
  bool has(const cache::PrimaryKey& key) {
    bool found = false;
    for_each_variant(key, [&](const Slot&) { return !(found = true); });
    return found;
  }
  std::size_t buckets() const noexcept { return table_.bucket_count(); }
  template <class Visit>
  std::size_t for_each_in(std::size_t bucket, Visit&& visit) {
    std::size_t count = 0;
    for (auto at = table_.begin(bucket); at != table_.end(bucket); ++count) visit(*at++);
    return count;
  }

  /// A new response takes the place of the one for the same variant. A response that varies and one that does
  /// not exclude each other: the newer one tells what holds now.
  static bool excludes(const cache::StoredResponse& added, const cache::StoredResponse& stored) noexcept;
  /// True if what stands in the place of a response was asked for later.
  bool has_later(const Slot& added);

  /// Takes a slot over, instead of what it excludes.
  void put(Slot& added, Removed& removed);
  void unlink(Slot& slot, Removed& removed);
  /// Puts a freshened response in the place of the one it was made from, which is handed back.
  cache::StoredResponsePtr renew(Slot& slot, cache::StoredResponsePtr fresh);
  /// Takes out what has expired, or else what has to go next; false when there is nothing that can.
  bool evict(Removed& removed);

  EvictionPolicy& eviction() noexcept { return *eviction_; }

 private:
  Slot* victim() noexcept;
  Slot* expired() noexcept;
  void add_expiry(Slot& slot) noexcept;
  void relink(Slot& old, Slot& fresh, Removed& removed);
  static void count(const Slot& evicted, Removed& removed) noexcept;

  ShardMutex mutex_;
  std::unique_ptr<SlotTable::bucket_type[]> buckets_;
  SlotTable table_;                           // guarded by mutex_
  std::unique_ptr<EvictionPolicy> eviction_;  // guarded by mutex_, as what follows
  ExpiryLines expiry_;
  WallTime now_{};  // when the latest response came: room is needed when one comes
};

}  // namespace forebay::tier
