#include "stream_feed.hpp"

#include "forebay/http/status.hpp"
#include "ranges.hpp"

namespace forebay::proxy {

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
  co_await finish_response(x, reader.trailers());
}

io::Awaitable<void> finish_response(Exchange& x, std::string_view trailers) {
  const auto finished = co_await x.responder.finish(trailers);
  x.client_failed = !finished;
}

}  // namespace forebay::proxy
