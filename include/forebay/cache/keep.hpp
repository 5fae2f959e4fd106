// A response as it is stored, made in two steps: the head when it has arrived, the whole when the body is
// there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/cache/cache_control.hpp"
#include "forebay/cache/policy.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

/// What a head is kept from.
struct Arrived {
  const http::Fields& request;  // as it was forwarded: what chose the variant
  const http::ResponseHead& response;
  const ResponseCacheControl& control;  // the response's, as it counts for us
  const Policy& policy;
  WallTime request_time;
  WallTime response_time;
  double random = 0;                           // see jittered()
  std::optional<http::Coding> recoded_from{};  // see StoredResponse
};

/// The response without its body, whose head lacks Content-Length. `with_policy`: false for one that is only
/// passed on, so that clients are told what the origin said, but for the route's edits. `position`: the log's
/// when the fetch started.
StoredResponsePtr keep_head(std::string_view key, const Arrived& arrived, bool with_policy,
                            Position position);

/// The same with this body, and the Content-Length that goes with it; with the ETag that the policy wants
/// made.
StoredResponsePtr with_body(const StoredResponse& head, const BodyPtr& body);

/// Appends status line and fields of a stored head, without Content-Length.
void append_head_alone(std::string& out, const StoredResponse& stored);

/// What keep_head would have made of a response that is stored whole: without body and Content-Length.
StoredResponsePtr head_alone(const StoredResponse& stored);

/// A body, or as much of one as there is.
struct Content {
  BodyPtr body;
  std::optional<std::uint64_t> complete_length;  // of an incomplete one
  std::vector<http::ByteRange> held;             // what `body` has of it
};
StoredResponsePtr with_content(const StoredResponse& head, const Content& content);

}  // namespace forebay::cache
