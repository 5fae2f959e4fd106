#include "cluster_flight.hpp"

#include <algorithm>
#include <utility>

#include "fetch_plan.hpp"
#include "forebay/cache/effective_control.hpp"
#include "forebay/cache/search_rule.hpp"
#include "forebay/cache/storability.hpp"
#include "forebay/cache/tags.hpp"
#include "forebay/cache/vary.hpp"

namespace forebay::proxy {
namespace {

using std::chrono::milliseconds;
using tier::FlightOutcome;
using tier::FollowedFlight;

/// After max_wait a fetch that finds no place for a request of its own looks on so often, and so many times
/// max_wait altogether.
constexpr milliseconds kLookOn{100};
constexpr int kPatience = 4;
/// So many leaders that are lost, or refuse without a marker, are waited for.
constexpr int kMaxLeaders = 8;

/// How long a purge may take into the shared log and back before it is not waited for.
constexpr milliseconds kReturn{50};
constexpr milliseconds kLookForReturn{1};

std::chrono::steady_clock::time_point real_now() noexcept { return std::chrono::steady_clock::now(); }

/// Has the others look again, or the next one lead, at its end. If they do not find the response by their own
/// requests they are told of it: whoever leads next would ask for it anew.
struct LedUntilWritten final : tier::Writing {
  LedUntilWritten(tier::LedFlightPtr flight, bool is_found)
      : led(std::move(flight)), is_found_by_all(is_found) {}
  ~LedUntilWritten() override {
    led->end({.outcome = FlightOutcome::look_again});
    if (is_done && is_found_by_all)
      led->release_written();
    else
      led->release();
  }

  const tier::LedFlightPtr led;
  const bool is_found_by_all;
};

}  // namespace

ClusterFlight::ClusterFlight(Worker& worker, SharedFetchPlan& plan, io::Cancel& cancel,
                             FollowedReply::AskAgain ask_again)
    : worker_(worker),
      plan_(plan),
      cancel_(cancel),
      ask_again_(std::move(ask_again)),
      control_(cache::parse_request_cache_control(plan.request.head.fields)),
      begun_(real_now()) {}

ClusterFlight::~ClusterFlight() {
  if (led_ && !waits_for_writing_) end(FlightOutcome::look_again);
}

// ---- A seat ----------------------------------------------------------------------------------------------

/// Whole representations, of which nobody knows yet that they cannot be shared. Which of the queries that a
/// rule of No-Vary-Search takes for one is asked first may differ between nodes.
bool ClusterFlight::may_join() const {
  return worker_.shared_tier && worker_.shared.cluster->settings().max_wait > milliseconds{0} &&
         plan_.lead.is_joinable() && !plan_.part && !control_.no_store &&
         plan_.request.head.method == http::Method::get && !cache::is_under_rule(plan_.key) &&
         !worker_.shared_tier->is_cut_off();
}

/// What was asked for before this request came may be too old for what it demands.
bool ClusterFlight::may_follow() const {
  return !control_.no_cache && !control_.max_age && !control_.min_fresh;
}

/// The position of a fetch that begins now. A purge that was accepted here has its place in the shared log a
/// moment later; with a position before that nobody could follow.
io::Awaitable<void> ClusterFlight::take_position() {
  const auto& entries = worker_.shared_tier->entries();
  const auto purges = entries.last_number();
  const bool may_return = entries.has_begun() && worker_.shared_tier->flights().is_available();
  io::Timer timer(worker_.executor);
  const auto until = real_now() + kReturn;
  while (may_return && !entries.has_returned(purges) && real_now() < until) {
    timer.expires_after(kLookForReturn);
    co_await timer.async_wait(io::kUse);
  }
  position_ = entries.shared_position(worker_.shared.memory.log().position());
}

io::Awaitable<ClusterFlight::Turn> ClusterFlight::join() {
  if (!may_join()) co_return Turn::ask;
  co_await take_position();
  if (!position_) co_return Turn::ask;
  for (int leaders = 0; leaders < kMaxLeaders; ++leaders) {
    auto seat = co_await worker_.shared_tier->flights().join(key(), *position_, cancel_);
    if (auto* const led = std::get_if<tier::LedFlightPtr>(&seat)) {
      led_ = std::move(*led);
      co_return co_await lead();
    }
    if (const auto* const marked = std::get_if<tier::SharedFlights::Uncacheable>(&seat))
      co_return remember_uncacheable(marked->time);
    auto* const followed = std::get_if<std::unique_ptr<FollowedFlight>>(&seat);
    if (!followed) co_return Turn::ask;
    if (plan_.permit) co_return Turn::look_again;  // it is being refreshed
    if (!may_follow() || !is_known_to_be_good((*followed)->position(), {})) co_return Turn::ask;
    const auto turn = co_await follow(std::move(*followed));
    if (turn) co_return *turn;
  }
  co_return Turn::ask;
}

/// Another node may have fetched it since this one looked; not for a request that wants more than what is
/// stored.
io::Awaitable<ClusterFlight::Turn> ClusterFlight::lead() {
  worker_.shared_tier->flights().count(observe::ClusterFlight::led);
  if (!may_follow()) co_return Turn::ask;
  const bool found = co_await look();
  if (!found) co_return Turn::ask;
  end(FlightOutcome::look_again);
  co_return Turn::look_again;
}

/// What is found comes into memory.
io::Awaitable<bool> ClusterFlight::look() {
  const cache::PrimaryKey wanted{plan_.key, plan_.digest};
  const auto found =
      co_await worker_.shared_tier->find(wanted, plan_.request.head.fields, plan_.stored, cancel_);
  if (!found) co_return false;
  const auto again = worker_.shared.memory.purged(plan_.digest, *found);
  co_return !again.is_hard();
}

ClusterFlight::Turn ClusterFlight::remember_uncacheable(milliseconds time) {
  const auto memo = std::min(time, plan_.snapshot->flights.uncacheable_memo);
  worker_.shared.uncacheable.remember(plan_.digest, worker_.shared.clock.steady_now() + memo);
  return Turn::uncacheable;
}

// ---- Following -------------------------------------------------------------------------------------------

io::Awaitable<std::optional<ClusterFlight::Turn>> ClusterFlight::follow(
    std::unique_ptr<FollowedFlight> flight) {
  const auto most = std::min(worker_.shared.cluster->settings().max_wait, plan_.snapshot->flights.max_wait);
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(begun_ + most - real_now());
    auto event = co_await flight->next(has_expired_ ? kLookOn : std::max(left, milliseconds{1}), cancel_);
    if (!event) co_return Turn::ask;
    if (auto* const head = std::get_if<tier::FlightHead>(&*event))
      co_return take(std::move(flight), std::move(*head));
    if (const auto* const end = std::get_if<tier::FlightEnd>(&*event)) {
      // What is marked says for how long.
      if (end->outcome == FlightOutcome::uncacheable) co_return std::nullopt;
      co_return co_await take_end(*end);
    }
    if (std::holds_alternative<FollowedFlight::LeaderLost>(*event)) co_return co_await succeed();
    if (!std::exchange(has_expired_, true))
      worker_.shared_tier->flights().count(observe::ClusterFlight::expired);
    permit_ = worker_.shared.cluster->unled().take(plan_.route->upstream->name());
    if (permit_) co_return Turn::ask;
    if (real_now() < begun_ + kPatience * most) continue;
    answer_ = forebay::fail(ErrorKind::queue_timeout, "another node is waited for");
    co_return Turn::answered;
  }
}

/// The leader has given its lease back without a word, for what it has fetched is in Redis; or it is lost.
io::Awaitable<std::optional<ClusterFlight::Turn>> ClusterFlight::succeed() {
  const bool found = co_await look();
  if (!found) co_return std::nullopt;
  worker_.shared_tier->flights().count(observe::ClusterFlight::found);
  co_return Turn::look_again;
}

io::Awaitable<ClusterFlight::Turn> ClusterFlight::take_end(tier::FlightEnd end) {
  if (end.outcome == FlightOutcome::look_again) {
    co_await look();
    co_return Turn::look_again;
  }
  // An error that only the leader has something stored to survive is an answer here.
  const bool is_shared = end.error != ErrorKind::server_error || plan_.survives_errors;
  if (end.outcome != FlightOutcome::failed || !is_shared) co_return Turn::ask;
  if (may_be_its_own(end.error)) {
    permit_ = worker_.shared.cluster->unled().take(plan_.route->upstream->name());
    if (permit_) co_return Turn::ask;
  }
  answer_ = forebay::fail(end.error, "on another node");
  co_return Turn::answered;
}

ClusterFlight::Turn ClusterFlight::take(std::unique_ptr<FollowedFlight> flight, tier::FlightHead head) {
  auto& flights = worker_.shared_tier->flights();
  if (!may_take(head)) {
    flights.count(observe::ClusterFlight::declined);
    return Turn::ask;
  }
  flights.count(observe::ClusterFlight::followed);
  recoded_from_ = head.recoded_from;
  const auto between_bytes = plan_.route->upstream->settings().between_bytes_timeout;
  answer_ = std::make_unique<FollowedReply>(
      FollowedReply::Fetch{
          worker_, cancel_, ask_again_,
          [this](const http::ResponseHead& anew, WallTime request_time, WallTime response_time) {
            return may_share(anew, request_time, response_time);
          },
          *position_, between_bytes, led_, keeps_to_itself_},
      std::move(flight), std::move(head));
  return Turn::answered;
}

/// By this request's own fields, and by what is known here of purges.
bool ClusterFlight::may_take(const tier::FlightHead& told) const {
  const auto& policy = plan_.route->policy;
  const auto head = head_in(told);
  if (!may_share(head, told.request_time, told.response_time)) return false;
  const auto names = cache::selecting_names(head.fields, policy.key);
  if (!names || *names != told.vary_names) return false;
  std::string variant;
  if (!names->empty()) cache::append_variant_key(variant, *names, plan_.request.head.fields);
  if (variant != told.variant_key) return false;
  const auto tags = cache::tags_of(plan_.key, head.fields, policy);
  return tags && is_known_to_be_good(told.position, *tags);
}

bool ClusterFlight::may_share(const http::ResponseHead& head, WallTime request_time,
                              WallTime response_time) const {
  const auto& policy = plan_.route->policy;
  const auto control = cache::effective_control(head.fields, policy, response_time);
  const auto verdict = cache::storability(plan_.request.head, head, control, policy, request_time,
                                          response_time, plan_.sharing);
  return verdict == cache::StoreVerdict::stored && (!plan_.media || cache::agrees(*plan_.media, head));
}

bool ClusterFlight::is_known_to_be_good(cache::Position position, std::span<const Digest> tags) const {
  return worker_.shared_tier->entries().vouches_for({plan_.key, plan_.digest}, tags, position);
}

// ---- Leading ---------------------------------------------------------------------------------------------

void ClusterFlight::share_head(const upstream::Reply& reply, const cache::StoredResponse& kept,
                               std::optional<std::uint64_t> length) {
  if (led_ && !follows()) led_->head(flight_head(key(), *position_, reply, kept, length));
  // It was asked for alone since it was thought that it could not be shared.
  if (worker_.shared_tier && !plan_.lead.is_joinable())
    worker_.shared_tier->flights().forget_uncacheable(key());
}

void ClusterFlight::append(const cache::Slice& slice) {
  if (led_) led_->append(slice);
}

void ClusterFlight::complete(const std::string& trailers) {
  if (led_) led_->end({.outcome = FlightOutcome::complete, .trailers = trailers});
}

void ClusterFlight::fail(const Error& error) {
  if (!led_) return;
  const bool is_upstreams = side_at_fault(error.kind) == Side::upstream;
  led_->end(
      {.outcome = is_upstreams ? FlightOutcome::failed : FlightOutcome::look_again, .error = error.kind});
}

void ClusterFlight::abandon() {
  keeps_to_itself_ = true;
  if (led_) led_->abandon();
}

void ClusterFlight::refuse(std::optional<milliseconds> memo) {
  if (!led_ || led_->has_ended()) return;
  if (memo) led_->mark_uncacheable(*memo);
  end(memo ? FlightOutcome::uncacheable : FlightOutcome::look_again);
}

/// By another key, or as a variant of which the flight did not know, those who follow would not find it; and
/// who has a part of the body, and followed this successor's fetch, has to get the rest.
std::shared_ptr<tier::Writing> ClusterFlight::writing(const cache::StoredResponse& response) {
  if (!led_) return nullptr;
  const bool is_of_the_flight = response.vary_names().empty() ||
                                key() == flight_key(plan_.key, response.vary_names(), response.variant_key());
  auto writing =
      std::make_shared<LedUntilWritten>(led_, !follows() && response.key() == plan_.key && is_of_the_flight);
  waits_for_writing_ = true;
  return writing;
}

void ClusterFlight::end(FlightOutcome outcome) {
  led_->end({.outcome = outcome});
  led_->release();
}

}  // namespace forebay::proxy
