#include "slices.hpp"

#include <utility>
#include <vector>

#include "fetch_plan.hpp"
#include "fetched_part.hpp"
#include "forebay/cache/incomplete.hpp"
#include "stream_feed.hpp"
#include "waiting.hpp"

namespace forebay::proxy {
namespace {

using flight::Outcome;
using flight::Verdict;

cache::BodyPtr find_slice(Worker& worker, Exchange& x, const cache::StoredResponse& head,
                          std::uint64_t index) {
  const auto text = slice_key(head, x.route->policy.slice, index);
  auto& memory = worker.shared.memory;
  const auto stored = memory.find(cache::primary_key(text), x.request.fields, x.scratch.variant).response;
  if (!stored) return nullptr;
  // What only made the head stale leaves the slices be: they go by its entity tag.
  const bool is_invalidated = memory.log().purged_since(x.key, head.tags(), stored->position()).is_hard();
  return is_invalidated ? nullptr : stored->body();
}

bool is_slice_of(const Verdict& verdict, const cache::StoredResponse& head) noexcept {
  return verdict.outcome == Outcome::sharing && verdict.response->is_sliced() &&
         cache::same_representation(*verdict.response, head) &&
         verdict.response->vary_names() == head.vary_names() &&
         verdict.response->variant_key() == head.variant_key();
}

Error another_representation() {
  return fail(ErrorKind::response_incomplete, "the representation has changed between two of its slices");
}

SharedFetchPlan plan_slice(Worker& worker, const Exchange& x, flight::Lead lead,
                           const cache::StoredResponsePtr& head, std::uint64_t index) {
  const cache::Found found{head, true, nullptr};
  return plan_fetch(worker, x, std::move(lead), found, {}, ForwardAs::shared_fetch, index);
}

io::Awaitable<Result<OpenSlice>> lead_slice(Worker& worker, Exchange& x, flight::Lead lead,
                                            cache::StoredResponsePtr head, std::uint64_t index) {
  const bool alone = !lead.is_joinable();
  x.asked_upstream = true;
  const auto ticket = start_shared_fetch(worker, plan_slice(worker, x, std::move(lead), head, index));
  const bool stayed = co_await wait_for_ticket(x, ticket, alone);
  if (!stayed) co_return fail(ErrorKind::cancelled);
  if (ticket->verdict.outcome == Outcome::failed) co_return ticket->verdict.error;
  // The fetch goes on, for the store and for whoever follows: it has the representation that there is now.
  if (!is_slice_of(ticket->verdict, *head)) {
    ticket->reader.reset();
    co_return another_representation();
  }
  co_return OpenSlice{index, nullptr, std::move(ticket->reader)};
}

/// Begins to fetch a slice, unless it is there or on its way.
void fetch_ahead(Worker& worker, Exchange& x, const cache::StoredResponsePtr& head, std::uint64_t index) {
  if (find_slice(worker, x, *head, index)) return;
  auto seat = join_flight(worker, x, {head, true, nullptr}, index);
  auto* const leading = std::get_if<flight::Lead>(&seat);
  if (leading)
    start_shared_fetch(worker, plan_slice(worker, x, std::move(*leading), head, index))->left = true;
}

io::Awaitable<bool> write_body(Exchange& x, cache::BodyPtr body, http::ByteRange range) {
  std::vector<cache::Slice> slices;
  cache::append_range(slices, *body, range);
  const auto written = co_await x.responder.write(std::span<const cache::Slice>(slices));
  x.client_failed = !written;
  co_return !x.client_failed;
}

}  // namespace

bool are_stored(Worker& worker, Exchange& x, const cache::StoredResponse& head, http::ByteRange range) {
  const auto bytes = x.route->policy.slice;
  for (auto index = range.first / bytes; index <= range.last / bytes; ++index)
    if (!find_slice(worker, x, head, index)) return false;
  return true;
}

io::Awaitable<Result<OpenSlice>> open_slice(Worker& worker, Exchange& x, cache::StoredResponsePtr head,
                                            std::uint64_t index) {
  const auto& log = worker.shared.memory.log();
  const cache::Found found{head, true, nullptr};
  for (std::uint32_t turn = 0; turn < x.snapshot->max_turns; ++turn) {
    if (auto body = find_slice(worker, x, *head, index)) co_return OpenSlice{index, std::move(body), nullptr};
    auto seat = join_flight(worker, x, found, index);
    if (auto* leading = std::get_if<flight::Lead>(&seat)) {
      // The flight before this one may have stored it since the look.
      if (auto body = find_slice(worker, x, *head, index))
        co_return OpenSlice{index, std::move(body), nullptr};
      co_return co_await lead_slice(worker, x, std::move(*leading), head, index);
    }
    const auto verdict = co_await wait_for_flight(worker, x, std::get<std::shared_ptr<flight::Flight>>(seat));
    if (x.gone.requested()) co_return fail(ErrorKind::cancelled);
    if (verdict.outcome == Outcome::failed) co_return verdict.error;
    if (verdict.outcome == Outcome::pending) break;
    if (verdict.outcome != Outcome::sharing) continue;
    if (!is_slice_of(verdict, *head)) co_return another_representation();
    auto reader = verdict.feed->join(worker.executor);
    if (reader) co_return OpenSlice{index, nullptr, std::move(reader)};
  }
  auto alone = flight::FlightTable::alone(flight_key(x, found, index), log.position());
  co_return co_await lead_slice(worker, x, std::move(alone), head, index);
}

io::Awaitable<void> send_slices(Worker& worker, Exchange& x, cache::StoredResponsePtr head,
                                http::ByteRange range, OpenSlice first) {
  const auto bytes = x.route->policy.slice;
  const auto read_limit = x.route->upstream->settings().between_bytes_timeout + std::chrono::seconds(1);
  const auto last = range.last / bytes;
  auto slice = std::move(first);
  for (;;) {
    if (slice.index < last) fetch_ahead(worker, x, head, slice.index + 1);
    const auto whole = slice_range(bytes, slice.index, head->complete_length());
    const http::ByteRange wanted{std::max(range.first, whole.first) - whole.first,
                                 std::min(range.last, whole.last) - whole.first};
    bool sent = false;
    if (slice.body)
      sent = co_await write_body(x, slice.body, wanted);
    else
      sent = co_await copy_feed(x, *slice.reader, wanted, read_limit);
    if (!sent || slice.index == last) break;
    auto next = co_await open_slice(worker, x, head, slice.index + 1);
    if (!next) {
      x.client_failed = true;
      x.detail = name(next.error().kind);
      break;
    }
    slice = std::move(*next);
  }
  if (!x.client_failed) co_await finish_response(x, {});
}

}  // namespace forebay::proxy
