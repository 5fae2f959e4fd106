// Streaming to one client what comes of a shared fetch.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "forebay/flight/body_feed.hpp"
#include "forebay/proxy/exchange.hpp"

namespace forebay::proxy {

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

/// Ends a response that was started, all of whose body has been written.
io::Awaitable<void> finish_response(Exchange& x, std::string_view trailers);

}  // namespace forebay::proxy
