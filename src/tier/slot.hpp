// One stored response's place in the memory tier: its hash link, its rank and what it is charged.
#pragma once

#include <boost/intrusive/unordered_set.hpp>
#include <cstdint>
#include <functional>

#include "expiry_lines.hpp"
#include "forebay/base/digest.hpp"
#include "forebay/cache/purged.hpp"
#include "forebay/cache/stored_response.hpp"
#include "ranked.hpp"

namespace forebay::tier {

/// Variants of one key are slots of their own with the same digest. Guarded by its shard's mutex.
struct Slot : bi::unordered_set_base_hook<bi::link_mode<bi::normal_link>>, Ranked, Expiring {
  Slot(const Digest& d, cache::StoredResponsePtr r)
      : Ranked(weight_of(*r)), digest(d), response(std::move(r)) {}

  Digest digest;
  cache::StoredResponsePtr response;
  WallTime purged_at{};
  cache::Position checked : 62 = 0;  // what the log says up to here is known
  std::uint64_t purged_mode : 2 = 0;

  cache::Purged purged() const noexcept { return {static_cast<cache::PurgeMode>(purged_mode), purged_at}; }
  /// `purged`: what is known of it up to that position.
  void settle(const cache::Purged& purged, cache::Position up_to) noexcept {
    purged_mode = static_cast<std::uint64_t>(purged.mode) & 3U;
    purged_at = purged.at;
    checked = up_to & kMaxPosition;
  }
  static constexpr cache::Position kMaxPosition = (cache::Position{1} << 62U) - 1;

  /// What a key is called where the response itself is not known. Its variants share the name.
  static std::uint64_t name_of(const Digest& digest) noexcept { return spread(digest); }
  std::uint64_t name() const noexcept { return name_of(digest); }

  /// Bytes this object itself costs: with the allocator's allowance.
  static constexpr std::uint64_t overhead();
  /// What a response takes of the budget, but for the few bytes that its body's chunks cost.
  static std::uint64_t weight_of(const cache::StoredResponse& response) noexcept;

  friend bool operator==(const Slot& a, const Slot& b) noexcept { return a.digest == b.digest; }
};

constexpr std::uint64_t Slot::overhead() { return sizeof(Slot) + cache::kAllocatorOverhead; }
inline std::uint64_t Slot::weight_of(const cache::StoredResponse& response) noexcept {
  return response.charge() + overhead() + response.body_size();
}

struct SlotHash {
  std::size_t operator()(const Slot& slot) const noexcept {
    return static_cast<std::size_t>(spread(slot.digest));
  }
  std::size_t operator()(const Digest& digest) const noexcept {
    return static_cast<std::size_t>(spread(digest));
  }
};
using SlotTable = bi::unordered_multiset<Slot, bi::hash<SlotHash>, bi::power_2_buckets<true>,
                                         bi::constant_time_size<false>>;
using SlotList = bi::list<Slot, bi::base_hook<bi::list_base_hook<bi::link_mode<bi::normal_link>>>,
                          bi::constant_time_size<false>>;

}  // namespace forebay::tier
