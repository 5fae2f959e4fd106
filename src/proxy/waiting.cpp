#include "waiting.hpp"

#include <chrono>

#include "forebay/cache/freshness.hpp"
#include "forebay/cache/reuse.hpp"
#include "forebay/cache/vary.hpp"
#include "pass.hpp"

namespace forebay::proxy {

using flight::Outcome;
using flight::Verdict;

io::Awaitable<bool> wait_for_ticket(Exchange& x, std::shared_ptr<Ticket> ticket, bool alone) {
  x.gone.on_request([ticket] { ticket->signal->notify(); });
  ticket->on_interim = [&x](const http::ResponseHead& head) { x.responder.interim(interim_head(head)); };
  while (ticket->verdict.outcome == Outcome::pending && !x.gone.requested())
    co_await ticket->signal->wait(std::chrono::minutes(1));  // the upstream's own time-outs bound this
  x.gone.on_request({});
  ticket->on_interim = {};
  if (!x.gone.requested()) co_return true;
  ticket->left = true;
  ticket->reader.reset();
  if (alone && ticket->cancel) ticket->cancel->request();
  co_return false;
}

io::Awaitable<Verdict> wait_for_flight(Worker& worker, Exchange& x, std::shared_ptr<flight::Flight> flight) {
  auto& metrics = worker.metrics;
  const auto& limits = x.snapshot->flights;
  const auto signal = io::Signal::make(worker.executor);
  if (!flight->add_waiter(signal, limits.max_waiters)) {
    metrics.waiters_refused.add();
    co_return Verdict{.error = fail(ErrorKind::queue_full)};
  }
  metrics.waiting.add(1);
  x.gone.on_request([signal] { signal->notify(); });
  const bool notified = co_await signal->wait(limits.max_wait);
  x.gone.on_request({});
  metrics.waiting.add(-1);
  flight->remove_waiter(signal);
  if (!notified) metrics.waits_expired.add();
  co_return flight->verdict();
}

bool may_share(const Worker& worker, Exchange& x, const cache::StoredResponse& response) {
  if (!response.vary_names().empty()) {
    x.scratch.variant.clear();
    cache::append_variant_key(x.scratch.variant, response.vary_names(), x.request.fields);
    if (x.scratch.variant != response.variant_key()) return false;
  }
  // What the request demands of stored responses holds for shared ones too, except that an answer which came
  // from the origin while the request waited is as good as a validation of its own (RFC 9111 §4).
  const auto now = worker.shared.clock.now();
  if (cache::decide(x.control, {&response, true, nullptr}, x.route->policy, now, 1).serves()) return true;
  const auto& freshness = response.freshness();
  return freshness.response_time >= x.began &&
         (!x.control.min_fresh || cache::remaining(freshness, now) >= *x.control.min_fresh);
}

}  // namespace forebay::proxy
