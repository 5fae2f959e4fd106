#include "shared_fetch.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "cluster_flight.hpp"
#include "coded_reply.hpp"
#include "fetched_part.hpp"
#include "forebay/cache/coding_plan.hpp"
#include "forebay/cache/effective_control.hpp"
#include "forebay/cache/freshness.hpp"
#include "forebay/cache/incomplete.hpp"
#include "forebay/cache/keep.hpp"
#include "forebay/cache/recoded.hpp"
#include "forebay/cache/search_rule.hpp"
#include "forebay/cache/validation.hpp"
#include "forebay/http/status.hpp"
#include "forebay/io/held_body.hpp"
#include "forebay/tier/budget.hpp"
#include "query_content.hpp"
#include "request_key.hpp"

namespace forebay::proxy {
namespace {

using cache::StoreVerdict;
using flight::Outcome;
using flight::Verdict;
namespace asio = io::asio;

constexpr std::uint32_t kFirstChunk = 16 * 1024;  // of a body whose length is not known
constexpr std::uint32_t kChunk = 64 * 1024;
constexpr std::chrono::milliseconds kFailureMemo{1000};

/// What a body of this length is charged, received in chunks of kChunk.
std::uint64_t body_charge(std::uint64_t length) noexcept {
  return length + (length / kChunk + 1) * (cache::Chunk::charge_of(0) + sizeof(cache::Slice)) +
         sizeof(cache::Body);
}

/// One fetch from start to end. Owned by its own coroutine.
class SharedFetch {
 public:
  SharedFetch(Worker& worker, SharedFetchPlan plan, std::shared_ptr<Ticket> ticket)
      : worker_(worker),
        plan_(std::move(plan)),
        ticket_(std::move(ticket)),
        memory_(worker.shared.memory),
        reserved_(memory_.budget()),
        buffers_(memory_.budget(), tier::ChargeKind::buffers),
        cluster_(worker, plan_, cancel_, [this] { return ask_again(); }) {
    memory_.insist(buffers_, upstream::kFetchBuffers);
    worker_.shared_fetches.insert(&cancel_);
    ticket_->cancel = &cancel_;
  }
  ~SharedFetch() {
    worker_.shared_fetches.erase(&cancel_);
    ticket_->cancel = nullptr;
    if (ticket_->verdict.outcome == Outcome::pending) fail(forebay::fail(ErrorKind::cancelled));
  }
  SharedFetch(const SharedFetch&) = delete;
  SharedFetch& operator=(const SharedFetch&) = delete;

  io::Awaitable<void> run();

 private:
  io::Awaitable<Result<std::unique_ptr<upstream::Reply>>> send(bool validates, bool part);
  /// The answer to what is asked for, or to the question for everything where that is of no use.
  io::Awaitable<Result<std::unique_ptr<upstream::Reply>>> ask();
  /// The answer to the question for everything, as the feed gets it.
  io::Awaitable<Result<std::unique_ptr<upstream::Reply>>> ask_again();
  void look_again();
  std::unique_ptr<upstream::Reply> recoded(std::unique_ptr<upstream::Reply> reply);
  void renew(const upstream::Reply& reply);
  void take_head(upstream::Reply& reply);
  std::string key_of_answer(const http::ResponseHead& head);
  StoreVerdict judge(const upstream::Reply& reply, const http::ResponseHead& head,
                     const cache::ResponseCacheControl& control);
  io::Awaitable<void> take_body(upstream::Reply& reply);
  io::Awaitable<Result<std::size_t>> read_more(io::BodySource& body);
  void store();
  void store_slice(const cache::BodyPtr& body);
  void store_beginning();
  void pass_slice();
  void give_up_slices(StoreVerdict why);
  void give_up_storing(StoreVerdict why);
  void fail(Error error);
  /// The verdict for the client that started this, and the one for everybody who follows.
  void decide(Verdict own, Verdict shared);
  bool is_shareable(const cache::Freshness& freshness) const;
  void remember_unshareable(StoreVerdict why, int status);
  void remember_unsliced();
  void count(StoreVerdict verdict);

  Worker& worker_;
  SharedFetchPlan plan_;
  std::shared_ptr<Ticket> ticket_;
  tier::MemoryTier& memory_;
  tier::Reservation reserved_;  // for the rest of the body
  tier::Reservation buffers_;
  std::optional<io::HeldBody> content_;
  upstream::UpstreamRequest request_;
  io::Cancel cancel_;
  ClusterFlight cluster_;

  cache::StoredResponsePtr head_;  // the response without its body and Content-Length
  std::shared_ptr<flight::BodyFeed> feed_;
  std::optional<cache::Part> part_;      // what has come, if it is not everything
  std::optional<std::uint64_t> length_;  // of what the feed gets
  std::optional<std::uint64_t> coming_;  // from the upstream
  std::uint64_t received_ = 0;
  std::optional<http::Coding> recoded_from_;
  bool storing_ = false;
  cache::ChunkPtr chunk_;
  std::uint32_t used_ = 0;  // bytes of chunk_ that are filled
};

io::Awaitable<void> SharedFetch::run() {
  using Turn = ClusterFlight::Turn;
  const auto turn = co_await cluster_.join();
  if (turn == Turn::look_again) co_return look_again();
  if (turn == Turn::uncacheable) plan_.lead.decide({Outcome::unshareable, nullptr, {}, nullptr, {}});
  ticket_->followed = turn == Turn::answered;
  ClusterFlight::Answer reply = forebay::fail(ErrorKind::cancelled);
  if (turn == Turn::answered)
    reply = cluster_.answer();
  else
    reply = co_await ask();
  if (reply && plan_.validates && (*reply)->head().status == 304) {
    renew(**reply);
    co_return;
  }
  if (reply && plan_.survives_errors && http::is_failure((*reply)->head().status)) {
    ticket_->upstream_status = (*reply)->head().status;
    co_await (*reply)->stop_sending();
    reply = forebay::fail(ErrorKind::server_error);
  }
  if (!reply) {
    fail(reply.error());
    co_return;
  }
  if (plan_.part && (*reply)->head().status == 206) {
    if (!is_asked_part(*plan_.part, **reply, plan_.stored.get()))
      co_return give_up_slices(StoreVerdict::unsliceable);
    part_ = cache::part_of((*reply)->head());
  }
  // A part is left as it is: it is one of what the upstream has.
  if (cluster_.follows())
    recoded_from_ = cluster_.recoded_from();
  else if (!part_)
    *reply = recoded(std::move(*reply));
  take_head(**reply);
  if (feed_) co_await take_body(**reply);
  co_await (*reply)->stop_sending();  // it reads the content, which ends with this
}

io::Awaitable<Result<std::unique_ptr<upstream::Reply>>> SharedFetch::ask() {
  auto reply = co_await send(plan_.validates, true);
  if (!reply) co_return reply;
  const auto status = (*reply)->head().status;
  if (plan_.validates && status == 304)
    *reply = in_terms_of(plan_.stored, std::move(*reply), plan_.route->policy);
  // RFC 9111 §4.3.4: a 304 about something we do not have; only the representation itself helps.
  if (plan_.validates && status == 304 && !cache::selects((*reply)->head(), *plan_.stored)) {
    reply = co_await send(false, true);
    if (!reply) co_return reply;
  }
  if (plan_.part && is_of_no_use(*plan_.part, **reply, plan_.stored.get()))
    co_return co_await send(false, false);
  co_return reply;
}

io::Awaitable<Result<std::unique_ptr<upstream::Reply>>> SharedFetch::ask_again() {
  auto reply = co_await send(false, false);
  if (reply) *reply = recoded(std::move(*reply));
  co_return reply;
}

/// Another node has seen to it, or does: whoever waits here finds it, or follows.
void SharedFetch::look_again() {
  const Verdict again{Outcome::dangling, nullptr, {}, nullptr, {}};
  decide(again, again);
}

/// The reply in the coding that the request asks for.
std::unique_ptr<upstream::Reply> SharedFetch::recoded(std::unique_ptr<upstream::Reply> reply) {
  const auto coding = affordable(memory_, cache::plan_coding(plan_.request.head.fields, reply->head(),
                                                             reply->body().length(), plan_.route->policy));
  if (coding.changes()) recoded_from_ = coding.from;
  return recode(worker_, std::move(reply), coding);
}

io::Awaitable<Result<std::unique_ptr<upstream::Reply>>> SharedFetch::send(bool validates, bool part) {
  request_ = {};
  request_.method = plan_.request.head.method;
  if (plan_.content) request_.body = &content_.emplace(plan_.content->view());
  request_.cancel = &cancel_;
  request_.on_interim = [this](const http::ResponseHead& head) {
    if (ticket_->on_interim) ticket_->on_interim(head);
  };
  request_.head = plan_.upstream_head;
  if (validates) cache::append_validation_fields(request_.head, *plan_.stored);
  if (part && plan_.part) append_range_fields(request_.head, *plan_.part, plan_.stored.get());
  co_return co_await worker_.fetcher(plan_.route->upstream).fetch(request_);
}

void SharedFetch::renew(const upstream::Reply& reply) {
  const auto& policy = plan_.route->policy;
  auto fresh = cache::freshen(*plan_.stored, reply.head(), policy, reply.request_time(),
                              reply.response_time(), plan_.lead.flight().position(), worker_.random());
  ticket_->storing = cache::storability_after(reply.head(), *plan_.stored, policy, reply.response_time());
  if (ticket_->storing != StoreVerdict::stored) {  // the last answer this stored response gives
    memory_.invalidate({plan_.key, plan_.digest});
  } else if (cache::parse_request_cache_control(plan_.request.head.fields).no_store) {
    ticket_->storing = StoreVerdict::request_no_store;  // §5.2.1.5: nor any part of the 304
  } else {
    ticket_->storing = memory_.replace(plan_.digest, *plan_.stored, fresh);
    if (ticket_->storing == StoreVerdict::stored) worker_.share(*fresh, policy, cluster_.writing(*fresh));
  }
  Verdict own{Outcome::renewed, fresh, {}, nullptr, {}};
  Verdict shared = own;
  if (ticket_->storing == StoreVerdict::invalidated || ticket_->storing == StoreVerdict::superseded) {
    shared = {Outcome::dangling, nullptr, {}, nullptr, {}};  // those who wait look again
  } else if (ticket_->storing != StoreVerdict::stored || !is_shareable(fresh->freshness())) {
    shared = {Outcome::unshareable, nullptr, {}, nullptr, {}};
    if (!is_about_the_request(ticket_->storing)) remember_unshareable(ticket_->storing, 200);
  }
  ticket_->upstream_status = 304;
  decide(std::move(own), std::move(shared));
}

/// What the heads say about storing, and the room there is.
StoreVerdict SharedFetch::judge(const upstream::Reply& reply, const http::ResponseHead& head,
                                const cache::ResponseCacheControl& control) {
  auto verdict = cache::storability(plan_.request.head, head, control, plan_.route->policy,
                                    reply.request_time(), reply.response_time(), plan_.sharing);
  if (verdict == StoreVerdict::stored && plan_.media && !cache::agrees(*plan_.media, head))
    verdict = StoreVerdict::content_type;
  // What is completed is stored under the rule that it had.
  if (verdict == StoreVerdict::stored && part_ && plan_.route->policy.key.query.no_vary_search &&
      cache::names_another_rule(reply.head().fields, plan_.key))
    verdict = StoreVerdict::vary_any;
  if (verdict == StoreVerdict::stored && length_ && *length_ > memory_.max_body())
    verdict = StoreVerdict::too_large;
  // Who waits asks for it as well. What is kept in parts was admitted with the first of them.
  if (verdict == StoreVerdict::stored && !part_ && !plan_.lead.flight().has_waiters() &&
      !memory_.admit({plan_.key, plan_.digest}, coming_.value_or(0), plan_.route->policy.min_uses))
    verdict = StoreVerdict::too_few_uses;
  // The whole length at once: several large bodies that each get a part would leave no room for any.
  if (verdict == StoreVerdict::stored && coming_ && !memory_.reserve(reserved_, body_charge(*coming_)))
    verdict = StoreVerdict::no_room;
  return verdict;
}

/// By the rule that the answer has, which may be another than the one by which it was looked for.
std::string SharedFetch::key_of_answer(const http::ResponseHead& head) {
  if (part_) return plan_.key;
  auto key = key_to_store(worker_, plan_.route->policy.key, plan_.own_key, head.fields);
  // Errors and the like often come without the rule; a 200 tells that there is none any more.
  if (head.status == 200 && cache::is_under_rule(plan_.key) && !cache::is_under_rule(key))
    worker_.shared.search_rules.forget(digest(cache::path_in(plan_.key)));
  return key;
}

void SharedFetch::take_head(upstream::Reply& reply) {
  const bool is_slice = part_ && plan_.part->slice && !part_->is_whole();
  const auto& policy = plan_.route->policy;
  const auto head = part_ ? cache::head_as_coded(cache::head_of_whole(reply.head()), policy) : reply.head();
  const auto control = cache::effective_control(head.fields, policy, reply.response_time());
  coming_ = part_ ? part_->range.size() : reply.body().length();
  length_ = part_ && !is_slice ? part_->complete_length : coming_;
  auto verdict = judge(reply, head, control);
  const auto position = plan_.lead.flight().position();
  const cache::Arrived arrived{
      plan_.request.head.fields, head,         control, policy, reply.request_time(), reply.response_time(),
      worker_.random(),          recoded_from_};
  const auto key = verdict == StoreVerdict::stored ? key_of_answer(head) : plan_.key;
  head_ = cache::keep_head(key, arrived, verdict == StoreVerdict::stored, position);
  if (part_ && !plan_.part->slice)  // what the 206 left out is as it was
    head_ = cache::head_alone(
        *cache::freshen(*plan_.stored, head, policy, reply.request_time(), reply.response_time(),
                        std::min(position, plan_.stored->position()), worker_.random()));
  ticket_->upstream_status = reply.head().status;
  if (is_slice) {
    // Slices are of no use without the head that they belong to.
    head_ = cache::with_content(*head_, {nullptr, part_->complete_length, {}});
    if (verdict == StoreVerdict::stored) verdict = memory_.insert(plan_.digest, head_);
    if (verdict == StoreVerdict::no_room && plan_.stored && !ticket_->left) return pass_slice();
    if (verdict != StoreVerdict::stored) return give_up_slices(verdict);
  }
  if (plan_.part && plan_.part->slice && head.status == 200 && !part_) remember_unsliced();  // no ranges here
  storing_ = verdict == StoreVerdict::stored;
  ticket_->storing = verdict;
  feed_ = std::make_shared<flight::BodyFeed>();
  if (!ticket_->left) ticket_->reader = feed_->join(worker_.executor);
  Verdict own{Outcome::sharing, head_, length_, feed_, {}};
  if (storing_ && is_shareable(head_->freshness())) {
    worker_.shared.uncacheable.forget(plan_.digest);
    cluster_.share_head(reply, *head_, length_);
    auto shared = own;
    decide(std::move(own), std::move(shared));
  } else {
    const bool lies_outside = plan_.part && head.status == 416;
    if (!is_about_the_request(verdict) && verdict != StoreVerdict::too_few_uses && !lies_outside)
      remember_unshareable(verdict, head.status);
    cluster_.refuse({});
    decide(std::move(own), {Outcome::unshareable, nullptr, {}, nullptr, {}});
  }
  if (!storing_) give_up_storing(verdict);
}

io::Awaitable<void> SharedFetch::take_body(upstream::Reply& reply) {
  const auto between_bytes = plan_.route->upstream->settings().between_bytes_timeout;
  auto room = io::Signal::make(worker_.executor);
  auto& body = reply.body();
  const bool completes = part_ && !plan_.part->slice;
  if (completes && part_->range.first > 0) append_stored(*feed_, *plan_.stored, {0, part_->range.first - 1});
  for (;;) {
    if (!storing_) {
      // Stored responses make way for what is passed on; when there are none left, the windows have to be
      // small.
      const auto window = memory_.make_room(0) ? flight::BodyFeed::kWindow : flight::BodyFeed::kNarrowWindow;
      const bool wanted = co_await feed_->wait_for_room(room, between_bytes, window);
      if (!wanted) {
        feed_->fail(forebay::fail(ErrorKind::client_gone));
        co_return;
      }
    }
    const auto n = co_await read_more(body);
    if (!n) {
      if (storing_) store_beginning();
      cluster_.fail(n.error());
      feed_->fail(n.error());
      co_return;
    }
    if (*n == 0) break;
    const cache::Slice slice{chunk_, used_, static_cast<std::uint32_t>(*n)};
    cluster_.append(slice);
    feed_->append(slice);
    used_ += static_cast<std::uint32_t>(*n);
    received_ += *n;
    if (storing_ && feed_->size() > memory_.max_body()) give_up_storing(StoreVerdict::too_large);
  }
  if (completes && part_->range.last + 1 < part_->complete_length)
    append_stored(*feed_, *plan_.stored, {part_->range.last + 1, part_->complete_length - 1});
  // Stored before anybody sees the end: whoever asks after a complete answer finds it.
  cluster_.complete(body.trailers());
  if (storing_) store();
  plan_.lead.leave_table();
  feed_->finish(body.trailers());
}

io::Awaitable<Result<std::size_t>> SharedFetch::read_more(io::BodySource& body) {
  if (coming_ && received_ == *coming_) {
    std::array<char, 16> beyond;  // nothing is left but the end itself
    const auto more = co_await body.read_some(asio::buffer(beyond));
    if (more && *more > 0)
      co_return forebay::fail(ErrorKind::response_malformed, "more than Content-Range says");
    co_return more;
  }
  if (!chunk_ || used_ == chunk_->capacity()) {
    auto capacity = !coming_ && received_ == 0 ? kFirstChunk : kChunk;
    if (coming_) capacity = static_cast<std::uint32_t>(std::min<std::uint64_t>(kChunk, *coming_ - received_));
    const auto charge = cache::Chunk::charge_of(capacity);
    if (storing_ && !coming_ && !memory_.reserve(reserved_, charge)) give_up_storing(StoreVerdict::no_room);
    chunk_ = cache::Chunk::allocate(capacity, &memory_.budget());
    reserved_.give_back(charge);
    used_ = 0;
  }
  const auto n = co_await body.read_some(asio::buffer(chunk_->data() + used_, chunk_->capacity() - used_));
  if (n && *n == 0 && coming_) co_return forebay::fail(ErrorKind::response_incomplete);
  co_return n;
}

void SharedFetch::store() {
  reserved_.release();
  const auto slices = feed_->slices();
  const auto body = cache::Body::from(slices, &memory_.budget());
  if (head_->is_sliced()) return store_slice(body);
  const auto stored = cache::with_body(*head_, body);
  const auto verdict = memory_.insert(digest(head_->key()), stored);
  count(verdict);
  if (verdict == StoreVerdict::stored && (cluster_.leads() || !cluster_.follows()))
    worker_.share(*stored, plan_.route->policy, cluster_.writing(*stored));
  // RFC 9111 §4.3.3: it takes that one's place, though by another key.
  if (plan_.stored && head_->key() != plan_.key) memory_.erase(plan_.digest, *plan_.stored);
}

void SharedFetch::store_slice(const cache::BodyPtr& body) {
  const auto slice = keep_slice(*head_, plan_.route->policy.slice, *plan_.part->slice, body);
  count(memory_.insert(digest(slice->key()), slice));
}

/// What came of a body that ended early may be completed later, if it can be told to be of the same
/// representation then (RFC 9111 §3.3).
void SharedFetch::store_beginning() {
  count(StoreVerdict::incomplete);
  reserved_.release();
  if (plan_.request.head.method != http::Method::get || head_->is_sliced() ||
      (plan_.stored && !plan_.stored->is_incomplete()) || head_->status() != 200 || !length_ ||
      feed_->size() == 0 || !cache::has_strong_tag(*head_))
    return;
  const auto body = cache::Body::from(feed_->slices(), &memory_.budget());
  const cache::Content beginning{body, *length_, {{0, body->size() - 1}}};
  memory_.insert(digest(head_->key()), cache::with_content(*head_, beginning));
}

/// The response that the slice is for may have begun: who leads gets it though there is no room to keep it.
void SharedFetch::pass_slice() {
  ticket_->storing = StoreVerdict::no_room;
  count(StoreVerdict::no_room);
  feed_ = std::make_shared<flight::BodyFeed>();
  ticket_->reader = feed_->join(worker_.executor);
  decide({Outcome::sharing, head_, length_, feed_, {}}, {Outcome::unshareable, nullptr, {}, nullptr, {}});
  feed_->let_go();
}

/// Without the head nobody finds the slices: the client that leads is served otherwise, and so are others for
/// a while.
void SharedFetch::give_up_slices(StoreVerdict why) {
  ticket_->storing = why;
  count(why);
  if (!is_about_the_request(why)) remember_unsliced();
  // What the head stands for is not to be had any more in slices that fit it, or must not be kept.
  const bool speaks_of_it = why != StoreVerdict::no_room && why != StoreVerdict::invalidated;
  if (plan_.stored && speaks_of_it && !is_about_the_request(why)) memory_.erase(plan_.digest, *plan_.stored);
  decide({Outcome::unshareable, nullptr, {}, nullptr, {}}, {Outcome::unshareable, nullptr, {}, nullptr, {}});
}

void SharedFetch::give_up_storing(StoreVerdict why) {
  storing_ = false;
  count(why);
  // RFC 9111 §4.3.3: a full answer says that what is stored does not hold any more. An error says nothing,
  // nor does an answer that only this request could not have stored.
  if (plan_.stored && head_->status() < 500 && !is_about_the_request(why))
    memory_.erase(plan_.digest, *plan_.stored);
  if (why == StoreVerdict::too_large) remember_unshareable(why, head_->status());
  cluster_.abandon();
  reserved_.release();
  plan_.lead.leave_table();
  feed_->let_go();
}

void SharedFetch::fail(Error error) {
  if (error.kind != ErrorKind::cancelled)
    worker_.shared.failed.remember(plan_.digest, worker_.shared.clock.steady_now() + kFailureMemo);
  if (plan_.permit) worker_.metrics.refreshes_failed.add();
  cluster_.fail(error);
  Verdict failed{Outcome::failed, nullptr, {}, nullptr, std::move(error)};
  auto shared = failed;
  decide(std::move(failed), std::move(shared));
}

void SharedFetch::decide(Verdict own, Verdict shared) {
  plan_.lead.decide(std::move(shared));
  ticket_->verdict = std::move(own);
  ticket_->signal->notify();
}

bool SharedFetch::is_shareable(const cache::Freshness& freshness) const {
  return !freshness.always_validate && cache::remaining(freshness, worker_.shared.clock.now()).count() > 0;
}

void SharedFetch::remember_unshareable(StoreVerdict why, int status) {
  // An upstream's failure is no property of the key: long enough that those who waited do not wait for each
  // other.
  const auto configured = plan_.snapshot->flights.uncacheable_memo;
  const auto memo = status >= 500 ? std::min(configured, kFailureMemo) : configured;
  worker_.shared.uncacheable.remember(plan_.digest, worker_.shared.clock.steady_now() + memo);
  if (why != StoreVerdict::no_room) cluster_.refuse(memo);  // another node may have some
}

void SharedFetch::remember_unsliced() {
  const auto memo = plan_.snapshot->flights.uncacheable_memo;
  worker_.shared.unsliced.remember(plan_.digest, worker_.shared.clock.steady_now() + memo);
}

void SharedFetch::count(StoreVerdict verdict) {
  auto& metrics = worker_.metrics;
  (verdict == StoreVerdict::stored ? metrics.stored : metrics.not_stored).add();
  if (verdict == StoreVerdict::invalidated) metrics.invalidated_in_flight.add();
}

io::Awaitable<void> run_to_its_end(Worker& worker, SharedFetchPlan plan, std::shared_ptr<Ticket> ticket) {
  SharedFetch fetch(worker, std::move(plan), std::move(ticket));
  co_await fetch.run();
}

}  // namespace

std::shared_ptr<Ticket> start_shared_fetch(Worker& worker, SharedFetchPlan plan) {
  auto ticket = std::make_shared<Ticket>(worker.executor);
  asio::co_spawn(worker.executor, run_to_its_end(worker, std::move(plan), ticket), asio::detached);
  return ticket;
}

}  // namespace forebay::proxy
