#include "forebay/tier/memory_tier.hpp"

#include <algorithm>
#include <bit>
#include <mutex>
#include <shared_mutex>

#include "eviction.hpp"
#include "forebay/cache/vary.hpp"
#include "miss_counts.hpp"
#include "more_recent.hpp"
#include "shard.hpp"

namespace forebay::tier {
namespace {

constexpr std::size_t kShardsPerWorker = 16;
/// Buckets for entries of this size on average; smaller ones make chains longer, not tables larger.
constexpr std::uint64_t kBytesPerBucket = 4096;

constexpr std::uint64_t kLargestBodiesPerShard = 16;
constexpr std::uint64_t kBytesPerMissCount = 4096;
constexpr std::size_t kFewestMissCounts = 256;
constexpr std::size_t kMostMissCounts = 4U << 20U;

std::size_t miss_count_places(std::uint64_t budget) {
  return static_cast<std::size_t>(
      std::clamp<std::uint64_t>(budget / kBytesPerMissCount, kFewestMissCounts, kMostMissCounts));
}

std::size_t bucket_count(std::uint64_t budget, std::size_t shards) {
  return std::bit_ceil(
      std::max<std::size_t>(static_cast<std::size_t>(budget / shards / kBytesPerBucket), 16));
}

/// What one step of a walk looks at, at most.
constexpr std::size_t kWalkSlots = 64;
constexpr std::size_t kWalkBuckets = 1024;

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

/// What a look at a key's variants has come to.
struct Looked {
  Slot* newest = nullptr;  // of those that match
  Slot* other = nullptr;   // any

  template <class Matches>
  void note(Slot& slot, Matches& matches) {
    other = &slot;
    if (matches(*slot.response) && (!newest || is_more_recent(*slot.response, *newest->response)))
      newest = &slot;
  }
  cache::Found found() const {
    cache::Found found;
    found.key_known = other != nullptr;
    if (newest) {
      found.response = newest->response;
      found.purged = newest->purged();
    } else if (other) {
      found.other = other->response;
    }
    return found;
  }
};

}  // namespace

/// What a call takes out of shards.
class MemoryTier::Removed : public Shard::Removed {
 public:
  explicit Removed(MemoryTier& tier) noexcept : tier_(tier) {}
  Removed(const Removed&) = delete;
  Removed& operator=(const Removed&) = delete;
  ~Removed();

 private:
  MemoryTier& tier_;
};

MemoryTier::Shards MemoryTier::shards_for(const MemorySettings& settings, unsigned workers) noexcept {
  const auto wanted = std::bit_ceil(std::size_t{std::max(workers, 1U)} * kShardsPerWorker);
  const auto bodies = settings.size / std::max<std::uint64_t>(settings.max_body, 1);
  return {std::bit_floor(
      std::clamp<std::size_t>(static_cast<std::size_t>(bodies / kLargestBodiesPerShard), 1, wanted))};
}

MemoryTier::MemoryTier(const MemorySettings& settings, Shards shards)
    : budget_(settings.size),
      max_body_(settings.max_body),
      stores_(settings.store),
      miss_counts_(std::make_unique<MissCounts>(miss_count_places(settings.size))) {
  const auto buckets = bucket_count(settings.size, shards.count);
  std::uint64_t tables = miss_counts_->table_bytes();
  for (std::size_t i = 0; i < shards.count; ++i) {
    auto eviction = make_eviction(settings, settings.size / shards.count);
    tables += sizeof(Shard) + buckets * sizeof(SlotTable::bucket_type) + eviction->table_bytes();
    counts_uses_ = eviction->counts_uses();
    shards_.push_back(std::make_unique<Shard>(buckets, std::move(eviction)));
  }
  budget_.charge(ChargeKind::bookkeeping, tables);
}

MemoryTier::~MemoryTier() = default;

Shard& MemoryTier::shard_of(const Digest& key) noexcept {
  // The table takes its bucket from the low bits of the same hash.
  return *shards_[(spread(key) >> 40) & (shards_.size() - 1)];
}

cache::Found MemoryTier::find(const cache::PrimaryKey& key, const http::Fields& request,
                              std::string& scratch) {
  VariantMatch matches(request, scratch);
  auto& shard = shard_of(key.digest);
  if (counts_uses_) {
    const std::shared_lock lock(shard.mutex());
    if (auto found = look(shard, key, matches)) return std::move(*found);
  }
  return look_and_settle(shard, key, matches);
}

/// What is there, if nothing has to be changed for it but a count.
template <class Matches>
std::optional<cache::Found> MemoryTier::look(Shard& shard, const cache::PrimaryKey& key,
                                             Matches& matches) const {
  Looked looked;
  bool settled = true;
  shard.for_each_variant(key, [&](Slot& slot) {
    settled = is_settled(slot);
    if (settled) looked.note(slot, matches);
    return settled;
  });
  if (!settled) return std::nullopt;
  if (looked.newest) looked.newest->use();
  return looked.found();
}

template <class Matches>
cache::Found MemoryTier::look_and_settle(Shard& shard, const cache::PrimaryKey& key, Matches& matches) {
  Looked looked;
  Removed removed(*this);
  const std::lock_guard lock(shard.mutex());
  shard.for_each_variant(key, [&](Slot& slot) {
    if (is_usable(slot)) {
      looked.note(slot, matches);
    } else {
      shard.unlink(slot, removed);
    }
    return true;
  });
  if (looked.newest) counts_uses_ ? looked.newest->use() : shard.eviction().used(*looked.newest);
  return looked.found();
}

/// True if there is nothing new in the log about it.
bool MemoryTier::is_settled(const Slot& slot) const {
  const auto& stored = *slot.response;
  const auto since = std::max<cache::Position>(slot.checked, stored.position());
  return since >= log_.lazy_position(stored.is_tagged()) &&
         !log_.uri_invalidated_since(stored.key(), stored.position());
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
  Removed removed(*this);
  auto& shard = shard_of(key.digest);
  const std::lock_guard lock(shard.mutex());
  std::size_t purged = 0;
  shard.for_each_variant(key, [&](Slot& slot) {
    const bool usable = is_usable(slot);
    if (!usable || slot.purged()) ++purged;
    if (!usable) shard.unlink(slot, removed);
    return true;
  });
  return purged;
}

bool MemoryTier::walk(Walk& at, const Visit& visit) {
  if (at.shard == shards_.size()) return false;
  Removed removed(*this);
  auto& shard = *shards_[at.shard];
  const std::lock_guard lock(shard.mutex());
  const auto end = std::min(at.bucket + kWalkBuckets, shard.buckets());
  for (std::size_t seen = 0; at.bucket < end && seen < kWalkSlots; ++at.bucket)
    seen += shard.for_each_in(at.bucket, [&](Slot& slot) {
      const bool usable = is_usable(slot);
      visit(*slot.response, !usable);
      if (!usable) shard.unlink(slot, removed);
    });
  if (at.bucket == shard.buckets()) at = {at.shard + 1, 0};
  return at.shard < shards_.size();
}

cache::StoreVerdict MemoryTier::insert(const Digest& key, cache::StoredResponsePtr response) {
  if (response->body_size() > max_body()) return cache::StoreVerdict::too_large;
  const auto& added = *response;
  if (!admits({added.key(), key}, Slot::weight_of(added), added.charge() + Slot::overhead()))
    return cache::StoreVerdict::too_few_uses;
  Reservation reserved(budget_);
  if (!reserve(reserved, added.charge() + Slot::overhead())) return cache::StoreVerdict::no_room;
  auto slot = std::make_unique<Slot>(key, std::move(response));

  Removed removed(*this);
  auto& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex());
  // Under the shard's lock: an invalidation appends to the log first and erases afterwards, so either it is
  // seen here or it erases what is stored here.
  const auto verdict = settle_new(*slot);
  if (verdict != cache::StoreVerdict::stored || !stores_) return verdict;
  if (slot->purged() && shard.has_later(*slot)) return cache::StoreVerdict::superseded;
  charge(added, reserved);
  shard.put(*slot.release(), removed);
  return cache::StoreVerdict::stored;
}

bool MemoryTier::admit(const cache::PrimaryKey& key, std::uint64_t body_bytes, int min_uses) {
  if (!counts_uses_ && min_uses <= 1) return true;
  auto& shard = shard_of(key.digest);
  {
    const std::shared_lock lock(shard.mutex());
    if (shard.has(key)) return true;
  }
  if (min_uses > 1 && static_cast<int>(miss_counts_->add(Slot::name_of(key.digest))) < min_uses) return false;
  return admits(key, body_bytes + Slot::overhead(), body_bytes);
}

bool MemoryTier::admits(const cache::PrimaryKey& key, std::uint64_t weight, std::uint64_t needed) {
  if (!counts_uses_ || !stores_) return true;
  auto& shard = shard_of(key.digest);
  const std::lock_guard lock(shard.mutex());
  // Every shard gives of its own, one after the other.
  const auto missing = (budget_.missing_for(needed) + shards_.size() - 1) / shards_.size();
  return shard.has(key) || shard.eviction().admits(Slot::name_of(key.digest), weight, missing);
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
      has_other = has_other || Shard::excludes(*fresh, *slot.response);
      if (slot.response.get() != &old) return true;
      reserved.turn_into(ChargeKind::heads, fresh->charge());
      budget_.release(ChargeKind::heads, old.charge());
      released = shard.renew(slot, std::move(fresh));
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
  Removed removed(*this);
  auto& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex());
  shard.for_each_variant({old.key(), key}, [&](Slot& slot) {
    if (slot.response.get() != &old) return true;
    shard.unlink(slot, removed);
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
  Removed removed(*this);
  auto& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex());
  shard.for_each_of(key, [&](Slot& slot) {
    shard.unlink(slot, removed);
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

/// Evicts from the next shard that has a victim; false when none does.
bool MemoryTier::evict_one() {
  const auto first = cursor_.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    Removed removed(*this);
    auto& shard = *shards_[(first + i) & (shards_.size() - 1)];
    const std::lock_guard lock(shard.mutex());
    if (!shard.evict(removed)) continue;
    if (i > 0)
      cursor_.store(first + i + 1, std::memory_order_relaxed);  // not over the same empty shards again
    return true;
  }
  return false;
}

void MemoryTier::reconfigure(const MemorySettings& settings) {
  max_body_.store(settings.max_body, std::memory_order_relaxed);
  budget_.set_limit(settings.size);
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex());
    shard->eviction().resize(settings.size / shards_.size());
  }
  make_room(0);
}

std::uint64_t MemoryTier::lock_waits() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& shard : shards_) sum += shard->mutex().waits();
  return sum;
}

void MemoryTier::charge(const cache::StoredResponse& response, Reservation& reserved) noexcept {
  entries_.fetch_add(1, std::memory_order_relaxed);
  reserved.turn_into(ChargeKind::heads, response.charge());
  reserved.turn_into(ChargeKind::bookkeeping, Slot::overhead());
}

/// Its charge but for the body's ends.
void MemoryTier::release(const cache::StoredResponse& response) noexcept {
  entries_.fetch_sub(1, std::memory_order_relaxed);
  budget_.release(ChargeKind::heads, response.charge());
  budget_.release(ChargeKind::bookkeeping, Slot::overhead());
}

/// Frees what a shard has given up, after the lock is released: declare it before the guard.
MemoryTier::Removed::~Removed() {
  tier_.evictions_.fetch_add(evictions, std::memory_order_relaxed);
  tier_.evicted_bytes_.fetch_add(evicted_bytes, std::memory_order_relaxed);
  slots.clear_and_dispose([this](Slot* slot) {
    tier_.release(*slot->response);
    delete slot;
  });
}

}  // namespace forebay::tier
