// A cache of one shard without a tier around it: what a policy decides, in a few lines.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "eviction.hpp"

namespace forebay::tier::testing {

/// Names are short texts; what a name weighs is said when it is asked for.
class Player {
 public:
  Player(MemorySettings settings, std::uint64_t capacity)
      : capacity_(capacity), policy_(make_eviction(settings, capacity)) {}
  ~Player() {
    for (auto& [name, ranked] : stored_) policy_->removed(*ranked);
  }
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  /// "hit", "stored" or "refused".
  std::string ask(const std::string& name, std::uint64_t weight = 100) {
    if (const auto at = stored_.find(name); at != stored_.end()) {
      policy_->counts_uses() ? at->second->use() : policy_->used(*at->second);
      return "hit";
    }
    const auto wanted = used_ + weight;
    if (weight > capacity_ ||
        !policy_->admits(number(name), weight, wanted > capacity_ ? wanted - capacity_ : 0))
      return "refused";
    while (used_ + weight > capacity_) evict();
    auto& ranked = stored_[name] = std::make_unique<Ranked>(weight);
    used_ += ranked->weight();
    policy_->inserted(*ranked, number(name));
    return "stored";
  }
  /// The name that had to go, "" when there was nothing.
  std::string evict() {
    auto* victim = policy_->victim();
    if (!victim) return "";
    for (auto& [name, ranked] : stored_) {
      if (ranked.get() != victim) continue;
      const auto gone = name;
      policy_->evicting(*victim, number(name));
      erase(gone);
      return gone;
    }
    return "a stranger";
  }
  void erase(const std::string& name) {
    auto& ranked = stored_.at(name);
    policy_->removed(*ranked);
    used_ -= ranked->weight();
    stored_.erase(name);
  }
  /// What is stored, in the order of the alphabet.
  std::string stored() const {
    std::string names;
    for (const auto& [name, ranked] : stored_) names += (names.empty() ? "" : " ") + name;
    return names;
  }
  bool has(const std::string& name) const { return stored_.contains(name); }

  EvictionPolicy& policy() { return *policy_; }
  Ranked& operator[](const std::string& name) { return *stored_.at(name); }
  const std::map<std::string, std::unique_ptr<Ranked>>& all() const { return stored_; }

  /// Spreads over a ghost's buckets one after the other, so that none overflows.
  static std::uint64_t number(const std::string& name) {
    std::uint32_t n = 0;
    for (const unsigned char c : name) n = n * 131 + c;
    return std::uint64_t{n} << 32U | n;
  }

 private:
  const std::uint64_t capacity_;
  std::uint64_t used_ = 0;
  std::unique_ptr<EvictionPolicy> policy_;
  std::map<std::string, std::unique_ptr<Ranked>> stored_;
};

}  // namespace forebay::tier::testing
