#include "forebay/flight/key_memo.hpp"

namespace forebay::flight {

void KeyMemo::remember(const Digest& key, SteadyTime until) {
  const auto place = index(key);
  auto& stripe = stripes_[place % kStripes];
  const std::lock_guard lock(stripe.mutex);
  stripe.places[place / kStripes] = {key.low, until};
}

void KeyMemo::forget(const Digest& key) {
  const auto place = index(key);
  auto& stripe = stripes_[place % kStripes];
  const std::lock_guard lock(stripe.mutex);
  if (stripe.places[place / kStripes].key == key.low) stripe.places[place / kStripes] = {};
}

bool KeyMemo::contains(const Digest& key, SteadyTime now) const {
  const auto place = index(key);
  const auto& stripe = stripes_[place % kStripes];
  const std::lock_guard lock(stripe.mutex);
  const auto& held = stripe.places[place / kStripes];
  return held.key == key.low && now < held.until;
}

}  // namespace forebay::flight
