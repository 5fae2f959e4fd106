#include "permission.hpp"

#include "forebay/http/bearer.hpp"

namespace forebay::admin {

Permission permission(std::string_view authorization, std::string_view token, bool peer_is_local) noexcept {
  if (token.empty()) return peer_is_local ? Permission::granted : Permission::local_only;
  return http::brings_token(authorization, token) ? Permission::granted : Permission::needs_token;
}

}  // namespace forebay::admin
