#include "pass.hpp"

#include <algorithm>
#include <array>

#include "answers.hpp"
#include "forebay/base/strings.hpp"
#include "forebay/cache/coded_tag.hpp"
#include "forebay/cache/effective_control.hpp"
#include "forebay/cache/freshness.hpp"
#include "forebay/cache/incomplete.hpp"
#include "forebay/cache/invalidation.hpp"
#include "forebay/cache/keep.hpp"
#include "forebay/cache/recoded.hpp"
#include "forebay/cache/search_rule.hpp"
#include "forebay/cache/tags.hpp"
#include "forebay/cache/validation.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/hop_by_hop.hpp"
#include "forebay/http/status.hpp"
#include "forward_head.hpp"
#include "ranges.hpp"
#include "recorder.hpp"
#include "request_key.hpp"

namespace forebay::proxy {
namespace {

namespace asio = io::asio;

constexpr std::size_t kPassBuffer = 32 * 1024;

/// The protocol the client wants to change to, when it says so properly (RFC 9110 §7.8).
std::string_view requested_upgrade(const http::RequestHead& request) {
  if (request.minor_version == 0 || !http::has_element(request.fields, http::FieldId::connection, "upgrade"))
    return {};
  return request.fields.find(http::FieldId::upgrade).value_or("");
}

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
      auto fresh = cache::freshen(*found.response, said, x.route->policy, reply.request_time(),
                                  reply.response_time(), position, worker.random());
      memory.replace(x.key.digest, *found.response, std::move(fresh));
      return;
    }
  }
}

/// False for a page under the name of a file (Route::media_for).
bool agrees_with_path(const Exchange& x, const http::ResponseHead& head) noexcept {
  const auto* media = x.route->media_for(x.uri.path);
  return !media || cache::agrees(*media, head);
}

/// A POST's answer that may answer later GETs, whose route has the key policy `by`. `position`: where its own
/// invalidation stands in the log.
std::unique_ptr<Recorder> record_post(Worker& worker, const Exchange& x, const cache::KeyPolicy& by,
                                      std::string_view own_key, cache::Sharing sharing,
                                      upstream::Reply& reply, cache::Position position) {
  const auto& policy = x.route->policy;
  const auto head = cache::head_as_coded(reply.head(), policy);
  const auto control = cache::effective_control(head.fields, policy, reply.response_time());
  const auto verdict = cache::storability_of_post(x.request, x.uri, head, control, policy,
                                                  reply.request_time(), reply.response_time(), sharing);
  const bool fits = reply.body().length().value_or(0) <= worker.shared.memory.max_body();
  if (verdict != cache::StoreVerdict::stored || !fits || !agrees_with_path(x, head)) return nullptr;
  const auto forwarded = forwarded_fields(x.request.fields, ForwardAs::itself, policy.key);
  const cache::Arrived arrived{
      forwarded, head, control, policy, reply.request_time(), reply.response_time(), worker.random()};
  const auto key = key_to_store(worker, by, own_key, head.fields);
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
  if (verdict != cache::StoreVerdict::stored || !agrees_with_path(x, whole)) return nullptr;
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
    if (policy.key.query.no_vary_search && cache::names_another_rule(whole.fields, x.key.text)) return nullptr;
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

/// What the answer means for the store; the recorder for what is to be stored of it, if anything.
std::unique_ptr<Recorder> apply_to_store(Worker& worker, Exchange& x, upstream::Reply& reply,
                                         cache::Position position) {
  auto& memory = worker.shared.memory;
  std::unique_ptr<Recorder> recorder;
  const auto& gets = route_of(x, http::Method::get);
  const auto invalidated = invalidated_on(worker, x, reply, gets);
  const auto& [keys, place] = invalidated;
  if (!keys.empty())
    for (const auto& group : cache::groups_to_invalidate(x.request, keys.front(), reply.head()))
      memory.invalidate_tag(group);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto entry = invalidate(worker, keys[i]);
    // If something else has invalidated it since, the answer may be older than that.
    const bool is_latest = entry.previous <= position;
    if (i == invalidated.own() && is_latest && place.pass == cache::PassReason::none)
      recorder =
          record_post(worker, x, gets.policy.key, keys[i], place.partition.sharing, reply, entry.position);
  }
  if (!keys.empty()) invalidate_queries(worker, x, reply, gets, keys);
  const bool looked_up = x.classified.kind == cache::Classified::lookup;
  if (looked_up && x.request.method == http::Method::head) apply_head(worker, x, reply, position);
  const bool asks_for_part =
      x.request.method == http::Method::get && x.request.fields.has(http::FieldId::range);
  if (looked_up && asks_for_part) recorder = record_range(worker, x, reply, position);
  return recorder;
}

/// The head as the client understands it: a 304 to a condition that went upstream with the origin's tag names
/// the client's own.
http::ResponseHead head_for_client(const Exchange& x, const http::ResponseHead& head) {
  auto out = head;
  const auto tag = head.fields.find(http::FieldId::etag);
  if (head.status != 304 || !tag || x.route->policy.encodings.empty()) return out;
  const auto own = cache::client_tag(x.request.fields, *tag);
  if (!own.empty()) out.fields.set(http::FieldId::etag, "ETag", own);
  return out;
}

io::Awaitable<void> stream_reply(Worker& worker, Exchange& x, upstream::Reply& reply, std::string_view extra,
                                 Recorder* recorder, WallTime now) {
  const auto head = head_for_client(x, reply.head());
  auto& text = x.scratch.head;
  text.clear();
  cache::append_passed_head(text, head, x.route->policy, now);
  BodyPlan plan;
  plan.none = x.request.method == http::Method::head || http::has_no_content(head.status);
  plan.length = reply.body().length();
  // A HEAD response says how long the body would be.
  if (x.request.method == http::Method::head) {
    if (const auto value = head.fields.find(http::FieldId::content_length); value && parse_decimal(*value))
      http::append_field(text, "Content-Length", *value);
  }
  x.phase = Phase::deliver;
  const auto started = co_await x.responder.start(head.status, text, extra, plan);
  if (!started) {
    x.client_failed = true;
    co_return;
  }
  tier::Reservation reserved(worker.shared.memory.budget(), tier::ChargeKind::buffers);
  worker.shared.memory.insist(reserved, kPassBuffer);
  const auto buffer = std::make_unique<std::array<char, kPassBuffer>>();
  for (;;) {
    const auto n = co_await reply.body().read_some(asio::buffer(*buffer));
    if (!n) {
      x.client_failed = true;
      x.detail = name(n.error().kind);
      co_return;
    }
    if (*n == 0) break;
    if (recorder) recorder->take({buffer->data(), *n});
    const auto written = co_await x.responder.write(std::string_view(buffer->data(), *n));
    if (!written) {
      x.client_failed = true;
      co_return;
    }
  }
  if (recorder) {
    const bool stored = recorder->store(x.request.fields) == cache::StoreVerdict::stored;
    (stored ? worker.metrics.stored : worker.metrics.not_stored).add();
  }
  const auto finished = co_await x.responder.finish(reply.body().trailers());
  x.client_failed = !finished;
}

}  // namespace

std::string interim_head(const http::ResponseHead& head) {
  std::string out;
  http::append_status_line(out, head.status, head.reason);
  const http::EndToEnd end_to_end(head.fields);
  for (const auto& field : head.fields)
    if (end_to_end.passes(field) && field.id != http::FieldId::content_length)
      http::append_field(out, field.name, field.value);
  return out;
}

io::Awaitable<std::optional<Error>> forward_alone(Worker& worker, Exchange& x) {
  upstream::UpstreamRequest request;
  request.method = x.request.method;
  request.head = forward_head(x, ForwardAs::itself);
  request.body = x.request_body;
  request.upgrade = requested_upgrade(x.request);
  request.on_interim = [&x](const http::ResponseHead& head) { x.responder.interim(interim_head(head)); };
  request.cancel = &x.gone;

  auto& memory = worker.shared.memory;
  tier::Reservation buffers(memory.budget(), tier::ChargeKind::buffers);
  memory.insist(buffers, upstream::kFetchBuffers);
  const auto position = memory.log().position();
  auto reply = co_await worker.fetcher(x.route->upstream).fetch(request);
  if (!reply) {
    if (x.request_body) x.responder.close_after();  // how much of it was read is anybody's guess
    co_return reply.error();
  }
  auto& response = **reply;
  if (x.survives_errors && http::is_failure(response.head().status))
    co_return forebay::fail(ErrorKind::server_error);
  const auto recorder = apply_to_store(worker, x, response, position);

  if (response.head().status == 101) {
    std::string head = interim_head(response.head());
    http::append_field(head, "Connection", "upgrade");
    http::append_field(head, "Upgrade",
                       response.head().fields.find(http::FieldId::upgrade).value_or(request.upgrade));
    std::string leftover;
    auto stream = response.take_stream(leftover);
    x.status = 101;
    co_await x.responder.tunnel(head, std::move(stream), std::move(leftover));
    co_return std::nullopt;
  }
  const auto age = cache::received_age(response.head().fields);
  const http::CacheStatus status{.forward = x.forward, .stored = recorder != nullptr, .detail = x.detail};
  const auto extra = write_extra(x.scratch, age, status);
  // Before the head, so that the client is told (RFC 9112 §9.6).
  if (!response.request_sent()) x.responder.close_after();
  co_await stream_reply(worker, x, response, extra, recorder.get(), worker.shared.clock.now());
  if (x.client_failed)
    co_await response.stop_sending();  // it reads the request body, which ends with the exchange
  co_return std::nullopt;
}

io::Awaitable<bool> copy_feed(Exchange& x, flight::BodyFeed::Reader& reader, http::ByteRange range,
                              std::chrono::milliseconds read_limit) {
  x.gone.on_request([&reader] { reader.cancel(); });
  std::uint64_t at = 0;
  while (at <= range.last) {
    auto slices = co_await reader.next(read_limit);
    if (!slices) {
      x.client_failed = true;
      x.detail = name(slices.error().kind);
      break;
    }
    if (slices->empty()) break;
    cut(*slices, at, range);
    if (slices->empty()) continue;
    const auto written = co_await x.responder.write(std::span<const cache::Slice>(*slices));
    x.client_failed = !written;
    if (!written) break;
  }
  x.gone.on_request({});
  co_return !x.client_failed;
}

io::Awaitable<void> stream_feed(Exchange& x, const FeedPlan& plan, flight::BodyFeed::Reader& reader,
                                std::chrono::milliseconds read_limit) {
  x.phase = Phase::deliver;
  const auto& response = plan.response;
  BodyPlan body;
  body.none = x.request.method == http::Method::head || http::has_no_content(response.status());
  body.length = plan.part ? plan.part->size() : plan.length;
  std::string_view head = response.head();
  if (plan.part) {
    write_part_head(x.scratch.head, response, *plan.part, *plan.length);
    head = x.scratch.head;
  } else if (x.request.method == http::Method::head && plan.length) {
    x.scratch.head.assign(head);
    http::append_field(x.scratch.head, "Content-Length", std::to_string(*plan.length));
    head = x.scratch.head;
  }
  const auto started =
      co_await x.responder.start(plan.part ? 206 : response.status(), head, plan.extra, body);
  x.client_failed = !started;
  if (!started || body.none) co_return;
  const bool copied =
      co_await copy_feed(x, reader, plan.part.value_or(http::ByteRange{0, UINT64_MAX - 1}), read_limit);
  if (!copied) co_return;
  const auto finished = co_await x.responder.finish(reader.trailers());
  x.client_failed = !finished;
}

}  // namespace forebay::proxy
