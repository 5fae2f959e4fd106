#include "pass.hpp"

#include <array>

#include "answers.hpp"
#include "apply_to_store.hpp"
#include "forebay/base/strings.hpp"
#include "forebay/cache/coded_tag.hpp"
#include "forebay/cache/freshness.hpp"
#include "forebay/cache/validation.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/hop_by_hop.hpp"
#include "forebay/http/status.hpp"
#include "forward_head.hpp"
#include "stream_feed.hpp"

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
    if (recorder->stored()) worker.share(*recorder->stored(), x.route->policy);
  }
  co_await finish_response(x, reply.body().trailers());
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

}  // namespace forebay::proxy
