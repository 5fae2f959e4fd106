// Short ways to write heads and times in the tests of this folder.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/cache/freshness.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

using Lines = std::vector<std::pair<std::string_view, std::string_view>>;

inline http::Fields fields(const Lines& lines) {
  http::Fields out;
  for (const auto& [name, value] : lines) out.add(name, value);
  return out;
}

inline http::RequestHead request(std::string_view method, std::string_view target, const Lines& lines) {
  return {http::parse_method(method), method, target, 1, fields(lines)};
}
inline http::RequestHead get(const Lines& lines = {}) { return request("GET", "/", lines); }
inline http::ResponseHead response(int status, const Lines& lines) { return {status, {}, 1, fields(lines)}; }

/// The time all tests of this folder happen at, and dates around it.
inline constexpr WallTime kNow{milliseconds{1704067200000}};
inline constexpr std::string_view kNowText = "Mon, 01 Jan 2024 00:00:00 GMT";
inline constexpr std::string_view kHourAgoText = "Sun, 31 Dec 2023 23:00:00 GMT";
inline constexpr std::string_view kMinuteLaterText = "Mon, 01 Jan 2024 00:01:00 GMT";
inline constexpr std::string_view kTenDaysAgoText = "Fri, 22 Dec 2023 00:00:00 GMT";

/// A stored response of this head, as if it had been fetched at kNow.
inline StoredResponsePtr stored_with(std::string_view head, std::string_view body = "hello",
                                     Freshness freshness = {.response_time = kNow,
                                                            .lifetime = StoredSeconds{60}}) {
  StoredParts parts;
  parts.key = "http://example.com:80/";
  parts.head = head;
  parts.freshness = freshness;
  parts.body = Body::from(body);
  return StoredResponse::make(parts);
}

}  // namespace forebay::cache
