#include "eviction.hpp"

#include "balanced.hpp"
#include "size_aware.hpp"

namespace forebay::tier {
namespace {

/// Least recently used first.
class Lru final : public EvictionPolicy {
 public:
  ~Lru() override { recency_.clear(); }
  bool admits(std::uint64_t, std::uint64_t, std::uint64_t) noexcept override { return true; }
  void inserted(Ranked& added, std::uint64_t) noexcept override { recency_.push_back(added); }
  void replaced(Ranked& old, Ranked& fresh) noexcept override {
    removed(old);
    recency_.push_back(fresh);
  }
  void reweighed(Ranked& ranked, std::uint64_t weight) noexcept override { ranked.set_weight(weight); }
  void removed(Ranked& ranked) noexcept override { recency_.erase(recency_.iterator_to(ranked)); }
  Ranked* victim() noexcept override { return recency_.empty() ? nullptr : &recency_.front(); }
  void evicting(Ranked&, std::uint64_t) noexcept override {}
  void expiring(Ranked&, std::uint64_t) noexcept override {}
  void spared(Ranked& victim) noexcept override { used(victim); }
  void used(Ranked& ranked) noexcept override {
    recency_.splice(recency_.end(), recency_, recency_.iterator_to(ranked));
  }
  bool counts_uses() const noexcept override { return false; }
  void resize(std::uint64_t) noexcept override {}
  std::uint64_t table_bytes() const noexcept override { return sizeof(*this); }

 private:
  RankedList recency_;  // the one unused for longest in front
};

}  // namespace

std::unique_ptr<EvictionPolicy> make_eviction(const MemorySettings& settings, std::uint64_t capacity) {
  switch (settings.eviction) {
    case Eviction::lru: break;
    case Eviction::balanced: return std::make_unique<Balanced>(capacity);
    case Eviction::size_aware: return std::make_unique<SizeAware>(capacity, settings.size_weight / 100.0);
  }
  return std::make_unique<Lru>();
}

}  // namespace forebay::tier
