#include "shard.hpp"

#include <algorithm>
#include <utility>

#include "useful_time.hpp"

namespace forebay::tier {
namespace {

/// Victims looked at in one shard before the next one is tried.
constexpr int kVictimsLookedAt = 4;

/// Somebody is sending it: its memory would stay when it goes.
bool is_pinned(const cache::StoredResponse& response) noexcept {
  return response.use_count() > 1 || (response.body() && response.body()->use_count() > 1);
}

WallTime response_time(const Slot& slot) noexcept { return slot.response->freshness().response_time; }

}  // namespace

Shard::~Shard() {
  table_.clear_and_dispose([this](Slot* slot) {
    eviction_->removed(*slot);
    expiry_.remove(*slot);
    delete slot;
  });
}

bool Shard::excludes(const cache::StoredResponse& added, const cache::StoredResponse& stored) noexcept {
  return stored.vary_names().empty() || added.vary_names().empty() ||
         (stored.vary_names() == added.vary_names() && stored.variant_key() == added.variant_key());
}

bool Shard::has_later(const Slot& added) {
  bool has = false;
  for_each_variant({added.response->key(), added.digest}, [&](const Slot& slot) {
    has = excludes(*added.response, *slot.response) && slot.response->position() > added.response->position();
    return !has;
  });
  return has;
}

void Shard::put(Slot& added, Removed& removed) {
  Slot* oldest = nullptr;
  std::size_t variants = 0;
  bool linked = false;
  for_each_variant({added.response->key(), added.digest}, [&](Slot& old) {
    if (&old == &added) return true;
    if (!excludes(*added.response, *old.response)) {
      ++variants;
      if (!oldest || response_time(old) < response_time(*oldest)) oldest = &old;
    } else if (linked) {
      unlink(old, removed);
    } else {
      relink(old, added, removed);
      linked = true;
    }
    return true;
  });
  if (variants >= kMaxVariants) {
    count(*oldest, removed);
    unlink(*oldest, removed);
  }
  add_expiry(added);
  if (linked) return;
  table_.insert(added);
  eviction_->inserted(added, added.name());
}

/// Puts `fresh` in the place of `old`.
void Shard::relink(Slot& old, Slot& fresh, Removed& removed) {
  table_.erase(table_.iterator_to(old));
  table_.insert(fresh);
  eviction_->replaced(old, fresh);
  expiry_.remove(old);
  removed.slots.push_back(old);
}

void Shard::unlink(Slot& slot, Removed& removed) {
  table_.erase(table_.iterator_to(slot));
  eviction_->removed(slot);
  expiry_.remove(slot);
  removed.slots.push_back(slot);
}

/// What is being sent is in use, and would free nothing: it goes to the end of the line. Only a few are
/// looked at, for the lock is held.
Slot* Shard::victim() noexcept {
  for (int looked_at = 0; looked_at < kVictimsLookedAt; ++looked_at) {
    auto* slot = static_cast<Slot*>(eviction_->victim());
    if (!slot || !is_pinned(*slot->response)) return slot;
    eviction_->spared(*slot);
  }
  return nullptr;
}

/// What has expired and is still being sent waits until it is a victim, or nobody's.
Slot* Shard::expired() noexcept {
  auto* slot = static_cast<Slot*>(expiry_.expired(now_));
  return slot && !is_pinned(*slot->response) ? slot : nullptr;
}

/// For how long it is useful is told by itself: a route's `keep` is not known here. Without, what can be
/// validated is useful for a day after it could be used last.
void Shard::add_expiry(Slot& slot) noexcept {
  const auto came = response_time(slot);
  now_ = std::max(now_, came);
  expiry_.add(slot, came, useful_time(*slot.response, {}, came));
}

cache::StoredResponsePtr Shard::renew(Slot& slot, cache::StoredResponsePtr fresh) {
  eviction_->reweighed(slot, Slot::weight_of(*fresh));
  auto old = std::exchange(slot.response, std::move(fresh));
  expiry_.remove(slot);
  add_expiry(slot);
  return old;
}

bool Shard::evict(Removed& removed) {
  auto* slot = expired();
  if (slot) {
    eviction_->expiring(*slot, slot->name());
  } else if ((slot = victim())) {
    eviction_->evicting(*slot, slot->name());
  } else {
    return false;
  }
  count(*slot, removed);
  unlink(*slot, removed);
  return true;
}

void Shard::count(const Slot& evicted, Removed& removed) noexcept {
  ++removed.evictions;
  removed.evicted_bytes += evicted.response->charge() + evicted.response->body_size();
}

}  // namespace forebay::tier
