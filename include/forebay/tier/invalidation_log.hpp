// The invalidation log, local form: what was invalidated when, in positions that only grow.
//
// A stored response carries the position at which its fetch started; it may be stored, shared or used only if
// no later entry matches its key or one of its tags. So a fetch that races an invalidation is born invalid,
// and no clock is compared. What an entry for a key makes invalid is erased at once, for it is known where it
// stands; what an entry for a tag does is found out when it is looked up.
//
// Bounded: of keys and of tags the newest kCapacity entries each are kept one by one. Older ones merge into a
// floor: whatever started before the floor counts as invalidated. That errs on the safe side and costs a
// refetch for fetches that took very long, and for tagged responses that nobody has asked for since.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string_view>
#include <unordered_map>

#include "forebay/base/digest.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/cache/stored_response.hpp"

namespace forebay::tier {

/// Thread-safe; one mutex, held for map work only. Reading the position takes no lock.
class InvalidationLog {
 public:
  static constexpr std::size_t kCapacity = 65'536;

  explicit InvalidationLog(std::size_t capacity = kCapacity) : capacity_(capacity) {}

  /// The position a fetch that starts now gets.
  cache::Position position() const noexcept { return last_.load(std::memory_order_acquire); }
  /// An entry's position, and that of the entry for the same key before it, if that is still known; otherwise
  /// the last position that is not.
  struct Appended {
    cache::Position position;
    cache::Position previous;
  };
  /// Records that everything stored under this key so far is invalid.
  Appended append(const Digest& key);
  /// The same for everything that has this tag.
  Appended append_tag(const Digest& tag);

  /// True if something that started at `since` has been invalidated by now: by its key, or by one of its
  /// tags.
  bool invalidated_since(const Digest& key, cache::Position since) const;
  bool invalidated_since(std::span<const Digest> tags, cache::Position since) const;
  /// The same for what is stored under a key, which for a QUERY's can be invalidated by its URI's own, too.
  bool invalidated_since(const cache::PrimaryKey& key, cache::Position since) const {
    return invalidated_since(key.digest, since) || uri_invalidated_since(key.text, since);
  }
  /// Of a QUERY's key alone: whether its URI's own key has been invalidated since. Unsafe methods do not know
  /// which contents there are (RFC 9111 §4.4), so nothing is erased at once and whoever looks finds out here.
  bool uri_invalidated_since(std::string_view key, cache::Position since) const {
    const auto uri = cache::key_without_content(key);
    return !uri.empty() && since < position() && invalidated_since(forebay::digest(uri), since);
  }

 private:
  struct Entry {
    cache::Position position;
    Digest digest;
  };
  /// Entries of one kind.
  struct Entries {
    std::deque<Entry> newest;  // oldest first
    std::unordered_map<Digest, cache::Position, DigestHash> last;
    cache::Position floor = 0;

    bool has_after(const Digest& digest, cache::Position since) const;
  };
  Appended append_to(Entries& entries, const Digest& digest);

  const std::size_t capacity_;
  std::atomic<cache::Position> last_{0};
  mutable std::mutex mutex_;
  Entries keys_;  // guarded by mutex_
  Entries tags_;  // guarded by mutex_
};

}  // namespace forebay::tier
