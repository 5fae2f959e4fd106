// Who may change state through the admin server. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace forebay::admin {

enum class Permission : std::uint8_t {
  granted,
  needs_token,  // 401: no bearer token, or the wrong one
  local_only,   // 403: no token is configured, and the peer is not on this machine
};

/// `authorization` is the request's Authorization field, `token` the configured one ("" for none). The
/// comparison takes the same time wherever the two differ; it tells no more than the token's length.
Permission permission(std::string_view authorization, std::string_view token, bool peer_is_local) noexcept;

}  // namespace forebay::admin
