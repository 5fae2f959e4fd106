#include "forebay/http/cache_status.hpp"

#include <algorithm>
#include <array>

#include "forebay/base/strings.hpp"

namespace forebay::http {
namespace {

constexpr std::array<std::string_view, 8> kTokens{"bypass", "method",  "uri-miss", "vary-miss",
                                                  "miss",   "request", "stale",    "partial"};
constexpr std::string_view kName = "forebay";
constexpr std::size_t kMaxDetail = 48;
/// sf-integer has at most 15 digits (RFC 9651 §3.3.1).
constexpr std::int64_t kMaxInteger = 999'999'999'999'999;
/// What sf-token allows beyond tchar's first character (RFC 9651 §3.3.4).
constexpr auto kTokenTail = CharSet{"!#$%&'*+-.^_`|~:/"}.with_alphanumerics();

// Everything at once, each at its longest; a detail of quotes alone is escaped to twice its length.
static_assert(kMaxCacheStatus >= std::string_view{"forebay; fwd=vary-miss; fwd-status=-999999999999999; "
                                                  "ttl=-999999999999999; stored; collapsed; detail=\"\""}
                                         .size() +
                                     2 * kMaxDetail);

char* put(char* out, std::string_view text) noexcept { return std::copy(text.begin(), text.end(), out); }

char* put_integer(char* out, std::int64_t value) noexcept {
  value = std::clamp(value, -kMaxInteger, kMaxInteger);
  if (value < 0) {
    *out++ = '-';
    value = -value;
  }
  return out + write_decimal(out, static_cast<std::uint64_t>(value));
}

bool is_sf_token(std::string_view text) noexcept {
  return (is_alpha(text.front()) || text.front() == '*') && kTokenTail.contains_all(text);
}

char* put_detail(char* out, std::string_view detail) noexcept {
  detail = detail.substr(0, kMaxDetail);
  if (is_sf_token(detail)) return put(out, detail);
  *out++ = '"';
  for (const char c : detail) {  // sf-string: printable ASCII, two characters escaped (RFC 9651 §3.3.3)
    if (c == '"' || c == '\\') *out++ = '\\';
    *out++ = c >= 0x20 && c < 0x7f ? c : '?';
  }
  *out++ = '"';
  return out;
}

char* put_forward(char* out, const CacheStatus& status) noexcept {
  out = put(put(out, "; fwd="), token(status.forward));
  if (status.forward_status) out = put_integer(put(out, "; fwd-status="), *status.forward_status);
  return out;
}

}  // namespace

std::string_view token(ForwardReason reason) noexcept { return kTokens[static_cast<std::size_t>(reason)]; }

std::size_t write_cache_status(char* out, const CacheStatus& status) noexcept {
  auto* at = put(out, kName);
  at = status.hit ? put(at, "; hit") : put_forward(at, status);  // exclusive (RFC 9211 §2.1)
  if (status.ttl) at = put_integer(put(at, "; ttl="), *status.ttl);
  if (!status.hit && status.stored) at = put(at, "; stored");        // §2.5
  if (!status.hit && status.collapsed) at = put(at, "; collapsed");  // §2.6
  if (!status.detail.empty()) at = put_detail(put(at, "; detail="), status.detail);
  return static_cast<std::size_t>(at - out);
}

}  // namespace forebay::http
