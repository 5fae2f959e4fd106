#include "permission.hpp"

#include <openssl/crypto.h>

#include "forebay/base/strings.hpp"

namespace forebay::admin {
namespace {

/// The token of `Bearer TOKEN` (RFC 6750 §2.1); empty when it is anything else.
std::string_view bearer_token(std::string_view authorization) noexcept {
  const auto space = authorization.find(' ');
  if (space == std::string_view::npos || !iequals(authorization.substr(0, space), "Bearer")) return {};
  return trim(authorization.substr(space));
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Permission permission(std::string_view authorization, std::string_view token, bool peer_is_local) noexcept {
  if (token.empty()) return peer_is_local ? Permission::granted : Permission::local_only;
  const bool matches = equal_in_constant_time(bearer_token(authorization), token);
  return matches ? Permission::granted : Permission::needs_token;
}

}  // namespace forebay::admin
