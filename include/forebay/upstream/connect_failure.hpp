// Failures before the upstream saw anything of a request.
#pragma once

#include "forebay/base/error.hpp"

namespace forebay::upstream {

/// True if no connection came about: this server saw nothing of the request, another, or another node, may.
constexpr bool is_connect_failure(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::dns_failure:
    case ErrorKind::connect_refused:
    case ErrorKind::connect_failed:
    case ErrorKind::connect_timeout:
    case ErrorKind::tls_failure:
    case ErrorKind::tls_certificate: return true;
    default: return false;
  }
}

}  // namespace forebay::upstream
