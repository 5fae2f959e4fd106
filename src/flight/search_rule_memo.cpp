#include "forebay/flight/search_rule_memo.hpp"

#include <utility>

namespace forebay::flight {

void SearchRuleMemo::remember(const Digest& path, const cache::SearchRule& rule) {
  keep(rule);
  const auto place = index(path);
  auto& stripe = stripes_[place % kStripes];
  const std::lock_guard lock(stripe.mutex);
  if (stripe.places.empty()) stripe.places.resize(kPlaces / kStripes);
  stripe.places[place / kStripes] = {path.low, rule.digest().low};
}

void SearchRuleMemo::keep(const cache::SearchRule& rule) {
  auto added = std::make_shared<const cache::SearchRule>(rule);
  auto& kept = rules_[rule.digest().low % kRules];
  const std::lock_guard lock(kept.mutex);
  // The other is freed behind the lock.
  if (!kept.rule || kept.rule->digest() != rule.digest()) std::swap(kept.rule, added);
}

void SearchRuleMemo::forget(const Digest& path) {
  const auto place = index(path);
  auto& stripe = stripes_[place % kStripes];
  const std::lock_guard lock(stripe.mutex);
  if (stripe.places.empty()) return;
  auto& held = stripe.places[place / kStripes];
  if (held.path == path.low) held = {};
}

SearchRuleMemo::Rule SearchRuleMemo::find(const Digest& path) const {
  const auto place = index(path);
  const auto& stripe = stripes_[place % kStripes];
  Place held;
  {
    const std::lock_guard lock(stripe.mutex);
    if (stripe.places.empty()) return nullptr;
    held = stripe.places[place / kStripes];
  }
  if (held.path != path.low) return nullptr;
  const auto& kept = rules_[held.rule % kRules];
  const std::lock_guard lock(kept.mutex);
  return kept.rule && kept.rule->digest().low == held.rule ? kept.rule : nullptr;
}

}  // namespace forebay::flight
