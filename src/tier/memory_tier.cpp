#include "forebay/tier/memory_tier.hpp"

#include <algorithm>
#include <bit>
#include <mutex>

#include "eviction.hpp"
#include "forebay/cache/vary.hpp"
#include "more_recent.hpp"
#include "slot.hpp"

namespace forebay::tier {
namespace {

constexpr std::size_t kShardsPerWorker = 16;
/// Buckets for entries of this size on average; smaller ones make chains longer, not tables larger.
constexpr std::uint64_t kBytesPerBucket = 4096;

constexpr std::uint64_t kLargestBodiesPerShard = 16;

std::size_t bucket_count(std::uint64_t budget, std::size_t shards) {
  return std::bit_ceil(
      std::max<std::size_t>(static_cast<std::size_t>(budget / shards / kBytesPerBucket), 16));
}

/// Victims looked at in one shard before the next one is tried.
constexpr int kVictimsLookedAt = 4;
/// What one step of a walk looks at, at most.
constexpr std::size_t kWalkSlots = 64;
constexpr std::size_t kWalkBuckets = 1024;

/// Somebody is sending it: its memory would stay when it goes.
bool is_pinned(const cache::StoredResponse& response) noexcept {
  return response.use_count() > 1 || (response.body() && response.body()->use_count() > 1);
}

WallTime response_time(const Slot& slot) noexcept { return slot.response->freshness().response_time; }

/// A new response takes the place of the one for the same variant. A response that varies and one that does
/// not exclude each other: the newer one tells what holds now.
bool excludes(const cache::StoredResponse& added, const cache::StoredResponse& stored) noexcept {
  return stored.vary_names().empty() || added.vary_names().empty() ||
         (stored.vary_names() == added.vary_names() && stored.variant_key() == added.variant_key());
}

/// Answers whether a stored response is the variant a request selects; computes the request's variant key
/// once per set of names.
class VariantMatch {
 public:
  VariantMatch(const http::Fields& request, std::string& scratch) : request_(request), scratch_(scratch) {}

  bool operator()(const cache::StoredResponse& stored) {
    if (stored.vary_names().empty()) return true;
    if (stored.vary_names() != names_) {
      names_ = stored.vary_names();
      scratch_.clear();
      cache::append_variant_key(scratch_, names_, request_);
    }
    return stored.variant_key() == scratch_;
  }

 private:
  const http::Fields& request_;
  std::string& scratch_;
  std::string_view names_;
};

}  // namespace

/// Takes slots out under the lock and frees them when it goes, after the lock: declare it before the guard.
struct MemoryTier::Removed : SlotList {
  ~Removed() {
    clear_and_dispose([](Slot* slot) { delete slot; });
  }
};

class alignas(64) MemoryTier::Shard {
 public:
  Shard(std::size_t buckets, Eviction eviction)
      : buckets_(new SlotTable::bucket_type[buckets]),
        table_(SlotTable::bucket_traits(buckets_.get(), buckets)),
        eviction_(make_eviction(eviction)) {}
  ~Shard() {
    Removed removed;
    while (auto* slot = eviction_->victim()) unlink(*slot, removed);
  }

  std::mutex& mutex() noexcept { return mutex_; }

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
  std::size_t buckets() const noexcept { return table_.bucket_count(); }
  template <class Visit>
  std::size_t for_each_in(std::size_t bucket, Visit&& visit) {
    std::size_t count = 0;
    for (auto at = table_.begin(bucket); at != table_.end(bucket); ++count) visit(*at++);
    return count;
  }
  void link(Slot& slot) {
    table_.insert(slot);
    eviction_->inserted(slot);
  }
  void unlink(Slot& slot, Removed& removed) {
    table_.erase(table_.iterator_to(slot));
    eviction_->removed(slot);
    removed.push_back(slot);
  }
  EvictionPolicy& eviction() noexcept { return *eviction_; }

 private:
  std::mutex mutex_;
  std::unique_ptr<SlotTable::bucket_type[]> buckets_;
  SlotTable table_;                           // guarded by mutex_
  std::unique_ptr<EvictionPolicy> eviction_;  // guarded by mutex_
};

MemoryTier::Shards MemoryTier::shards_for(const MemorySettings& settings, unsigned workers) noexcept {
  const auto wanted = std::bit_ceil(std::size_t{std::max(workers, 1U)} * kShardsPerWorker);
  const auto bodies = settings.size / std::max<std::uint64_t>(settings.max_body, 1);
  return {std::bit_floor(
      std::clamp<std::size_t>(static_cast<std::size_t>(bodies / kLargestBodiesPerShard), 1, wanted))};
}

MemoryTier::MemoryTier(const MemorySettings& settings, Shards shards)
    : budget_(settings.size), max_body_(settings.max_body), stores_(settings.store) {
  const auto buckets = bucket_count(settings.size, shards.count);
  for (std::size_t i = 0; i < shards.count; ++i)
    shards_.push_back(std::make_unique<Shard>(buckets, settings.eviction));
  budget_.charge(ChargeKind::bookkeeping,
                 shards.count * (sizeof(Shard) + buckets * sizeof(SlotTable::bucket_type)));
}

MemoryTier::~MemoryTier() = default;

MemoryTier::Shard& MemoryTier::shard_of(const Digest& key) noexcept {
  // The table takes its bucket from the low bits of the same hash.
  return *shards_[(spread(key) >> 40) & (shards_.size() - 1)];
}

cache::Found MemoryTier::find(const cache::PrimaryKey& key, const http::Fields& request,
                              std::string& scratch) {
  cache::Found found;
  VariantMatch matches(request, scratch);
  Removed removed;
  auto& shard = shard_of(key.digest);
  const std::lock_guard lock(shard.mutex());
  Slot* newest = nullptr;
  Slot* other = nullptr;
  shard.for_each_variant(key, [&](Slot& slot) {
    const auto& stored = *slot.response;
    if (!is_usable(slot)) {
      remove(shard, slot, removed);
      return true;
    }
    other = &slot;
    if (matches(stored) && (!newest || is_more_recent(*slot.response, *newest->response))) newest = &slot;
    return true;
  });
  found.key_known = other != nullptr;
  if (newest) {
    shard.eviction().used(*newest);
    found.response = newest->response;
    found.purged = newest->purged();
  } else if (other) {
    found.other = other->response;
  }
  return found;
}

/// Looks at each entry of the log once.
bool MemoryTier::is_usable(Slot& slot) const {
  const auto& stored = *slot.response;
  const auto position = log_.lazy_position(stored.is_tagged());
  const auto since = std::max<cache::Position>(slot.checked, stored.position());
  if (since < position) {
    auto purged = slot.purged();
    purged.add(log_.lazily_purged_since(stored.key(), stored.tags(), since));
    if (purged.is_hard()) return false;
    slot.settle(purged, position);
  }
  return !log_.uri_invalidated_since(stored.key(), stored.position());
}

std::size_t MemoryTier::settle(const cache::PrimaryKey& key) {
  Removed removed;
  auto& shard = shard_of(key.digest);
  const std::lock_guard lock(shard.mutex());
  std::size_t purged = 0;
  shard.for_each_variant(key, [&](Slot& slot) {
    const bool usable = is_usable(slot);
    if (!usable || slot.purged()) ++purged;
    if (!usable) remove(shard, slot, removed);
    return true;
  });
  return purged;
}

bool MemoryTier::walk(Walk& at, const Visit& visit) {
  if (at.shard == shards_.size()) return false;
  Removed removed;
  auto& shard = *shards_[at.shard];
  const std::lock_guard lock(shard.mutex());
  const auto end = std::min(at.bucket + kWalkBuckets, shard.buckets());
  for (std::size_t seen = 0; at.bucket < end && seen < kWalkSlots; ++at.bucket)
    seen += shard.for_each_in(at.bucket, [&](Slot& slot) {
      const bool usable = is_usable(slot);
      visit(*slot.response, !usable);
      if (!usable) remove(shard, slot, removed);
    });
  if (at.bucket == shard.buckets()) at = {at.shard + 1, 0};
  return at.shard < shards_.size();
}

cache::StoreVerdict MemoryTier::insert(const Digest& key, cache::StoredResponsePtr response) {
  if (response->body_size() > max_body()) return cache::StoreVerdict::too_large;
  const auto& added = *response;
  Reservation reserved(budget_);
  if (!reserve(reserved, added.charge() + Slot::overhead())) return cache::StoreVerdict::no_room;
  auto slot = std::make_unique<Slot>(key, std::move(response));

  Removed removed;
  auto& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex());
  // Under the shard's lock: an invalidation appends to the log first and erases afterwards, so either it is
  // seen here or it erases what is stored here.
  const auto verdict = settle_new(*slot);
  if (verdict != cache::StoreVerdict::stored || !stores_) return verdict;
  if (slot->purged() && has_later(shard, *slot)) return cache::StoreVerdict::superseded;
  Slot* oldest = nullptr;
  std::size_t variants = 0;
  shard.for_each_variant({added.key(), key}, [&](Slot& old) {
    if (excludes(added, *old.response)) {
      remove(shard, old, removed);
      return true;
    }
    ++variants;
    if (!oldest || response_time(old) < response_time(*oldest)) oldest = &old;
    return true;
  });
  if (variants >= kMaxVariants) evict(shard, *oldest, removed);
  charge(added, reserved);
  shard.link(*slot.release());
  return cache::StoreVerdict::stored;
}

/// What is stored knows what the log says of it. A purge during the fetch that leaves it usable leaves it as
/// stale as one that came later would.
cache::StoreVerdict MemoryTier::settle_new(Slot& slot) const {
  const auto position = log_.lazy_position(slot.response->is_tagged());
  auto purge = purged(slot.digest, *slot.response);
  if (purge.is_hard()) return cache::StoreVerdict::invalidated;
  if (purge) purge.mode = cache::PurgeMode::soft;
  slot.settle(purge, position);
  return cache::StoreVerdict::stored;
}

/// True if what stands in the place of a response was asked for later.
bool MemoryTier::has_later(Shard& shard, const Slot& added) {
  bool has = false;
  shard.for_each_variant({added.response->key(), added.digest}, [&](const Slot& slot) {
    has = excludes(*added.response, *slot.response) && slot.response->position() > added.response->position();
    return !has;
  });
  return has;
}

cache::StoreVerdict MemoryTier::replace(const Digest& key, const cache::StoredResponse& old,
                                        cache::StoredResponsePtr fresh) {
  Reservation reserved(budget_);
  if (!reserve(reserved, fresh->charge())) return cache::StoreVerdict::no_room;
  cache::StoredResponsePtr released;
  bool has_other = false;
  {
    auto& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex());
    Slot renewed(key, fresh);
    if (const auto verdict = settle_new(renewed); verdict != cache::StoreVerdict::stored) return verdict;
    shard.for_each_variant({old.key(), key}, [&](Slot& slot) {
      has_other = has_other || excludes(*fresh, *slot.response);
      if (slot.response.get() != &old) return true;
      reserved.turn_into(ChargeKind::heads, fresh->charge());
      budget_.release(ChargeKind::heads, old.charge());
      released = std::exchange(slot.response, std::move(fresh));
      slot.settle(renewed.purged(), renewed.checked);
      return false;
    });
  }
  if (released) return cache::StoreVerdict::stored;
  if (has_other) return cache::StoreVerdict::superseded;
  reserved.release();
  return insert(key, std::move(fresh));
}

void MemoryTier::erase(const Digest& key, const cache::StoredResponse& old) {
  Removed removed;
  auto& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex());
  shard.for_each_variant({old.key(), key}, [&](Slot& slot) {
    if (slot.response.get() != &old) return true;
    remove(shard, slot, removed);
    return false;
  });
}

InvalidationLog::Appended MemoryTier::invalidate(const cache::PrimaryKey& key) {
  const auto appended = log_.append(key.digest);
  erase_all(key.digest);
  return appended;
}

void MemoryTier::repeat(const cache::Purge& purge) {
  log_.repeat(purge);
  if (purge.kind == cache::PurgeKind::key) erase_all(purge.digest);
}

/// By the digest alone: the log knows no more of a key.
void MemoryTier::erase_all(const Digest& key) {
  Removed removed;
  auto& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex());
  shard.for_each_of(key, [&](Slot& slot) {
    remove(shard, slot, removed);
    return true;
  });
}

bool MemoryTier::make_room(std::uint64_t bytes) {
  if (bytes > budget_.limit()) return false;
  while (!budget_.has_room_for(bytes))
    if (!evict_one()) return false;
  return true;
}

bool MemoryTier::reserve(Reservation& reservation, std::uint64_t bytes) {
  if (bytes > budget_.limit()) return false;
  while (!reservation.try_add(bytes))
    if (!evict_one()) return false;
  return true;
}

void MemoryTier::insist(Reservation& reservation, std::uint64_t bytes) {
  if (!reserve(reservation, bytes)) reservation.add(bytes);
}

/// What is being sent is in use, and would free nothing: it goes to the end of the line. Only a few are
/// looked at, for the lock is held.
Slot* MemoryTier::victim_of(Shard& shard) noexcept {
  for (int looked_at = 0; looked_at < kVictimsLookedAt; ++looked_at) {
    auto* slot = shard.eviction().victim();
    if (!slot || !is_pinned(*slot->response)) return slot;
    shard.eviction().used(*slot);
  }
  return nullptr;
}

/// Evicts from the next shard that has a victim; false when none does.
bool MemoryTier::evict_one() {
  const auto first = cursor_.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    Removed removed;
    auto& shard = *shards_[(first + i) & (shards_.size() - 1)];
    const std::lock_guard lock(shard.mutex());
    auto* victim = victim_of(shard);
    if (!victim) continue;
    evict(shard, *victim, removed);
    if (i > 0)
      cursor_.store(first + i + 1, std::memory_order_relaxed);  // not over the same empty shards again
    return true;
  }
  return false;
}

void MemoryTier::evict(Shard& shard, Slot& slot, Removed& removed) {
  const auto& stored = *slot.response;
  evictions_.fetch_add(1, std::memory_order_relaxed);
  evicted_bytes_.fetch_add(stored.charge() + stored.body_size(), std::memory_order_relaxed);
  remove(shard, slot, removed);
}

void MemoryTier::remove(Shard& shard, Slot& slot, Removed& removed) {
  release(*slot.response);
  shard.unlink(slot, removed);
}

void MemoryTier::reconfigure(const MemorySettings& settings) {
  max_body_.store(settings.max_body, std::memory_order_relaxed);
  budget_.set_limit(settings.size);
  make_room(0);
}

void MemoryTier::charge(const cache::StoredResponse& response, Reservation& reserved) noexcept {
  entries_.fetch_add(1, std::memory_order_relaxed);
  reserved.turn_into(ChargeKind::heads, response.charge());
  reserved.turn_into(ChargeKind::bookkeeping, Slot::overhead());
}

void MemoryTier::release(const cache::StoredResponse& response) noexcept {
  entries_.fetch_sub(1, std::memory_order_relaxed);
  budget_.release(ChargeKind::heads, response.charge());
  budget_.release(ChargeKind::bookkeeping, Slot::overhead());
}

}  // namespace forebay::tier
