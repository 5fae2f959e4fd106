// Cache-Control as typed values: request and response directives apart (RFC 9111 §5.2).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "forebay/http/headers.hpp"

namespace forebay::cache {

using std::chrono::seconds;

/// The largest delta-seconds we compute with: the greatest that fits in 32 bits, which is what RFC 9111
/// §1.2.2 lets an overflowing value become. Stored responses keep their seconds in 32 bits.
inline constexpr seconds kMaxDelta{2147483647};

/// RFC 9111 §5.2.1. A directive whose value is no delta-seconds is ignored; of a repeated one the strictest
/// counts.
struct RequestCacheControl {
  bool no_cache = false;
  bool no_store = false;
  bool no_transform = false;
  bool only_if_cached = false;
  std::optional<seconds> max_age;
  std::optional<seconds> min_fresh;
  /// max-stale without a value accepts any staleness: kMaxDelta.
  std::optional<seconds> max_stale;
  std::optional<seconds> stale_if_error;  // RFC 5861 §4

  friend bool operator==(const RequestCacheControl&, const RequestCacheControl&) = default;
};

/// Who said it. Where it was not Cache-Control, Expires does not count either (RFC 9213 §2.2).
enum class ControlSource : std::uint8_t {
  cache_control,
  targeted,
  surrogate_control,
  x_accel_expires,
  policy
};
std::string_view name(ControlSource source) noexcept;

/// RFC 9111 §5.2.2, and RFC 5861's windows (a malformed one is ignored, of several the shortest counts).
/// Where a directive is odd, the reading that shares less wins: directives that restrict take effect whatever
/// argument they carry, those that permit only without one.
struct ResponseCacheControl {
  bool present = false;  // the field is there at all: Pragma is not looked at (§5.4)
  ControlSource source = ControlSource::cache_control;
  bool no_cache = false;  // unqualified
  bool no_store = false;
  bool no_transform = false;
  bool must_revalidate = false;
  bool proxy_revalidate = false;
  bool must_understand = false;
  bool is_public = false;
  /// Unqualified, or qualified: forebay treats both alike (§5.2.2.7 allows that). Also after an unterminated
  /// quoted string, which may have swallowed anything.
  bool is_private = false;
  bool immutable = false;
  /// max-age or s-maxage with a value that is no delta-seconds, or repeated with different values: the
  /// response counts as stale (§4.2.1).
  bool has_invalid_freshness = false;
  std::optional<seconds> max_age;
  std::optional<seconds> s_maxage;
  std::optional<seconds> stale_while_revalidate;
  std::optional<seconds> stale_if_error;
  /// Field names of the qualified form `no-cache="a, b"`, lower-case, separated by ',': fields that must not
  /// be sent from the store without validation (§5.2.2.4).
  std::string no_cache_fields;

  friend bool operator==(const ResponseCacheControl&, const ResponseCacheControl&) = default;
};

/// Directive names ignore case; unknown directives are ignored; never fails. Does not allocate for plain
/// directives. In a request, `Pragma: no-cache` counts as no_cache when there is no Cache-Control (§5.4).
RequestCacheControl parse_request_cache_control(const http::Fields& fields);
ResponseCacheControl parse_response_cache_control(const http::Fields& fields);

}  // namespace forebay::cache
