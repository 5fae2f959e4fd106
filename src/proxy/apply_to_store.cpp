#include "apply_to_store.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "forebay/cache/effective_control.hpp"
#include "forebay/cache/incomplete.hpp"
#include "forebay/cache/invalidation.hpp"
#include "forebay/cache/keep.hpp"
#include "forebay/cache/recoded.hpp"
#include "forebay/cache/search_rule.hpp"
#include "forebay/cache/tags.hpp"
#include "forebay/cache/validation.hpp"
#include "forward_head.hpp"
#include "request_key.hpp"

namespace forebay::proxy {
namespace {

/// RFC 9111 §4.3.5: a HEAD response speaks about the stored GET response as well.
void apply_head(Worker& worker, Exchange& x, const upstream::Reply& reply, cache::Position position) {
  auto& memory = worker.shared.memory;
  const auto found = memory.find(x.key, x.request.fields, x.scratch.variant);
  if (!found.response) return;
  const auto said = cache::about_stored(reply.head(), *found.response, x.route->policy);
  switch (cache::judge_head(said, *found.response)) {
    case cache::HeadVerdict::says_nothing: return;
    case cache::HeadVerdict::invalidates: memory.invalidate(x.key); return;
    case cache::HeadVerdict::freshens: {
      const auto fresh = cache::freshen(*found.response, said, x.route->policy, reply.request_time(),
                                        reply.response_time(), position, worker.random());
      if (memory.replace(x.key.digest, *found.response, fresh) == cache::StoreVerdict::stored)
        worker.share(*fresh, x.route->policy);
      return;
    }
  }
}

/// False for a page under the name of a file (Route::media_for).
bool agrees_with_path(const Route& route, const Exchange& x, const http::ResponseHead& head) noexcept {
  const auto* media = route.media_for(x.uri.path);
  return !media || cache::agrees(*media, head);
}

/// A POST's answer that may answer later GETs: it is judged and kept as their route says. `position`: where
/// its own invalidation stands in the log.
std::unique_ptr<Recorder> record_post(Worker& worker, const Exchange& x, const Route& gets,
                                      std::string_view own_key, cache::Sharing sharing,
                                      upstream::Reply& reply, cache::Position position) {
  const auto& policy = gets.policy;
  const auto head = cache::head_as_coded(reply.head(), policy);
  const auto control = cache::effective_control(head.fields, policy, reply.response_time());
  const auto verdict = cache::storability_of_post(x.request, x.uri, head, control, policy,
                                                  reply.request_time(), reply.response_time(), sharing);
  const bool fits = reply.body().length().value_or(0) <= worker.shared.memory.max_body();
  if (verdict != cache::StoreVerdict::stored || !fits || !agrees_with_path(gets, x, head)) return nullptr;
  const auto forwarded = forwarded_fields(x.request.fields, ForwardAs::itself, policy.key);
  const cache::Arrived arrived{
      forwarded, head, control, policy, reply.request_time(), reply.response_time(), worker.random()};
  const auto key = key_to_store(worker, policy.key, own_key, head.fields);
  return std::make_unique<Recorder>(worker.shared.memory, cache::keep_head(key, arrived, true, position));
}

/// What answers a client's own range: a part (RFC 9111 §3.3), or everything after all.
std::unique_ptr<Recorder> record_range(Worker& worker, Exchange& x, upstream::Reply& reply,
                                       cache::Position position) {
  const auto part = cache::part_of(reply.head());
  auto& memory = worker.shared.memory;
  if (!part && reply.head().status != 200) return nullptr;
  if (part ? part->range.size() > memory.max_body() : reply.body().length().value_or(0) > memory.max_body())
    return nullptr;
  const auto& policy = x.route->policy;
  const auto whole = cache::head_as_coded(part ? cache::head_of_whole(reply.head()) : reply.head(), policy);
  const auto control = cache::effective_control(whole.fields, policy, reply.response_time());
  const auto verdict = cache::storability(x.request, whole, control, policy, reply.request_time(),
                                          reply.response_time(), x.partition.sharing);
  if (verdict != cache::StoreVerdict::stored || !agrees_with_path(*x.route, x, whole)) return nullptr;
  const auto forwarded = forwarded_fields(x.request.fields, ForwardAs::itself, policy.key);
  const cache::Arrived arrived{
      forwarded, whole, control, policy, reply.request_time(), reply.response_time(), worker.random()};
  const auto key = key_to_store(worker, policy.key, x.scratch.key, whole.fields);
  auto head = cache::keep_head(key, arrived, true, position);
  if (part && x.request.fields.has(http::FieldId::if_range)) {
    // RFC 9110 §15.3.7: then the 206 may lack what the client has already; so it takes what is stored.
    const auto stored = memory.find(x.key, x.request.fields, x.scratch.variant).response;
    if (!stored || !stored->is_incomplete() || stored->is_sliced() ||
        !cache::same_representation(*stored, head->etag(), part->complete_length))
      return nullptr;
    if (policy.key.query.no_vary_search && cache::names_another_rule(whole.fields, x.key.text))
      return nullptr;
    head =
        cache::head_alone(*cache::freshen(*stored, whole, policy, reply.request_time(), reply.response_time(),
                                          std::min(position, stored->position()), worker.random()));
  }
  return std::make_unique<Recorder>(memory, std::move(head), part);
}

/// The route that a request of this method for the same URI takes: what is stored is stored by its key.
const Route& route_of(const Exchange& x, http::Method method) {
  auto request = x.request;
  request.method = method;
  request.method_text = http::name(method);
  const auto* route = x.snapshot->routes.match(request, x.uri.host, x.uri.path);
  return route ? *route : *x.route;
}

/// The keys that the answer to an unsafe method invalidates of what a route stores (RFC 9111 §4.4), each with
/// that of this client's partition behind it, where it has one.
struct Invalidated {
  std::vector<std::string> keys;  // the target's first
  Partitions::Found place;

  /// Where the target's key is that this client's own GET would look for.
  std::size_t own() const noexcept { return place.partition.is_apart() ? 1 : 0; }
};

Invalidated invalidated_on(Worker& worker, const Exchange& x, const upstream::Reply& reply,
                           const Route& route) {
  Invalidated out;
  auto keys = cache::keys_to_invalidate(x.request, x.uri, reply.head(), route.policy.key.query);
  if (!keys.empty() && route.partition.is_set())
    out.place = worker.partition_of(x.request.fields, *x.snapshot, route);
  for (auto& text : keys) {
    const auto& shared = out.keys.emplace_back(std::move(text));
    if (!out.place.partition.is_apart()) continue;
    auto apart = shared;
    cache::append_partition(apart, out.place.partition.digest);
    out.keys.push_back(std::move(apart));
  }
  return out;
}

/// QUERYs may take another route than GETs, which makes other keys of the same URI.
void invalidate_queries(Worker& worker, const Exchange& x, const upstream::Reply& reply, const Route& gets,
                        const std::vector<std::string>& done) {
  const auto& queries = route_of(x, http::Method::query);
  if (&queries == &gets || !queries.policy.query_method.enabled) return;
  for (const auto& text : invalidated_on(worker, x, reply, queries).keys)
    if (std::find(done.begin(), done.end(), text) == done.end())
      worker.shared.memory.invalidate(cache::primary_key(text));
}

/// True if what a POST's answer is to be stored by has been purged since the request was sent, but for what
/// the answer itself invalidates: `own`.
bool has_been_purged(const tier::MemoryTier& memory, const cache::Policy& policy, std::string_view key,
                     const http::ResponseHead& head, const std::vector<Digest>& own,
                     cache::Position position) {
  auto tags = cache::tags_of(key, head.fields, policy).value_or(std::vector<Digest>());
  std::erase_if(tags, [&](const Digest& tag) { return std::find(own.begin(), own.end(), tag) != own.end(); });
  return bool(memory.log().lazily_purged_since(key, tags, position));
}

}  // namespace

std::unique_ptr<Recorder> apply_to_store(Worker& worker, Exchange& x, upstream::Reply& reply,
                                         cache::Position position) {
  auto& memory = worker.shared.memory;
  std::unique_ptr<Recorder> recorder;
  const auto& gets = route_of(x, http::Method::get);
  const auto invalidated = invalidated_on(worker, x, reply, gets);
  const auto& [keys, place] = invalidated;
  std::vector<Digest> groups;
  if (!keys.empty()) groups = cache::groups_to_invalidate(x.request, keys.front(), reply.head());
  for (const auto& group : groups) memory.invalidate_tag(group);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto entry = invalidate(worker, keys[i]);
    // If something else has invalidated it since, the answer may be older than that.
    const bool is_latest = entry.previous <= position &&
                           !has_been_purged(memory, gets.policy, keys[i], reply.head(), groups, position);
    if (i == invalidated.own() && is_latest && place.pass == cache::PassReason::none)
      recorder = record_post(worker, x, gets, keys[i], place.partition.sharing, reply, entry.position);
  }
  if (!keys.empty()) invalidate_queries(worker, x, reply, gets, keys);
  const bool looked_up = x.classified.kind == cache::Classified::lookup;
  if (looked_up && x.request.method == http::Method::head) apply_head(worker, x, reply, position);
  const bool asks_for_part =
      x.request.method == http::Method::get && x.request.fields.has(http::FieldId::range);
  if (looked_up && asks_for_part) recorder = record_range(worker, x, reply, position);
  return recorder;
}

}  // namespace forebay::proxy
