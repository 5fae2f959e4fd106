// Status codes: reason phrases and what they mean for framing and caching.
#pragma once

#include <string_view>

namespace forebay::http {

/// The registered reason phrase (RFC 9110 §15); "" for an unregistered code.
std::string_view reason_phrase(int status) noexcept;
constexpr bool is_interim(int status) noexcept { return status >= 100 && status < 200; }
/// 1xx, 204 and 304 never have content (RFC 9112 §6.3).
constexpr bool has_no_content(int status) noexcept {
  return is_interim(status) || status == 204 || status == 304;
}
/// Says that the origin fails: what stale-if-error stands for (RFC 5861 §4).
constexpr bool is_failure(int status) noexcept {
  return status == 500 || status == 502 || status == 503 || status == 504;
}
/// May be stored by heuristic freshness (RFC 9110 §15.1).
bool is_heuristically_cacheable(int status) noexcept;
/// Final status codes whose caching requirements forebay understands (RFC 9111 §3: the `must-understand`
/// rule).
bool is_understood(int status) noexcept;

}  // namespace forebay::http
