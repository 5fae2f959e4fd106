// The invalidation log, local form: what was purged when, in positions that only grow. Whatever invalidates
// is an entry: purges of every kind, unsafe methods, Cache-Group-Invalidation.
//
// A stored response carries the position at which its fetch started; it may be stored, shared or used as if
// nothing had happened only if no later entry names it. So a fetch that races a purge is born purged, and no
// clock is compared. What an entry for one key makes invalid is erased at once, for it is known where it
// stands; what the others name is found out when it is looked up next, or when somebody walks over the tier.
//
// Bounded: of keys, URLs and tags the newest kNames each are kept one by one, of prefixes, patterns and hosts
// the newest kScopes. Older ones merge into a floor: whatever started before it counts as purged. That errs
// on the safe side and costs a refetch for fetches that took very long, and for what nobody has looked at
// since.
#pragma once

#include <array>
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
#include "forebay/cache/purge.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/tier/purge_relay.hpp"

namespace forebay::tier {

/// Thread-safe; one mutex, held for map work and for matching paths. Reading the positions takes no lock.
class InvalidationLog {
 public:
  static constexpr std::size_t kNames = 65'536;
  static constexpr std::size_t kScopes = 1'024;

  explicit InvalidationLog(std::size_t names = kNames, std::size_t scopes = kScopes)
      : max_names_(names), max_scopes_(scopes) {}

  /// The position a fetch that starts now gets.
  cache::Position position() const noexcept { return last_.load(std::memory_order_acquire); }
  /// The same, with every entry that has been relayed.
  cache::Position settled_position() const;
  /// That of the last entry which may name a response, with tags or without, and is not applied at once: what
  /// has been looked at since then is as it was. Requests that change things append keys and tags all the
  /// time; they concern nobody who has no tags.
  cache::Position lazy_position(bool is_tagged) const noexcept {
    return (is_tagged ? lazy_ : lazy_untagged_).load(std::memory_order_acquire);
  }
  /// The same for any response.
  cache::Position lazy_position() const noexcept { return lazy_position(true); }
  /// Up to here some entries are not known one by one any more.
  cache::Position floor() const;
  /// How many entries there have been.
  std::uint64_t count(cache::PurgeKind kind, cache::PurgeMode mode) const noexcept {
    return counts_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(mode)].load(
        std::memory_order_relaxed);
  }

  /// An entry's position, and that of the entry for the same name before it, if that is still known;
  /// otherwise the last position that is not.
  struct Appended {
    cache::Position position;
    cache::Position previous;
  };
  Appended append(const cache::Purge& purge);
  /// The same for an entry that was made elsewhere: it is not relayed.
  Appended repeat(const cache::Purge& purge) { return add(purge, 0, From::elsewhere); }
  /// The same at a position that is given; at the next one if that is not later than the last.
  Appended repeat(const cache::Purge& purge, cache::Position at) { return add(purge, at, From::elsewhere); }
  /// Set before anybody appends; outlives the log. Nothing: nobody is told.
  void tell(PurgeRelay* relay) noexcept { relay_ = relay; }
  /// Records that everything stored under this key so far is invalid.
  Appended append(const Digest& key) { return append({.kind = cache::PurgeKind::key, .digest = key}); }
  /// The same for everything that has this tag.
  Appended append_tag(const Digest& tag) { return append({.kind = cache::PurgeKind::tag, .digest = tag}); }

  /// What has been done by now to something with this key and these tags that started at `since`.
  cache::Purged purged_since(const cache::PrimaryKey& key, std::span<const Digest> tags,
                             cache::Position since) const;
  /// The same without entries for keys, which are applied when they are made.
  cache::Purged lazily_purged_since(std::string_view key, std::span<const Digest> tags,
                                    cache::Position since) const;
  /// Of a QUERY's key alone: whether its URI's own key has been invalidated since. Unsafe methods do not know
  /// which contents there are (RFC 9111 §4.4), so nothing is erased at once and whoever looks finds out here.
  bool uri_invalidated_since(std::string_view key, cache::Position since) const;

 private:
  enum class From : std::uint8_t { here, elsewhere };
  Appended add(const cache::Purge& purge, cache::Position at, From from);

  /// When something was purged last, by mode; 0: never.
  struct Last {
    std::array<cache::Position, cache::kPurgeModes> by_mode{};
    WallTime at{};  // of the last that was not hard

    void note(cache::PurgeMode mode, cache::Position position, WallTime when) noexcept;
    void merge(const Last& other) noexcept;
    cache::Position latest() const noexcept;
    cache::Purged since(cache::Position position) const noexcept;
  };
  /// Entries of a kind that is found by a digest.
  struct Names {
    struct Entry {
      cache::Position position;
      Digest digest;
    };
    std::deque<Entry> newest;  // oldest first
    std::unordered_map<Digest, Last, DigestHash> last;
    Last floor;
    cache::Position latest = 0;

    Last& append(const Digest& digest, cache::Position position);
    void forget_beyond(std::size_t capacity);
    cache::Purged since(const Digest& digest, cache::Position position) const;
  };
  /// Entries of a kind that is matched one by one.
  struct Scopes {
    struct Entry {
      cache::UrlScope scope;
      Last last;
    };
    std::deque<Entry> newest;  // in the order of their last purge
    Last floor;

    Last& append(const cache::UrlScope& scope);
    void forget_beyond(std::size_t capacity);
    cache::Purged since(const cache::Place& place, cache::Position position) const;
  };

  cache::Purged named_since(std::string_view key, std::span<const Digest> tags,
                            cache::Position since) const;  // the mutex held

  PurgeRelay* relay_ = nullptr;
  const std::size_t max_names_;
  const std::size_t max_scopes_;
  std::atomic<cache::Position> last_{0};
  std::atomic<cache::Position> lazy_{0};           // of the last entry but those for keys
  std::atomic<cache::Position> lazy_untagged_{0};  // and but those for tags
  std::array<std::array<std::atomic<std::uint64_t>, cache::kPurgeModes>, cache::kPurgeKinds> counts_{};
  mutable std::mutex mutex_;
  Names keys_, urls_, tags_;  // guarded by mutex_, as what follows
  Scopes prefixes_, patterns_, hosts_;
  Last everything_;
};

}  // namespace forebay::tier
