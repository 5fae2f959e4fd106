#include "forebay/tier/invalidation_log.hpp"

#include <algorithm>
#include <utility>

namespace forebay::tier {

InvalidationLog::Appended InvalidationLog::append(const Digest& key) { return append_to(keys_, key); }

InvalidationLog::Appended InvalidationLog::append_tag(const Digest& tag) { return append_to(tags_, tag); }

InvalidationLog::Appended InvalidationLog::append_to(Entries& entries, const Digest& digest) {
  const std::lock_guard lock(mutex_);
  const auto position = last_.load(std::memory_order_relaxed) + 1;
  const auto previous = std::exchange(entries.last[digest], position);
  const auto unknown_before = entries.floor;
  entries.newest.push_back({position, digest});
  if (entries.newest.size() > capacity_) {
    const auto oldest = entries.newest.front();
    entries.newest.pop_front();
    entries.floor = oldest.position;
    if (const auto at = entries.last.find(oldest.digest);
        at != entries.last.end() && at->second == oldest.position)
      entries.last.erase(at);
  }
  last_.store(position, std::memory_order_release);
  return {position, std::max(previous, unknown_before)};
}

bool InvalidationLog::Entries::has_after(const Digest& digest, cache::Position since) const {
  if (since < floor) return true;
  const auto at = last.find(digest);
  return at != last.end() && at->second > since;
}

bool InvalidationLog::invalidated_since(const Digest& key, cache::Position since) const {
  if (since >= position()) return false;  // nothing at all came after it
  const std::lock_guard lock(mutex_);
  return keys_.has_after(key, since);
}

bool InvalidationLog::invalidated_since(std::span<const Digest> tags, cache::Position since) const {
  if (tags.empty() || since >= position()) return false;
  const std::lock_guard lock(mutex_);
  return std::any_of(tags.begin(), tags.end(),
                     [&](const Digest& tag) { return tags_.has_after(tag, since); });
}

}  // namespace forebay::tier
