#include "fetch_plan.hpp"

#include <utility>

#include "forebay/cache/vary.hpp"

namespace forebay::proxy {

std::string flight_key(const Exchange& x, const cache::Found& found) {
  std::string key(x.key.text);
  const auto& stored = found.response ? found.response : found.other;
  const auto& known = stored ? stored : x.other_variant;
  const std::string names =
      known ? std::string(known->vary_names()) : cache::selecting_names({}, x.route->policy.key).value_or("");
  if (!names.empty())
    cache::append_variant_key(key.append(1, '\n').append(names).append(1, '\n'), names, x.request.fields);
  return key;
}

flight::FlightTable::Seat join_flight(Worker& worker, const Exchange& x, const cache::Found& found) {
  const auto& log = worker.shared.memory.log();
  return worker.shared.flights.join(flight_key(x, found), log.position(), [&](cache::Position since) {
    return !log.invalidated_since(x.key.digest, since);
  });
}

SharedFetchPlan plan_fetch(Worker& worker, const Exchange& x, flight::Lead lead, const cache::Found& found,
                           const cache::Reuse& reuse, ForwardAs as) {
  SharedFetchPlan plan;
  plan.lead = std::move(lead);
  plan.snapshot = x.snapshot ? x.snapshot : worker.snapshot();
  plan.route = x.route;
  plan.request = http::copy_of(x.request);
  plan.request.head.fields = forwarded_fields(plan.request.head.fields, as, x.route->policy.key);
  plan.request.head.method = http::Method::get;  // what is sent, also for a HEAD
  plan.request.head.method_text = "GET";
  plan.upstream_head = forward_head(x, as);
  plan.key = x.key.text;
  plan.digest = x.key.digest;
  plan.stored = found.response;
  plan.validates = reuse.action == cache::Reuse::validate;
  plan.survives_errors = reuse.on_error;
  return plan;
}

}  // namespace forebay::proxy
