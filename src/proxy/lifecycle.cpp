// The life of a request, in order:
//
//   classify   which URI, which route; look it up, pass it through or refuse it
//   read       of a QUERY the content, which is part of its key
//   lookup     what does the memory tier have for it?
//   decide     may that answer? serve it, validate it, fetch, or refuse (only-if-cached)
//   fetch      lead a shared fetch, or wait for one that is under way and share its answer
//   pass       send it upstream for this client alone
//   deliver    write the answer
//
// begin() goes as far as it can without waiting, which for a memory hit is all the way; run() does the rest.
// Deciding is pure and stands in cache/; performing stands here and in the files this one names: answers
// (made in memory), lifecycle_query (what is different for a QUERY), lifecycle_deliver (how answers reach the
// client), shared_fetch (leads a flight), slices (of large representations), pass (one client's own forward).
#include "forebay/proxy/lifecycle.hpp"

#include <utility>

#include "answers.hpp"
#include "fetch_plan.hpp"
#include "forebay/cache/freshness.hpp"
#include "forebay/cache/normalise.hpp"
#include "forebay/cache/validation.hpp"
#include "pass.hpp"
#include "purge_request.hpp"
#include "ranges.hpp"
#include "recode_stored.hpp"
#include "refresh.hpp"
#include "request_key.hpp"
#include "shared_fetch.hpp"
#include "slices.hpp"
#include "waiting.hpp"

namespace forebay::proxy {

using cache::PassReason;
using cache::Reuse;
using flight::Outcome;
using flight::Verdict;
using observe::CacheResult;

namespace {

/// Once for each request, again after a flight that stored nothing here, and not where it would be of no use.
bool may_ask_redis(const Worker& worker, const Exchange& x) {
  return worker.shared_tier && !x.asked_redis && !x.control.no_cache &&
         !worker.shared.uncacheable.contains(x.key.digest, worker.shared.clock.steady_now());
}

}  // namespace

std::optional<Answer> Lifecycle::begin(Exchange& x) {
  enter(x, Phase::classify);
  x.bodies = &worker_.shared.memory.budget();
  if (auto refusal = classify(x)) return refusal;
  if (x.classified.kind == cache::Classified::pass) return std::nullopt;
  if (x.request.method == http::Method::query) return std::nullopt;  // its content has to be read first
  return answer_from_memory(x);
}

io::Awaitable<void> Lifecycle::run(Exchange& x) {
  x.snapshot = worker_.snapshot();
  if (x.classified.kind == cache::Classified::pass) co_return co_await pass(x, x.classified.reason, nullptr);
  if (x.request.method == http::Method::query) co_return co_await run_query(x);
  co_await take_turns(x);
}

io::Awaitable<void> Lifecycle::take_turns(Exchange& x) {
  for (std::uint32_t turn = 0; turn < x.snapshot->max_turns; ++turn) {  // waiting is bounded
    if (x.gone.requested()) co_return;
    enter(x, Phase::lookup);
    auto found = look_up(worker_, x);
    enter(x, Phase::decide);
    auto reuse = decide(x, found);
    if (!reuse.serves() && may_ask_redis(worker_, x)) {
      found = co_await look_into_redis(x, std::move(found));
      reuse = decide(x, found);
    }
    if (reuse.action == Reuse::refuse) co_return co_await send(x, refuse_to_fetch(x, reuse));
    if (reuse.action == Reuse::refresh) start_refresh(worker_, x, found);
    if (reuse.serves()) {
      if (co_await serve(x, found, reuse)) co_return;
      continue;
    }
    // A stale GET response and a HEAD request: only a HEAD need be sent, and it may freshen what is stored
    // (§4.3.5). Of what has been recoded it would tell the client what the origin has, not what it gets here.
    x.forward = reuse.forward;
    x.survives_errors = reuse.on_error;
    if (x.request.method == http::Method::head && found.response && !found.response->recoded_from())
      co_return co_await pass(x, PassReason::none, found.response);
    std::optional<Sibling> sibling;
    if (reuse.action == Reuse::fetch && found.key_known) sibling = find_sibling(worker_, x);
    std::optional<std::uint64_t> slice;
    if (!sibling) slice = first_slice(worker_, x, found);
    // A part from the middle is not worth waiting for what comes before it.
    if (reuse.action == Reuse::fetch && !sibling && !slice && !wants_the_beginning(x.request))
      co_return co_await pass(x, PassReason::range, found.response);
    enter(x, Phase::fetch);
    auto seat = take_seat(x, found, slice);
    if (auto* leading = std::get_if<flight::Lead>(&seat)) {
      found = look_once_more(x, std::move(found));
      reuse = decide(x, found);
      if (reuse.serves()) continue;
      x.survives_errors = reuse.on_error;
      if (sibling) {
        const bool stored = co_await recode_stored(worker_, x, std::move(*sibling));
        if (stored) continue;  // those who wait look again, too
      }
      if (co_await lead(x, std::move(*leading), found, reuse, slice)) co_return;
      continue;
    }
    const bool over =
        co_await follow(x, std::get<std::shared_ptr<flight::Flight>>(seat), found, reuse, slice);
    if (over) co_return;
  }
  co_await pass(x, PassReason::turns_used_up, nullptr);
}

// ---- classify -------------------------------------------------------------------------------------------

std::optional<Answer> Lifecycle::classify(Exchange& x) {
  auto uri = cache::effective_uri(x.request, x.client.scheme);
  if (!uri) {
    auto answer = refuse(x, 400, uri.error().detail);
    answer.close = true;
    return answer;
  }
  x.uri = *uri;
  if (x.request.method == http::Method::purge && worker_.snapshot()->purges.is_open())
    return answer_purge(worker_, x);
  x.route = worker_.snapshot()->routes.match(x.request, x.uri.host, x.uri.path);
  if (!x.route) return refuse(x, 404, "no route matches this host, path, method and fields");
  x.classified =
      cache::classify(x.request, x.uri.path, x.uri.query, x.request_body != nullptr, x.route->policy);
  if (x.classified.kind == cache::Classified::refuse)
    return refuse(x, x.classified.refuse_status, "the method is not allowed");
  if (x.classified.kind == cache::Classified::lookup && worker_.is_cut_off(tier::CutOff::bypass))
    x.classified = {cache::Classified::pass, PassReason::cut_off, 0};
  if (x.classified.kind == cache::Classified::lookup && x.route->partition.is_set()) find_partition(x);
  // What passes is the client's own and is forwarded as it is; a QUERY may still turn out to be that.
  if (x.classified.kind == cache::Classified::lookup && x.request.method != http::Method::query)
    cache::normalise(x.request, x.uri, x.route->policy, x.scratch.query);
  // RFC 9110 §7.6.2: the last hop that the client allows answers itself.
  if (x.request.method == http::Method::options && x.request.fields.find(http::FieldId::max_forwards) == "0")
    return options_answer(x, worker_.shared.clock.now());
  return std::nullopt;
}

void Lifecycle::find_partition(Exchange& x) {
  const auto found = worker_.partition_of(x.request.fields, *worker_.snapshot(), *x.route);
  x.partition = found.partition;
  if (found.pass != PassReason::none) x.classified = {cache::Classified::pass, found.pass, 0};
}

Answer Lifecycle::refuse(Exchange& x, int status, std::string_view sentence) {
  x.result = CacheResult::refused;
  return error_answer(x, status, sentence, nullptr, worker_.shared.clock.now());
}

// ---- lookup and decide ----------------------------------------------------------------------------------

std::optional<Answer> Lifecycle::answer_from_memory(Exchange& x) {
  enter(x, Phase::lookup);
  write_key(x);
  x.control = cache::parse_request_cache_control(x.request.fields);
  auto found = look_up(worker_, x);

  enter(x, Phase::decide);
  const auto reuse = decide(x, found);
  switch (reuse.action) {
    case Reuse::refresh:
    case Reuse::serve:
      if (!has_what_is_wanted(x, *found.response, worker_.shared.clock.now())) return std::nullopt;
      if (reuse.action == Reuse::refresh) start_refresh(worker_, x, found);
      enter(x, Phase::deliver);
      return answer_stored(x, found, reuse);
    case Reuse::refuse:
      if (may_ask_redis(worker_, x)) return std::nullopt;
      return refuse_to_fetch(x, reuse);
    case Reuse::validate:
    case Reuse::fetch: break;
  }
  // While the upstream keeps failing, one request a moment finds out; the others need not wait for that.
  if (reuse.on_error && worker_.shared.failed.contains(x.key.digest, worker_.shared.clock.steady_now()))
    return answer_despite_error(x, found.response, reuse.forward, std::nullopt);
  return std::nullopt;
}

/// RFC 9111 §5.2.1.7.
Answer Lifecycle::refuse_to_fetch(Exchange& x, const Reuse& reuse) {
  auto answer = refuse(x, 504, "only-if-cached, and nothing usable is stored");
  answer.extra = write_extra(x.scratch, std::nullopt, {.forward = reuse.forward, .detail = "only-if-cached"});
  return answer;
}

io::Awaitable<cache::Found> Lifecycle::look_into_redis(Exchange& x, cache::Found found) {
  x.asked_redis = true;
  auto stored = co_await worker_.shared_tier->find(x.key, x.request.fields, found.response, x.gone);
  // Meanwhile what memory had may have been purged, or fetched by others.
  if (!stored) co_return look_up(worker_, x);
  x.detail = "redis";
  co_return cache::Found{std::move(stored), true, nullptr};
}

/// The flight before this one may have stored since the lookup. What came from Redis may not be in memory,
/// which keeps nothing or has no room: it is still what can be validated.
cache::Found Lifecycle::look_once_more(Exchange& x, cache::Found found) {
  auto again = look_up(worker_, x);
  const bool is_in_redis = x.asked_redis && found.response && !again.response;
  if (!is_in_redis || worker_.shared.memory.purged(x.key.digest, *found.response)) return again;
  return found;
}

Reuse Lifecycle::decide(const Exchange& x, const cache::Found& found) {
  const auto& policy = x.route->policy;
  const double random = policy.early_refresh > 0 ? worker_.random() : 1;
  const auto now = worker_.shared.clock.now();
  auto control = x.control;
  if (worker_.is_cut_off(tier::CutOff::revalidate)) control.no_cache = true;
  auto reuse = cache::decide(control, found, policy, now, random);
  if (!found.response || has_what_is_wanted(x, *found.response, now)) return reuse;
  reuse.on_error = false;
  // What the slices lack is fetched one by one.
  return found.response->is_sliced() && policy.slice > 0 ? reuse : cache::for_the_rest(reuse, x.control);
}

io::Awaitable<bool> Lifecycle::serve(Exchange& x, const cache::Found& found, const Reuse& reuse) {
  if (!has_what_is_wanted(x, *found.response, worker_.shared.clock.now())) {
    x.forward = http::ForwardReason::partial;
    const http::CacheStatus status{.hit = true, .ttl = reuse.ttl.count()};
    OpenSlice none;
    co_return co_await deliver_slices(x, found.response, status, std::move(none));
  }
  co_await send(x, answer_stored(x, found, reuse));
  co_return true;
}

// ---- fetch: who leads, who follows ----------------------------------------------------------------------

flight::FlightTable::Seat Lifecycle::take_seat(Exchange& x, const cache::Found& found,
                                               std::optional<std::uint64_t> slice) {
  const auto& shared = worker_.shared;
  if (shared.uncacheable.contains(x.key.digest, shared.clock.steady_now()))
    return flight::FlightTable::alone(flight_key(x, found, slice), shared.memory.log().position());
  return join_flight(worker_, x, found, slice);
}

io::Awaitable<bool> Lifecycle::lead(Exchange& x, flight::Lead lead, const cache::Found& found,
                                    const Reuse& reuse, std::optional<std::uint64_t> slice) {
  x.asked_upstream = true;
  x.result = CacheResult::miss;
  const bool alone = !lead.is_joinable();
  const auto ticket = start_shared_fetch(
      worker_, plan_fetch(worker_, x, std::move(lead), found, reuse, ForwardAs::shared_fetch, slice));
  const bool stayed = co_await wait_for_ticket(x, ticket, alone);
  if (!stayed) co_return true;

  http::CacheStatus status{.forward = reuse.forward, .forward_status = ticket->upstream_status};
  const auto& verdict = ticket->verdict;
  if (verdict.outcome == Outcome::failed) {
    co_await send_failure(x, verdict.error, ticket->upstream_status, found.response);
    co_return true;
  }
  if (verdict.outcome == Outcome::dangling) {  // another node has seen to it, perhaps for Redis alone
    x.asked_redis = x.asked_upstream = false;
    co_return false;
  }
  if (verdict.outcome == Outcome::unshareable) {  // it cannot be kept in slices
    co_await pass(x, PassReason::range, found.response);
    co_return true;
  }
  if (verdict.outcome == Outcome::renewed) {
    x.result = CacheResult::revalidated;
    status.stored = ticket->storing == cache::StoreVerdict::stored;
    co_return co_await deliver_renewed(x, verdict, status);
  }
  x.result = CacheResult::miss;
  if (ticket->upstream_status == verdict.response->status()) status.forward_status.reset();
  status.stored = ticket->storing == cache::StoreVerdict::stored;
  if (!status.stored) x.detail = status.detail = name(ticket->storing);
  if (ticket->followed) follow_elsewhere(x, *verdict.response, status);
  if (verdict.response->is_sliced()) {
    x.forward = reuse.forward;
    OpenSlice first{*slice, nullptr, std::move(ticket->reader)};
    co_return co_await deliver_slices(x, verdict.response, status, std::move(first));
  }
  co_await deliver_stream(x, verdict, *ticket->reader, status);
  ticket->reader.reset();
  // A fetch for the store goes on alone; what is not stored and nobody reads any more does not.
  const bool is_stored = ticket->storing == cache::StoreVerdict::stored;
  if (x.client_failed && !is_stored && !verdict.feed->has_readers() && ticket->cancel)
    ticket->cancel->request();
  co_return true;
}

/// Another node leads: it is as with others' fetches on this one.
void Lifecycle::follow_elsewhere(Exchange& x, const cache::StoredResponse& response,
                                 http::CacheStatus& status) {
  status.collapsed = x.collapsed = true;
  x.asked_upstream = false;
  status.stored = false;
  status.ttl = cache::remaining(response.freshness(), worker_.shared.clock.now()).count();
  worker_.metrics.collapsed.add();
}

io::Awaitable<bool> Lifecycle::follow(Exchange& x, const std::shared_ptr<flight::Flight>& flight,
                                      const cache::Found& found, const Reuse& reuse,
                                      std::optional<std::uint64_t> slice) {
  enter(x, Phase::wait);
  x.result = CacheResult::miss;
  const auto verdict = co_await wait_for_flight(worker_, x, flight);
  if (x.gone.requested()) co_return true;
  switch (verdict.outcome) {
    case Outcome::pending: {  // no verdict in time, or too many waiting
      const bool too_many = verdict.error.kind == ErrorKind::queue_full;
      const auto reason = too_many ? PassReason::too_many_waiting : PassReason::waited_too_long;
      co_await pass(x, reason, found.response);
      co_return true;
    }
    case Outcome::failed:
      // The first failure hands over to one successor; the second is everybody's answer, so that a dead
      // upstream is not asked once for each who waits.
      if (!std::exchange(x.saw_failure, true) && !reuse.on_error) co_return false;
      co_await send_failure(x, verdict.error, 0, found.response);
      co_return true;
    case Outcome::sharing:
    case Outcome::renewed: break;
    case Outcome::dangling: x.asked_redis = false; co_return false;
    case Outcome::unshareable: co_return false;
  }
  // Only now its tags and its key are known.
  if (worker_.shared.memory.purged(digest(verdict.response->key()), *verdict.response)) co_return false;
  if (!is_for_query_of(worker_, x, *verdict.response)) co_return false;
  if (!may_share(worker_, x, *verdict.response)) {
    x.other_variant = verdict.response;
    // Another coding of what this request wants can be made from it, once it is stored.
    if (verdict.feed && will_be_sibling(x, *verdict.response))
      co_await wait_for_end(worker_, x, verdict.feed, x.snapshot->flights.max_wait);
    co_return false;
  }
  const auto now = worker_.shared.clock.now();
  http::CacheStatus status{.forward = reuse.forward, .collapsed = true};
  status.ttl = cache::remaining(verdict.response->freshness(), now).count();
  if (verdict.outcome == Outcome::renewed) {
    x.collapsed = true;
    x.result = CacheResult::revalidated;
    worker_.metrics.collapsed.add();
    co_return co_await deliver_renewed(x, verdict, status);
  }
  auto reader = verdict.feed->join(worker_.executor);
  if (!reader) co_return false;  // it has turned out too large to be kept
  x.collapsed = true;
  x.result = CacheResult::miss;
  worker_.metrics.collapsed.add();
  if (verdict.response->is_sliced()) {
    x.forward = reuse.forward;
    OpenSlice first{*slice, nullptr, std::move(reader)};
    co_return co_await deliver_slices(x, verdict.response, status, std::move(first));
  }
  co_await deliver_stream(x, verdict, *reader, status);
  co_return true;
}

io::Awaitable<void> Lifecycle::pass(Exchange& x, PassReason reason, cache::StoredResponsePtr stored) {
  enter(x, Phase::pass);
  x.asked_upstream = true;
  x.result = CacheResult::pass;
  if (reason != PassReason::none) {
    x.detail = name(reason);
    x.forward = cache::forward_reason(reason);
  }
  const auto error = co_await forward_alone(worker_, x);
  if (error) co_await send_failure(x, *error, 0, stored);
}

// ---- finish ---------------------------------------------------------------------------------------------

void Lifecycle::finish(Exchange& x) {
  auto& metrics = worker_.metrics;
  metrics.requests[static_cast<std::size_t>(x.result)].add();
  if (x.status >= 100 && x.status < 600)
    metrics.responses_by_class[static_cast<std::size_t>(x.status / 100)].add();
  enter(x, Phase::done);
  if (!worker_.shared.log.access_enabled()) return;
  observe::AccessRecord record;
  record.time = x.began;
  record.client_address = x.client.address.empty() ? "-" : x.client.address;
  record.method = x.request.method_text;
  record.target = x.request.target;
  record.host = x.uri.authority;
  record.minor_version = x.request.minor_version;
  record.referer = x.request.fields.find(http::FieldId::referer).value_or("");
  record.user_agent = x.request.fields.find(http::FieldId::user_agent).value_or("");
  record.status = x.status;
  record.body_bytes = x.body_bytes;
  record.duration = worker_.shared.clock.steady_now() - x.began_steady;
  record.result = x.result;
  record.detail = x.detail;
  if (x.asked_upstream && x.route) record.upstream = x.route->upstream->name();
  record.collapsed = x.collapsed;
  worker_.shared.log.access(record);
}

}  // namespace forebay::proxy
