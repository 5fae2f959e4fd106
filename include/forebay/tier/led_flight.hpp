// A fetch that this node makes for all: it holds the lease and tells the others what comes.
//
// Model: what is told is queued, and a coroutine writes it to a Redis Stream, a few pieces at a time,
// renewing the lease with each batch and at least three times in a lease's time. A response that is whole and
// in the store soon after its head is not told piece by piece: who follows finds it there. What Redis did not
// take is said again as long as the lease lasts: followers pass over what they have. Then, or when the lease
// is another's, or the queue has no room, it is given up, and the node's own clients notice nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/cache/body.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/signal.hpp"
#include "forebay/tier/redis_client.hpp"
#include "forebay/tier/shared_flight.hpp"

namespace forebay::tier {

struct FlightNode;  // src/tier/flight_node.hpp

/// Lives on one worker; shared with its own coroutine, which ends soon after release(). Destroyed without
/// that, it would not end: whoever has it says so.
class LedFlight : public std::enable_shared_from_this<LedFlight> {
 public:
  using RealTime = std::chrono::steady_clock::time_point;  // leases run in real time, in Redis

  /// `lease`: as it stands in Redis, since `taken` or later.
  struct Names {
    std::string lease_name;
    std::string lease;
    std::string stream;
    std::string message;  // by which those who follow are woken
    std::string uncacheable;
  };
  LedFlight(std::shared_ptr<FlightNode> node, Names names, RealTime taken);
  ~LedFlight();
  LedFlight(const LedFlight&) = delete;
  LedFlight& operator=(const LedFlight&) = delete;

  /// Renews the lease from now on.
  void start();

  // What the followers are told; nothing counts after end().
  void head(const FlightHead& head);
  void append(const cache::Slice& slice);
  void end(const FlightEnd& end);
  /// For so long no node is to wait for another's answer. Before end().
  void mark_uncacheable(std::chrono::milliseconds time);
  /// Gives the lease back once all has been told. Idempotent.
  void release();
  /// The same, after the response was written to Redis: if nothing has been told yet, nothing has to be. Who
  /// follows looks there when the lease is free.
  void release_written();
  /// Followers do not learn the rest: better at once than after a while.
  void abandon();

  bool has_ended() const noexcept { return ended_; }
  /// Ends what is under way, at once.
  void stop();

 private:
  /// Something to be told: a record, or a piece of the body.
  struct Item {
    std::string record{};
    cache::Slice slice{};
    std::uint64_t offset = 0;
    std::uint64_t charge = 0;
  };
  struct Telling {
    std::vector<RedisCommand> commands;
    std::size_t lease = 0;  // the one whose reply says whether the lease was held
  };
  enum class Sent : std::uint8_t { yes, not_yet, never };

  io::Awaitable<void> run();
  io::Awaitable<Sent> send_some();
  Telling telling_of(std::size_t items, bool last) const;
  std::size_t items_at_once() const;
  /// How long there is nothing to be done; none: something is to be told.
  std::chrono::milliseconds rest() const;
  io::Awaitable<Sent> give_back(std::string why);
  bool extend_last(const cache::Slice& slice);
  void add(Item item);
  void forget(std::size_t items);
  void count_abandoned();
  bool is_over() const noexcept;

  const std::shared_ptr<FlightNode> node_;
  const Names names_;
  const std::shared_ptr<io::Signal> more_;
  io::Cancel stop_;
  RealTime renewed_;
  RealTime first_queued_{};
  std::deque<Item> queue_;
  std::size_t sending_ = 0;  // of queue_
  std::optional<std::chrono::milliseconds> uncacheable_;
  std::uint64_t offset_ = 0;  // bytes of the body so far
  bool told_ = false;         // something, or tried
  bool ended_ = false;
  bool released_ = false;
  bool abandoned_ = false;
  bool over_ = false;  // nothing is told any more
};
using LedFlightPtr = std::shared_ptr<LedFlight>;

}  // namespace forebay::tier
