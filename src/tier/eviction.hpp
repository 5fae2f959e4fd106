// Which stored response of a shard has to go next.
#pragma once

#include <cstdint>
#include <memory>

#include "forebay/tier/settings.hpp"
#include "ranked.hpp"

namespace forebay::tier {

/// One per shard. Pure: it knows weights, uses and names, but no locks and no memory. Every call is made
/// under the shard's lock, held alone; it links what it is told of and owns nothing of it. A name stands for
/// a key: 64 bits that nobody outside can choose.
class EvictionPolicy {
 public:
  virtual ~EvictionPolicy() = default;

  /// Whether a newcomer of this weight is taken in, when so many bytes have to be taken from others for it. A
  /// refusal is remembered as a miss.
  virtual bool admits(std::uint64_t name, std::uint64_t weight, std::uint64_t missing) noexcept = 0;
  virtual void inserted(Ranked& added, std::uint64_t name) noexcept = 0;
  /// `fresh` takes the place of `old`, and what is known of it.
  virtual void replaced(Ranked& old, Ranked& fresh) noexcept = 0;
  /// Its weight is another now.
  virtual void reweighed(Ranked& ranked, std::uint64_t weight) noexcept = 0;
  /// It is gone: evicted or for another reason.
  virtual void removed(Ranked& ranked) noexcept = 0;

  /// What has to go; nothing when there is nothing. Looks at kMostLooks at most, and may move what it finds
  /// used.
  virtual Ranked* victim() noexcept = 0;
  /// Called before removed() of a victim that goes.
  virtual void evicting(Ranked& victim, std::uint64_t name) noexcept = 0;
  /// The same for what is no victim, but has expired: who asks for it again is taken in as somebody known.
  virtual void expiring(Ranked& ranked, std::uint64_t name) noexcept = 0;
  /// A victim that cannot go now: it is looked at again as late as can be.
  virtual void spared(Ranked& victim) noexcept = 0;

  /// Only called when counts_uses() is false: otherwise Ranked::use() is all that a hit does.
  virtual void used(Ranked& ranked) noexcept = 0;
  virtual bool counts_uses() const noexcept { return true; }

  /// The bytes that the shard has room for, more or less: the budget is one for all shards.
  virtual void resize(std::uint64_t capacity) noexcept = 0;
  /// Of the policy itself.
  virtual std::uint64_t table_bytes() const noexcept = 0;

  /// Steps that victim() and admits() take under the lock, at most.
  static constexpr int kMostLooks = 64;
};

std::unique_ptr<EvictionPolicy> make_eviction(const MemorySettings& settings, std::uint64_t capacity);

}  // namespace forebay::tier
