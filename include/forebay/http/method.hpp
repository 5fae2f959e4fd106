// Request methods and the properties that caching and retrying depend on (RFC 9110 §9).
#pragma once

#include <cstdint>
#include <string_view>

namespace forebay::http {

enum class Method : std::uint8_t {
  get,
  head,
  post,
  put,
  delete_,
  options,
  patch,
  connect,
  trace,
  query,
  purge,
  other
};

/// Methods are case-sensitive (RFC 9110 §9.1); anything unknown is `other`.
Method parse_method(std::string_view text) noexcept;
/// The method as it is sent; "" for `other`.
std::string_view name(Method method) noexcept;
/// RFC 9110 §9.2.1. Unknown methods are unsafe.
bool is_safe(Method method) noexcept;
/// RFC 9110 §9.2.2. Unknown methods are not idempotent.
bool is_idempotent(Method method) noexcept;

}  // namespace forebay::http
