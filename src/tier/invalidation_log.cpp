#include "forebay/tier/invalidation_log.hpp"

#include <algorithm>
#include <utility>

namespace forebay::tier {

InvalidationLog::Appended InvalidationLog::append(const Digest& key) {
  const std::lock_guard lock(mutex_);
  const auto position = last_.load(std::memory_order_relaxed) + 1;
  const auto previous = std::exchange(last_by_key_[key], position);
  const auto unknown_before = floor_;
  entries_.push_back({position, key});
  if (entries_.size() > capacity_) {
    const auto oldest = entries_.front();
    entries_.pop_front();
    floor_ = oldest.position;
    if (const auto at = last_by_key_.find(oldest.key);
        at != last_by_key_.end() && at->second == oldest.position)
      last_by_key_.erase(at);
  }
  last_.store(position, std::memory_order_release);
  return {position, std::max(previous, unknown_before)};
}

bool InvalidationLog::invalidated_since(const Digest& key, cache::Position since) const {
  if (since >= position()) return false;  // nothing at all came after it
  const std::lock_guard lock(mutex_);
  if (since < floor_) return true;
  const auto at = last_by_key_.find(key);
  return at != last_by_key_.end() && at->second > since;
}

}  // namespace forebay::tier
