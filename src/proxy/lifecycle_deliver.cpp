// How answers reach the client: from the store, while they arrive, slice by slice, or in the place of an
// error.
#include <algorithm>
#include <utility>

#include "answers.hpp"
#include "fetch_plan.hpp"
#include "forebay/cache/freshness.hpp"
#include "forebay/cache/keep.hpp"
#include "forebay/http/proxy_status.hpp"
#include "forebay/proxy/lifecycle.hpp"
#include "ranges.hpp"
#include "slices.hpp"
#include "stream_feed.hpp"

namespace forebay::proxy {

using cache::PassReason;
using cache::Reuse;
using flight::Verdict;
using observe::CacheResult;

Answer Lifecycle::answer_stored(Exchange& x, const cache::Found& found, const Reuse& reuse) {
  x.result = reuse.stale ? CacheResult::stale : CacheResult::hit;
  const http::CacheStatus status{
      .hit = true, .ttl = reuse.ttl.count(), .collapsed = x.collapsed, .detail = x.detail};
  return answer_from(x, found.response, reuse.age, status, worker_.shared.clock.now());
}

io::Awaitable<bool> Lifecycle::deliver_renewed(Exchange& x, const Verdict& verdict,
                                               http::CacheStatus status) {
  const auto now = worker_.shared.clock.now();
  const auto& freshness = verdict.response->freshness();
  status.ttl = cache::remaining(freshness, now).count();
  if (!has_what_is_wanted(x, *verdict.response, now)) {
    // Routes share keys: what one keeps in slices, another may come upon that has none.
    if (!verdict.response->is_sliced() || x.route->policy.slice == 0) co_return false;
    OpenSlice none;
    co_return co_await deliver_slices(x, verdict.response, status, std::move(none));
  }
  co_await send(x, answer_from(x, verdict.response, cache::current_age(freshness, now), status, now));
  co_return true;
}

io::Awaitable<void> Lifecycle::deliver_stream(Exchange& x, const Verdict& verdict,
                                              flight::BodyFeed::Reader& reader,
                                              const http::CacheStatus& status) {
  const auto& response = *verdict.response;
  const auto now = worker_.shared.clock.now();
  const auto& freshness = response.freshness();
  std::optional<std::chrono::seconds> age;
  // RFC 9111 §4: for a follower the answer is a stored one, though it is still arriving.
  if (status.collapsed || freshness.initial_age.count() > 0) age = cache::current_age(freshness, now);
  Answer answer;
  answer.extra = write_extra(x.scratch, age, status);
  if (answer_precondition(x, response, answer, now)) co_return co_await send(x, answer);
  FeedPlan plan{response, answer.extra, verdict.length, std::nullopt};
  if (verdict.length) {
    const auto wanted = wanted_of(x, response, *verdict.length, now);
    if (wanted.kind == Wanted::unsatisfiable) {
      answer_unsatisfiable(x, *verdict.length, answer, now);
      co_return co_await send(x, answer);
    }
    if (wanted.kind == Wanted::part) plan.part = wanted.ranges.ranges[0];
  }
  const auto read_limit = x.route->upstream->settings().between_bytes_timeout + std::chrono::seconds(1);
  co_await stream_feed(x, plan, reader, read_limit);
}

io::Awaitable<bool> Lifecycle::deliver_slices(Exchange& x, cache::StoredResponsePtr head,
                                              http::CacheStatus status, OpenSlice first) {
  const auto now = worker_.shared.clock.now();
  const auto& freshness = head->freshness();
  if (has_what_is_wanted(x, *head, now)) {
    co_await send(x, answer_from(x, head, cache::current_age(freshness, now), status, now));
    co_return true;
  }
  const auto wanted = wanted_of(x, *head, head->complete_length(), now);
  if (wanted.kind == Wanted::parts) {
    co_await pass(x, PassReason::range, nullptr);
    co_return true;
  }
  const auto range =
      wanted.kind == Wanted::part ? wanted.ranges.ranges[0] : http::ByteRange{0, head->complete_length() - 1};
  const bool lacks_some = !first.reader && !are_stored(worker_, x, *head, range);
  if (status.hit && lacks_some) {
    status.hit = false;
    status.forward = x.forward;
  }
  x.result = CacheResult::miss;
  if (status.hit) x.result = status.ttl && *status.ttl < 0 ? CacheResult::stale : CacheResult::hit;
  if (x.control.only_if_cached && !status.hit) {
    co_await send(x, refuse(x, 504, "only-if-cached, and not all of it is stored"));
    co_return true;
  }
  // A response that has begun could only break off where a slice is missing that this request cannot fetch.
  if (lacks_some && !first_slice(worker_, x, {head, true, nullptr})) {
    co_await pass(x, PassReason::range, nullptr);
    co_return true;
  }
  const auto index = range.first / x.route->policy.slice;
  if (!first.reader || first.index != index) {
    first.reader.reset();
    auto opened = co_await open_slice(worker_, x, head, index);
    if (!opened && opened.error().kind == ErrorKind::response_incomplete) co_return false;
    if (!opened) {
      co_await send_error(x, opened.error(), status.forward);
      co_return true;
    }
    first = std::move(*opened);
  }
  std::optional<std::chrono::seconds> age;
  if (freshness.response_time < x.began || freshness.initial_age.count() > 0)
    age = cache::current_age(freshness, now);
  const bool is_part = wanted.kind == Wanted::part;
  x.scratch.head.clear();
  if (is_part)
    write_part_head(x.scratch.head, *head, range, head->complete_length());
  else
    cache::append_head_alone(x.scratch.head, *head);
  if (status.forward_status == (is_part ? 206 : 200)) status.forward_status.reset();
  enter(x, Phase::deliver);
  const auto started = co_await x.responder.start(is_part ? 206 : 200, x.scratch.head,
                                                  write_extra(x.scratch, age, status), {false, range.size()});
  x.client_failed = !started;
  if (started) co_await send_slices(worker_, x, head, range, std::move(first));
  co_return true;
}

io::Awaitable<void> Lifecycle::send(Exchange& x, const Answer& answer) {
  enter(x, Phase::deliver);
  const auto sent = co_await x.responder.send(answer);
  x.client_failed = !sent;
}

io::Awaitable<void> Lifecycle::send_error(Exchange& x, const Error& error, http::ForwardReason why) {
  if (error.kind == ErrorKind::cancelled) co_return;
  x.result = CacheResult::error;
  x.detail = name(error.kind);
  auto answer =
      error_answer(x, http::status_for(error.kind), sentence(error.kind), &error, worker_.shared.clock.now());
  answer.extra = write_extra(x.scratch, std::nullopt, {.forward = why, .detail = x.detail});
  co_await send(x, answer);
}

Answer Lifecycle::answer_despite_error(Exchange& x, const cache::StoredResponsePtr& stored,
                                       http::ForwardReason why, std::optional<int> upstream_status) {
  enter(x, Phase::deliver);
  const auto now = worker_.shared.clock.now();
  x.result = CacheResult::stale;
  x.detail = "stale_if_error";
  const http::CacheStatus status{.forward = why,
                                 .forward_status = upstream_status,
                                 // a soft purge may have ended what else were its lifetime
                                 .ttl = std::min(cache::remaining(stored->freshness(), now), {}).count(),
                                 .detail = x.detail};
  return answer_from(x, stored, cache::current_age(stored->freshness(), now), status, now);
}

io::Awaitable<void> Lifecycle::send_failure(Exchange& x, const Error& error, int upstream_status,
                                            const cache::StoredResponsePtr& stored) {
  const auto& memory = worker_.shared.memory;
  // What was found before the wait may have been invalidated meanwhile.
  if (!stored || !x.survives_errors || memory.is_invalidated(x.key.digest, *stored))
    co_return co_await send_error(x, error, x.forward);
  std::optional<int> status;
  if (upstream_status != 0) status = upstream_status;
  const auto answer = answer_despite_error(x, stored, x.forward, status);
  co_await send(x, answer);
}

}  // namespace forebay::proxy
