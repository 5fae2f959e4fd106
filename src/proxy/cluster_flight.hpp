// A shared fetch among the nodes of a cluster: one of them asks the upstream, the others follow what it tells
// (tier/shared_flights.hpp). Without Redis, and where nothing can be shared, each asks by itself.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "followed_reply.hpp"
#include "forebay/cache/cache_control.hpp"
#include "forebay/tier/shared_flights.hpp"
#include "forebay/tier/unled_requests.hpp"
#include "shared_fetch.hpp"

namespace forebay::proxy {

/// Belongs to one fetch; lives on one worker. What it refers to outlives it. Destroyed before the fetch has
/// come to an end, it has the others look again.
class ClusterFlight {
 public:
  using Answer = FollowedReply::Answer;

  ClusterFlight(Worker& worker, SharedFetchPlan& plan, io::Cancel& cancel, FollowedReply::AskAgain ask_again);
  ~ClusterFlight();
  ClusterFlight(const ClusterFlight&) = delete;
  ClusterFlight& operator=(const ClusterFlight&) = delete;

  /// What is to be done for the answer.
  enum class Turn : std::uint8_t {
    ask,          // ask the upstream; whether the others follow shows
    answered,     // another node has done that: see answer()
    look_again,   // it is in the store now, or somebody else sees to it
    uncacheable,  // ask the upstream, and no other request is to wait for what it says
  };
  io::Awaitable<Turn> join();

  /// After `answered`: another node's answer, already coded as this request wants it, or its failure.
  Answer answer() { return std::move(*answer_); }
  std::optional<http::Coding> recoded_from() const noexcept { return recoded_from_; }
  /// True while the body comes, or may come, from another node.
  bool follows() const noexcept { return answer_.has_value(); }

  /// True while this node holds the lease.
  bool leads() const noexcept { return led_ != nullptr; }

  // What a leader tells the others; otherwise nothing happens.
  void share_head(const upstream::Reply& reply, const cache::StoredResponse& kept,
                  std::optional<std::uint64_t> length);
  void append(const cache::Slice& slice);
  void complete(const std::string& trailers);
  void fail(const Error& error);
  /// The fetch goes on for its own clients, and may be as slow as they are.
  void abandon();
  /// Nobody else may have the answer: for so long each asks by itself; nothing: only this request had it so.
  void refuse(std::optional<std::chrono::milliseconds> memo);
  /// Others look again, or the next one leads, only when this is let go.
  std::shared_ptr<tier::Writing> writing(const cache::StoredResponse& response);

 private:
  bool may_join() const;
  bool may_follow() const;
  bool is_known_to_be_good(cache::Position position, std::span<const Digest> tags) const;
  bool may_take(const tier::FlightHead& told) const;
  bool may_share(const http::ResponseHead& head, WallTime request_time, WallTime response_time) const;
  std::string key() const { return plan_.lead.flight().key(); }

  io::Awaitable<void> take_position();
  io::Awaitable<Turn> lead();
  /// Nothing: the leader is lost.
  io::Awaitable<std::optional<Turn>> follow(std::unique_ptr<tier::FollowedFlight> flight);
  io::Awaitable<std::optional<Turn>> succeed();
  Turn take(std::unique_ptr<tier::FollowedFlight> flight, tier::FlightHead head);
  io::Awaitable<Turn> take_end(tier::FlightEnd end);
  io::Awaitable<bool> look();
  Turn remember_uncacheable(std::chrono::milliseconds time);
  void end(tier::FlightOutcome outcome);

  Worker& worker_;
  SharedFetchPlan& plan_;
  io::Cancel& cancel_;
  const FollowedReply::AskAgain ask_again_;
  const cache::RequestCacheControl control_;
  std::optional<cache::Position> position_;  // in the shared log
  std::chrono::steady_clock::time_point begun_;
  tier::LedFlightPtr led_;
  std::unique_ptr<tier::UnledRequests::Permit> permit_;  // the wait has expired
  std::optional<Answer> answer_;
  std::optional<http::Coding> recoded_from_;
  bool waits_for_writing_ = false;
  bool keeps_to_itself_ = false;
  bool has_expired_ = false;
};

}  // namespace forebay::proxy
