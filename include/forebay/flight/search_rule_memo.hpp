// The rules of No-Vary-Search that were seen last, by path: what a request is looked up by, and collapses by,
// before anything is known of its response.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "forebay/base/digest.hpp"
#include "forebay/cache/search_rule.hpp"

namespace forebay::flight {

/// Thread-safe. A fixed number of places for paths, and one of rules, which many paths share; what is newer
/// takes the place of what is older, so memory is bounded, and what is forgotten costs a fetch. So does a
/// path that is taken for another with the same 64 bits: a key names the rule it was made by.
class SearchRuleMemo {
 public:
  static constexpr std::size_t kPlaces = 65'536;
  static constexpr std::size_t kRules = 256;
  using Rule = std::shared_ptr<const cache::SearchRule>;

  void remember(const Digest& path, const cache::SearchRule& rule);
  void forget(const Digest& path);
  /// Nothing when none is known. Does not allocate.
  Rule find(const Digest& path) const;

  /// Said before anything is looked up that may have a rule, from then on for good: while nobody has said so,
  /// nothing is stored under a rule, nor is it on its way.
  void say_used() noexcept {
    if (!is_used()) used_.store(true);
  }
  bool is_used() const noexcept { return used_.load(); }

 private:
  struct Place {
    std::uint64_t path = 0;
    std::uint64_t rule = 0;  // of its digest
  };
  static constexpr std::size_t kStripes = 64;
  struct Stripe {
    mutable std::mutex mutex;
    std::vector<Place> places;  // guarded by mutex; empty until something is remembered
  };
  struct Kept {
    mutable std::mutex mutex;
    Rule rule;  // guarded by mutex
  };
  static std::size_t index(const Digest& path) noexcept { return spread(path) % kPlaces; }
  void keep(const cache::SearchRule& rule);

  std::atomic<bool> used_{false};
  std::array<Stripe, kStripes> stripes_;
  std::array<Kept, kRules> rules_;
};

}  // namespace forebay::flight
