// Request targets (RFC 9112 §3.2) and authorities (RFC 9110 §4.2, RFC 3986 §3.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "forebay/base/result.hpp"
#include "forebay/http/method.hpp"

namespace forebay::http {

enum class TargetForm : std::uint8_t { origin, absolute, authority, asterisk };

/// A request target taken apart: views into the text it was parsed from.
struct Target {
  TargetForm form = TargetForm::origin;
  std::string_view scheme;     // absolute form only, as sent
  std::string_view authority;  // absolute and authority form
  /// "/" for an absolute target without a path; "*" for asterisk form, and for an absolute target of OPTIONS
  /// with neither path nor query (RFC 9112 §3.2.4).
  std::string_view path;
  std::string_view query;  // without '?'
  bool has_query = false;
};

/// Fails with request_malformed: a form the method does not allow, a fragment, whitespace or control
/// characters, an unknown scheme in absolute form, userinfo in an authority (RFC 9110 §4.2.4).
Result<Target> parse_target(Method method, std::string_view text);

/// True if two parties may take a path for different resources (RFC 3986 §6.2.2, §7.3): dot segments, encoded
/// slashes, backslashes, dots and NULs, malformed escapes, backslashes, and parameters behind ';', which some
/// cut off.
bool is_ambiguous_path(std::string_view path) noexcept;

/// A host and port. The host keeps its spelling; an IPv6 literal keeps its brackets. port 0: none given.
struct Authority {
  std::string_view host;
  std::uint16_t port = 0;
};

/// uri-host [":" port] as in the Host field; fails with request_malformed on anything else: an empty host,
/// userinfo, an IPv6 zone, a port outside 1 to 65535. An empty port ("host:") counts as none (RFC 3986
/// §3.2.3).
Result<Authority> parse_authority(std::string_view text);

/// The port a scheme implies: 443 for "https", otherwise 80.
std::uint16_t default_port(std::string_view scheme) noexcept;

}  // namespace forebay::http
