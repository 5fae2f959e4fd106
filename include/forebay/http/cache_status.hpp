// The Cache-Status field (RFC 9211): what the cache did with this request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace forebay::http {

/// Why the request went upstream: RFC 9211 §2.2's `fwd` tokens.
enum class ForwardReason : std::uint8_t {
  bypass,
  method,
  uri_miss,
  vary_miss,
  miss,
  request,
  stale,
  partial
};
std::string_view token(ForwardReason reason) noexcept;

/// The parameters of our own list member. Either `hit`, or forwarded for a reason: on a hit, the parameters
/// that mean something only beside `fwd` (RFC 9211 §2.3, §2.5, §2.6) are not written.
struct CacheStatus {
  bool hit = false;
  ForwardReason forward = ForwardReason::uri_miss;
  std::optional<int> forward_status;  // fwd-status: only when it differs from the status sent (§2.3)
  std::optional<std::int64_t> ttl;    // remaining freshness in seconds, negative when stale (§2.4)
  bool stored = false;
  bool collapsed = false;
  std::string_view
      detail;  // one of our stable reason names; written as a token, or as a string if it is none
};

/// Room for any value write_cache_status writes when `detail` has at most 48 characters; longer details are
/// cut.
inline constexpr std::size_t kMaxCacheStatus = 208;
/// Writes `forebay; hit; ttl=30` at `out`; returns the number of characters.
std::size_t write_cache_status(char* out, const CacheStatus& status) noexcept;

}  // namespace forebay::http
