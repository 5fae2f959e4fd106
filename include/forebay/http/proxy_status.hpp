// The Proxy-Status field (RFC 9209): which error a 502 or 504 stands for.
#pragma once

#include <string>
#include <string_view>

#include "forebay/base/error.hpp"

namespace forebay::http {

/// The registered proxy error type of a failure (RFC 9209 §2.3), e.g. "connection_refused".
std::string_view proxy_error_type(ErrorKind kind) noexcept;
/// The status code recommended for it: 502, 503, 504, 500, or 4xx for the client's faults.
int status_for(ErrorKind kind) noexcept;
/// `forebay; error=connection_refused; details="…"`; the details are cut to 200 characters, made safe for an
/// sf-string.
std::string proxy_status_value(const Error& error);

}  // namespace forebay::http
