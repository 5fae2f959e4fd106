// One shared fetch: who leads it delivers a verdict, who follows waits for it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "forebay/base/result.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/flight/body_feed.hpp"
#include "forebay/io/signal.hpp"

namespace forebay::flight {

/// What a flight came to.
enum class Outcome : std::uint8_t {
  pending,      // no verdict yet
  sharing,      // the head is known and may be shared; the body follows in the feed
  renewed,      // a stored response was validated: it is the answer
  unshareable,  // an answer came that only the leader's client may have
  failed,       // the upstream gave no answer
  dangling,     // the leader went away without a verdict
};

/// A verdict with what goes with it.
struct Verdict {
  Outcome outcome = Outcome::pending;
  /// sharing: a response without body, whose head lacks Content-Length; renewed: the whole response.
  cache::StoredResponsePtr response;
  std::optional<std::uint64_t> length;  // sharing: the announced body length
  std::shared_ptr<BodyFeed> feed;       // sharing
  Error error;                          // failed
};

/// Thread-safe; shared by the leader, the followers and the flight table.
class Flight {
 public:
  Flight(std::string key, cache::Position position) : key_(std::move(key)), position_(position) {}

  /// Primary key and predicted variant, in full: digests are not trusted alone.
  const std::string& key() const noexcept { return key_; }
  /// The invalidation log's position when it started.
  cache::Position position() const noexcept { return position_; }

  /// The first verdict counts; later ones are ignored, except that nothing follows `sharing` here: how the
  /// body ends is the feed's business. Wakes the followers.
  void decide(Verdict verdict);
  Verdict verdict() const;

  /// Adds a waiter; false when there are `limit` already. The signal is notified once there is a verdict.
  bool add_waiter(const std::shared_ptr<io::Signal>& signal, std::uint32_t limit);
  bool has_waiters() const;
  void remove_waiter(const std::shared_ptr<io::Signal>& signal);

 private:
  const std::string key_;
  const cache::Position position_;
  mutable std::mutex mutex_;
  Verdict verdict_;                                   // guarded by mutex_
  std::vector<std::shared_ptr<io::Signal>> waiters_;  // guarded by mutex_
};

}  // namespace forebay::flight
