// The invalidation log that all nodes of a cluster share, as one node knows it.
//
// Model: the log is a Redis Stream; LogFollower reads it in order and writes to it. Each node keeps two logs
// in memory. Its own one (MemoryTier::log), with positions that are a plain counter, rules what its memory
// holds: entries of other nodes are repeated there as they come. The other one has the entries at the
// stream's positions and rules what is read from the Redis tier: a record there carries the stream's position
// up to which its node had read when the fetch began, so every entry behind that which names it makes it
// unusable. A table tells what of the stream had been read at each of the own positions.
//
// A purge that is accepted here takes effect in memory at once. Until it comes back from the stream it is
// pending: what it names is not used from Redis either.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/cache/purge.hpp"
#include "forebay/tier/invalidation_log.hpp"
#include "forebay/tier/memory_tier.hpp"

namespace forebay::tier {

/// Thread-safe; one mutex, held for map work. The memory tier outlives it, and tells it of purges as long as
/// it lives.
class SharedLog final : public PurgeRelay {
 public:
  /// More purges than this do not wait to be written one by one: one of everything takes their place.
  static constexpr std::size_t kMaxUnwritten = 65'536;
  /// For so many own positions it is known where in the stream they stand.
  static constexpr std::size_t kMaxKnown = 65'536;

  /// `node`: this node's name, unlike any other's and any earlier one's. `wake`: called after each purge that
  /// is to be written, by any thread.
  SharedLog(MemoryTier& memory, std::string node, std::function<void()> wake);
  ~SharedLog();
  SharedLog(const SharedLog&) = delete;
  SharedLog& operator=(const SharedLog&) = delete;

  const std::string& node() const noexcept { return node_; }

  // ---- for whoever uses the Redis tier

  /// The stream's position for what was fetched at one of the own log's; nothing when that is not known any
  /// more, or was before the stream was first read: such a response is not to be shared.
  std::optional<cache::Position> shared_position(cache::Position own) const;
  /// True if nothing known here forbids to use what stands in the Redis tier with this key, these tags and
  /// this position. Ask for the own log's position first: that is the one it has here.
  bool vouches_for(const cache::PrimaryKey& key, std::span<const Digest> tags,
                   cache::Position position) const;

  // ---- purges on their way into the stream

  struct Unwritten {
    std::uint64_t number;
    cache::Purge purge;
  };
  void relay(const cache::Purge& purge) override;
  /// The oldest of those that written() has not been told of, at most so many.
  std::vector<Unwritten> unwritten(std::size_t most) const;
  /// All up to this one are in the stream.
  void written(std::uint64_t number);
  /// How many purges have been accepted here, and so the last one's number.
  std::uint64_t last_number() const;
  /// All up to this one have been written.
  std::uint64_t last_written() const;
  /// True if all up to this one have come back from the stream: positions from then on are behind them.
  bool has_returned(std::uint64_t number) const;
  /// How many of them wait to be written.
  std::uint64_t unwritten_count() const;
  /// What was written since some number is to be written once more: it may have been lost with a server.
  void write_again(std::uint64_t since);

  // ---- the stream as it is read

  /// An entry, in the stream's order. `own_number`: of one that this node has made, which is in effect here.
  void apply(const cache::Purge& purge, cache::Position position, std::optional<std::uint64_t> own_number);
  /// Entries before `position` can not be known any more: what this node's memory holds may be older than one
  /// of them, and so may what stands in the Redis tier with an earlier position. The stream goes on at
  /// `position`, which may be before what was there: it may have lost its end.
  void lose_track(cache::Position position);
  /// Nothing is known of entries before this one, on a node that has just started: records with an earlier
  /// position are not used.
  void know_from(cache::Position position);
  /// To be called when the stream is found to be new, or another than it was: nobody knows what was in the
  /// old one, so everything is purged, for nodes that start later, too.
  void purge_everything();
  /// The first reading has come to the stream's end.
  void begin(cache::Position position);
  bool has_begun() const;
  cache::Position position() const;

 private:
  /// Entries that wait to come back from the stream. Two generations: the older one is forgotten as a whole.
  struct Pending {
    std::unique_ptr<InvalidationLog> entries = std::make_unique<InvalidationLog>();
    std::uint64_t last = 0;  // the last one's number; 0: none
  };
  struct Known {
    cache::Position own;
    cache::Position shared;
  };
  void came_back(std::uint64_t number);                         // the mutex held, as for what follows
  void note_position(cache::Position own, cache::Position at);  // how far the stream has been read

  MemoryTier& memory_;
  const std::string node_;
  const std::function<void()> wake_;
  InvalidationLog entries_;  // at the stream's positions

  mutable std::mutex mutex_;
  bool begun_ = false;
  cache::Position position_ = 0;
  cache::Position untold_ = 0;    // up to here entries are not known
  std::deque<Known> known_;       // ascending in both
  std::deque<Unwritten> purges_;  // those written a while ago, then the unwritten
  std::uint64_t last_number_ = 0;
  std::uint64_t last_written_ = 0;
  std::uint64_t last_returned_ = 0;
  Pending current_;
  Pending older_;
};

}  // namespace forebay::tier
