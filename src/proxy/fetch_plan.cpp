#include "fetch_plan.hpp"

#include <limits>
#include <span>
#include <utility>

#include "forebay/cache/incomplete.hpp"
#include "forebay/cache/search_rule.hpp"
#include "forebay/cache/vary.hpp"
#include "ranges.hpp"

namespace forebay::proxy {

namespace {

/// What is missing of a stored response that a fetch of everything is to complete, if that is one range and
/// can be told to be of the same representation.
std::optional<AskedPart> missing_part(const tier::MemoryTier& memory,
                                      const cache::StoredResponsePtr& stored) {
  if (!stored || stored->is_sliced() || !stored->is_incomplete()) return std::nullopt;
  if (!cache::has_strong_tag(*stored) || stored->complete_length() > memory.max_body()) return std::nullopt;
  const auto missing = cache::missing_range(*stored);
  if (!missing) return std::nullopt;
  return AskedPart{*missing, std::nullopt};
}

}  // namespace

std::optional<std::uint64_t> first_slice(const Worker& worker, const Exchange& x, const cache::Found& found) {
  const auto bytes = x.route->policy.slice;
  if (bytes == 0 || x.request.method != http::Method::get) return std::nullopt;
  if (found.response && !found.response->is_sliced()) return std::nullopt;
  // What only this request may have, or does not want stored, is not worth cutting up.
  if (x.control.no_store || x.request.fields.has(http::FieldId::authorization)) return std::nullopt;
  const auto& shared = worker.shared;
  const auto now = shared.clock.steady_now();
  if (shared.unsliced.contains(x.key.digest, now) || shared.uncacheable.contains(x.key.digest, now))
    return std::nullopt;
  const auto first = first_byte_wanted(x.request);
  if (first > std::numeric_limits<std::uint64_t>::max() - bytes) return std::nullopt;  // no slice ends there
  return first / bytes;
}

std::string flight_key(const Exchange& x, const cache::Found& found, std::optional<std::uint64_t> slice) {
  const auto& stored = found.response ? found.response : found.other;
  const auto& known = stored ? stored : x.other_variant;
  const std::string names =
      known ? std::string(known->vary_names()) : cache::selecting_names({}, x.route->policy.key).value_or("");
  std::string variant;
  if (!names.empty()) cache::append_variant_key(variant, names, x.request.fields);
  auto key = flight_key(x.key.text, names, variant);
  if (slice)
    key.append("\n").append(std::to_string(x.route->policy.slice)).append("*").append(std::to_string(*slice));
  return key;
}

std::string flight_key(std::string_view key, std::string_view vary_names, std::string_view variant_key) {
  std::string made(key);
  if (!vary_names.empty()) made.append("\n").append(vary_names).append("\n").append(variant_key);
  return made;
}

flight::FlightTable::Seat join_flight(Worker& worker, const Exchange& x, const cache::Found& found,
                                      std::optional<std::uint64_t> slice) {
  const auto& log = worker.shared.memory.log();
  std::optional<Digest> rules;
  if (x.route->policy.key.query.no_vary_search && x.request.method != http::Method::query)
    rules = cache::search_tag(x.key.text);
  const auto is_current = [&](const flight::Flight& flight) {
    const auto fetched = flight.verdict().response;  // its tags are known once it is there
    std::span<const Digest> tags;
    if (fetched) tags = fetched->tags();
    // Until then it may turn out to be under a rule.
    if (!fetched && rules) tags = {&*rules, 1};
    return !log.purged_since(x.key, tags, flight.position());
  };
  return worker.shared.flights.join(flight_key(x, found, slice), log.position(), is_current);
}

SharedFetchPlan plan_fetch(Worker& worker, const Exchange& x, flight::Lead lead, const cache::Found& found,
                           const cache::Reuse& reuse, ForwardAs as, std::optional<std::uint64_t> slice) {
  SharedFetchPlan plan;
  plan.lead = std::move(lead);
  plan.snapshot = x.snapshot ? x.snapshot : worker.snapshot();
  plan.route = x.route;
  plan.request = http::copy_of(x.request);
  plan.request.head.fields = forwarded_fields(plan.request.head.fields, as, x.route->policy.key);
  plan.request.head.method = fetching_method(x.request.method);
  plan.request.head.method_text = http::name(plan.request.head.method);
  plan.content = x.content;
  plan.upstream_head = forward_head(x, as);
  plan.media = x.route->media_for(x.uri.path);
  plan.key = x.key.text;
  plan.digest = x.key.digest;
  plan.own_key = x.scratch.key;
  plan.sharing = x.partition.sharing;
  plan.stored = found.response;
  plan.validates = reuse.action == cache::Reuse::validate;
  plan.survives_errors = reuse.on_error;
  if (slice) {
    const auto bytes = x.route->policy.slice;
    plan.part = AskedPart{{*slice * bytes, *slice * bytes + bytes - 1}, slice};
  } else if (!plan.validates && as == ForwardAs::shared_fetch) {
    plan.part = missing_part(worker.shared.memory, found.response);
  }
  return plan;
}

}  // namespace forebay::proxy
