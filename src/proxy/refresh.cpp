#include "refresh.hpp"

#include <utility>

#include "fetch_plan.hpp"
#include "forebay/cache/effective_control.hpp"
#include "forebay/cache/storability.hpp"
#include "forebay/cache/validation.hpp"

namespace forebay::proxy {
namespace {

using cache::Reuse;

/// RFC 9111 §5.2.1.5 and §3.5, as far as the stored response tells what the next one will say.
bool could_be_stored(const Exchange& x, const cache::StoredResponse& stored, WallTime now) {
  if (x.control.no_store) return false;
  if (x.partition.sharing == cache::Sharing::credentials) return true;
  if (!x.request.fields.has(http::FieldId::authorization)) return true;
  const auto fields = http::fields_of(stored.head());
  return cache::may_share_despite_authorization(cache::effective_control(fields, x.route->policy, now));
}

}  // namespace

void start_refresh(Worker& worker, Exchange& x, const cache::Found& found) {
  auto& shared = worker.shared;
  const auto now = shared.clock.steady_now();
  if (shared.failed.contains(x.key.digest, now)) return;
  if (!could_be_stored(x, *found.response, shared.clock.now())) return;

  const auto slice = first_slice(worker, x, found);
  auto seat = join_flight(worker, x, found, slice);
  auto* const leading = std::get_if<flight::Lead>(&seat);
  if (!leading) return;
  // The flight before this one may have stored since the lookup; where memory keeps nothing that is seen
  // later.
  const auto again = shared.memory.find(x.key, x.request.fields, x.scratch.variant);
  if (shared.memory.stores() && again.response != found.response) return;
  auto permit = x.route->upstream->refreshes().take(now);
  if (!permit) return worker.metrics.refreshes_refused.add();

  worker.metrics.refreshes.add();
  const bool validates = cache::can_validate(*found.response);
  const Reuse reuse{.action = validates ? Reuse::validate : Reuse::fetch, .on_error = true};
  auto plan = plan_fetch(worker, x, std::move(*leading), found, reuse, ForwardAs::refresh, slice);
  plan.permit = std::move(permit);
  start_shared_fetch(worker, std::move(plan))->left = true;  // nobody waits for its answer
}

}  // namespace forebay::proxy
