// Another node's fetch, as this one hears of it.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "forebay/base/digest.hpp"
#include "forebay/base/result.hpp"
#include "forebay/cache/kept_times.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/signal.hpp"
#include "forebay/tier/budget.hpp"
#include "forebay/tier/redis_command.hpp"
#include "forebay/tier/shared_flight.hpp"

namespace forebay::tier {

struct FlightNode;  // src/tier/flight_node.hpp

/// Lives on one worker. What comes is in order and without gaps: the head first, then the body, then the end;
/// or the end alone.
class FollowedFlight {
 public:
  /// What a leader that is silent for longer than its lease leaves behind.
  struct LeaderLost {};
  struct NothingYet {};
  /// The body's next bytes; not empty.
  struct Bytes {
    std::string record;
    std::size_t begin = 0;
    std::size_t size = 0;
    std::string_view view() const noexcept { return std::string_view(record).substr(begin, size); }
  };
  using Event = std::variant<FlightHead, Bytes, FlightEnd, LeaderLost, NothingYet>;

  struct Names {
    std::string key;  // the flight's
    std::string lease_name;
    std::string lease;  // as the leader has written it
    std::string stream;
    std::string message;  // by which those who follow are woken
  };
  FollowedFlight(std::shared_ptr<FlightNode> node, Names names, cache::Position position);
  ~FollowedFlight();
  FollowedFlight(const FollowedFlight&) = delete;
  FollowedFlight& operator=(const FollowedFlight&) = delete;

  /// The shared log's position when it began.
  cache::Position position() const noexcept { return position_; }

  /// Completes with what comes next; with NothingYet after `limit`. Fails as calls to Redis do, when that has
  /// not answered for a lease's time; with redis_protocol when what stands there cannot be used; with
  /// cancelled. After an end, a lost leader or a failure nothing more is to be asked.
  io::Awaitable<Result<Event>> next(std::chrono::milliseconds limit, io::Cancel& cancel);

 private:
  using RealTime = std::chrono::steady_clock::time_point;
  class Listening;  // to the leader's messages

  io::Awaitable<Result<bool>> read_more(io::Cancel& cancel);
  std::optional<Error> take(const RedisReply& entries);
  std::optional<Error> take_record(std::string record);
  void take_piece(std::string record, std::uint64_t offset, std::string_view bytes);
  Error unusable(std::string why) const;

  const std::shared_ptr<FlightNode> node_;
  const Names names_;
  const cache::Position position_;
  const std::shared_ptr<io::Signal> signal_;
  const std::unique_ptr<Listening> listening_;
  Reservation buffers_;
  std::deque<Event> events_;
  std::string last_id_;  // read so far
  std::uint64_t offset_ = 0;
  RealTime answered_;
  bool has_head_ = false;
  bool has_ended_ = false;
};

}  // namespace forebay::tier
