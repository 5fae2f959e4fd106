// Which slot of a shard has to go next.
#pragma once

#include <memory>

#include "forebay/tier/settings.hpp"
#include "slot.hpp"

namespace forebay::tier {

/// One per shard; every call is made under the shard's mutex. The policy links slots through their list hook
/// and owns none of them.
class EvictionPolicy {
 public:
  virtual ~EvictionPolicy() = default;
  virtual void inserted(Slot& slot) noexcept = 0;
  virtual void used(Slot& slot) noexcept = 0;
  virtual void removed(Slot& slot) noexcept = 0;
  /// The slot to evict; nothing when the shard is empty.
  virtual Slot* victim() noexcept = 0;
};

std::unique_ptr<EvictionPolicy> make_eviction(Eviction kind);

}  // namespace forebay::tier
