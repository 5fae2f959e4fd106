#include "ghost.hpp"

#include <algorithm>
#include <bit>

namespace forebay::tier {
namespace {

std::uint32_t half_of(std::uint64_t name) noexcept { return static_cast<std::uint32_t>(name >> 32U); }

}  // namespace

Ghost::Ghost(std::uint64_t capacity, double reach)
    : part_(reach), buckets_(std::bit_ceil(std::max<std::uint64_t>(capacity / kBytesPerPlace / kPlaces, 1))) {
  resize(capacity);
}

void Ghost::resize(std::uint64_t capacity) noexcept {
  const auto reach = static_cast<std::uint64_t>(part_ * static_cast<double>(capacity));
  tick_ = reach / kMostTicks + 1;
  reach_ = static_cast<std::uint32_t>(reach / tick_);
  left_bytes_ = (std::uint64_t{reach_} + 1) * tick_;
  for (auto& bucket : buckets_) bucket.fill({});  // they were timed by another clock
}

const Ghost::Place* Ghost::find(std::uint64_t name) const noexcept {
  for (const auto& place : buckets_[bucket_of(name)])
    if (place.half == half_of(name) && age_of(place) <= reach_) return &place;
  return nullptr;
}

bool Ghost::knows(std::uint64_t name) const noexcept { return find(name) != nullptr; }

bool Ghost::recall(std::uint64_t name) noexcept {
  const auto* place = find(name);
  if (!place) return false;
  auto& found = buckets_[bucket_of(name)][static_cast<std::size_t>(place - buckets_[bucket_of(name)].data())];
  found.came = now() - reach_ - 1;
  return true;
}

void Ghost::remember(std::uint64_t name, std::uint64_t weight) noexcept {
  left_bytes_ += weight;
  auto& bucket = buckets_[bucket_of(name)];
  auto* to = &bucket[0];
  for (auto& place : bucket) {
    if (place.half == half_of(name)) {
      to = &place;
      break;
    }
    if (age_of(place) > age_of(*to)) to = &place;
  }
  *to = {half_of(name), now()};
}

}  // namespace forebay::tier
