#include "eviction.hpp"

namespace forebay::tier {
namespace {

/// Least recently used first.
class Lru final : public EvictionPolicy {
 public:
  ~Lru() override { recency_.clear(); }
  void inserted(Slot& slot) noexcept override { recency_.push_front(slot); }
  void used(Slot& slot) noexcept override {
    recency_.splice(recency_.begin(), recency_, recency_.iterator_to(slot));
  }
  void removed(Slot& slot) noexcept override { recency_.erase(recency_.iterator_to(slot)); }
  Slot* victim() noexcept override { return recency_.empty() ? nullptr : &recency_.back(); }

 private:
  SlotList recency_;
};

}  // namespace

std::unique_ptr<EvictionPolicy> make_eviction(Eviction kind) {
  switch (kind) {
    case Eviction::lru: break;
  }
  return std::make_unique<Lru>();
}

}  // namespace forebay::tier
