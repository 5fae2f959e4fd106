// Who the client is, told to the upstream: X-Forwarded-For/-Proto/-Host and Forwarded (RFC 7239).
#pragma once

#include <string>
#include <string_view>

#include "forebay/http/headers.hpp"

namespace forebay::http {

/// What forebay itself knows of the connection the request came on.
struct ForwardingFacts {
  std::string_view peer_address;  // textual IP address without port; "" for a Unix socket
  bool peer_is_trusted =
      false;                // listed in trusted_proxies: its own forwarding fields are believed and extended
  std::string_view scheme;  // "http" or "https" of this connection
  std::string_view host;    // the request's effective authority
};

/// True for the fields that append_forwarding writes, so that the copy loop leaves them out.
bool is_forwarding_field(FieldId id) noexcept;
/// Appends the four fields to an upstream request head. From a trusted peer the received values are extended
/// (proto and host: kept; a Forwarded with an open quote: replaced); from anyone else they are replaced.
void append_forwarding(std::string& out, const Fields& received, const ForwardingFacts& facts);

/// Our entry in Via (RFC 9110 §7.6.3): we speak HTTP/1.1 on both sides.
inline constexpr std::string_view kViaEntry = "1.1 forebay";

}  // namespace forebay::http
