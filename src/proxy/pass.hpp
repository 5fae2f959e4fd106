// Forwarding for one client alone, and streaming what came of a fetch to one client.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "forebay/base/error.hpp"
#include "forebay/flight/body_feed.hpp"
#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/worker.hpp"

namespace forebay::proxy {

/// An interim response's head as it is passed on (RFC 9110 §15.2).
std::string interim_head(const http::ResponseHead& head);

/// Sends the request upstream as it is and its response to the client, body by body in both directions;
/// carries out what the answer means for the store (RFC 9111 §4.4, §4.3.5; RFC 9110 §9.3.3). Completes with
/// the error when nothing has been sent to the client yet; a server error is one where x.survives_errors.
/// Requesting x.gone closes the upstream connection.
io::Awaitable<std::optional<Error>> forward_alone(Worker& worker, Exchange& x);

/// A response whose body is still arriving.
struct FeedPlan {
  const cache::StoredResponse& response;  // without body and Content-Length
  std::string_view extra;
  std::optional<std::uint64_t> length;  // of the whole body
  std::optional<http::ByteRange> part;  // all that is sent of it; only with a length
};

/// Sends the head and then what the reader brings. A body that ends early leaves the client's response
/// incomplete.
io::Awaitable<void> stream_feed(Exchange& x, const FeedPlan& plan, flight::BodyFeed::Reader& reader,
                                std::chrono::milliseconds read_limit);

/// Writes what lies in a range, counted from where the reader begins, to a response that was started. True
/// when all of it has been written, as far as there is so much.
io::Awaitable<bool> copy_feed(Exchange& x, flight::BodyFeed::Reader& reader, http::ByteRange range,
                              std::chrono::milliseconds read_limit);

}  // namespace forebay::proxy
