#include "forebay/http/target.hpp"

#include <algorithm>
#include <utility>

#include "forebay/base/strings.hpp"

namespace forebay::http {
namespace {

constexpr std::string_view kRoot = "/";
constexpr std::string_view kAsterisk = "*";
/// unreserved / sub-delims (RFC 3986 §2.2, §2.3); pct-encoded is looked at apart.
constexpr auto kRegNameChars = CharSet{"-._~!$&'()*+,;="}.with_alphanumerics();

Error malformed(std::string_view reason) { return fail(ErrorKind::request_malformed, std::string{reason}); }

/// The culprit in quotes, cut, and without bytes that would upset a log line.
Error malformed(std::string_view reason, std::string_view culprit) {
  constexpr std::size_t kMaxCulprit = 80;
  std::string detail{reason};
  detail.append(" \"");
  for (const char c : culprit.substr(0, kMaxCulprit)) detail.push_back(c >= 0x20 && c < 0x7f ? c : '?');
  detail.append(culprit.size() > kMaxCulprit ? "…\"" : "\"");
  return fail(ErrorKind::request_malformed, std::move(detail));
}

/// No whitespace (RFC 9112 §3.2), control characters or bytes beyond ASCII, and no fragment (RFC 9110
/// §4.2.5). The loop has no early exit so that it works on many bytes at once.
bool has_only_target_chars(std::string_view text) noexcept {
  bool bad = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    bad |= byte <= 0x20 || byte >= 0x7f || byte == '#';
  }
  return !bad;
}

bool is_reg_name(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (kRegNameChars.contains(text[at])) continue;
    if (text[at] != '%' || text.size() - at < 3) return false;
    if (!is_hex_digit(text[at + 1]) || !is_hex_digit(text[at + 2])) return false;
    at += 2;
  }
  return !text.empty();
}

/// dec-octet "." dec-octet "." dec-octet "." dec-octet (RFC 3986 §3.2.2).
bool is_ipv4(std::string_view text) noexcept {
  for (int octet = 0; octet < 4; ++octet) {
    const auto digits = text.substr(0, octet < 3 ? text.find('.') : text.size());
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return false;
    if (parse_decimal(digits).value_or(256) > 255) return false;
    text.remove_prefix(digits.size());
    if (octet == 3) return true;
    if (text.empty()) return false;
    text.remove_prefix(1);
  }
  return false;
}

/// IPv6address (RFC 3986 §3.2.2): eight groups, or fewer around one "::"; the last two may be written as
/// IPv4.
bool is_ipv6(std::string_view text) noexcept {
  int groups = 0;
  bool compressed = text.starts_with("::");
  if (compressed) text.remove_prefix(2);
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && is_hex_digit(text[digits])) ++digits;
    if (digits < text.size() && text[digits] == '.') {
      if (!is_ipv4(text)) return false;
      groups += 2;
      break;
    }
    if (digits == 0 || digits > 4) return false;
    ++groups;
    text.remove_prefix(digits);
    if (text.empty()) break;
    if (text[0] != ':' || text.size() == 1) return false;
    text.remove_prefix(1);
    if (text[0] != ':') continue;
    if (compressed) return false;
    compressed = true;
    text.remove_prefix(1);
  }
  return compressed ? groups <= 7 : groups == 8;
}

/// How much of an authority its host takes; 0 when it is not a valid host.
std::size_t host_length(std::string_view text) noexcept {
  if (!text.starts_with('[')) {
    const auto host = text.substr(0, text.find(':'));
    return is_reg_name(host) ? host.size() : 0;
  }
  const auto end = text.find(']');
  return end != std::string_view::npos && is_ipv6(text.substr(1, end - 1)) ? end + 1 : 0;
}

void split_path_and_query(std::string_view text, Target& target) noexcept {
  const auto mark = text.find('?');
  target.path = text.substr(0, mark);
  target.has_query = mark != std::string_view::npos;
  if (target.has_query) target.query = text.substr(mark + 1);
}

/// authority-form = uri-host ":" port (RFC 9112 §3.2.3); the port must be there (RFC 9110 §9.3.6).
Result<Target> parse_authority_form(std::string_view text) {
  const auto authority = parse_authority(text);
  if (!authority) return authority.error();
  if (authority->port == 0) return malformed("CONNECT needs a port, not", text);
  Target target;
  target.form = TargetForm::authority;
  target.authority = text;
  return target;
}

/// `text` stands behind `scheme`'s "://".
Result<Target> parse_absolute_form(Method method, std::string_view scheme, std::string_view text) {
  Target target;
  target.form = TargetForm::absolute;
  target.scheme = scheme;
  target.authority = text.substr(0, text.find_first_of("/?"));
  const auto authority = parse_authority(target.authority);
  if (!authority) return authority.error();
  split_path_and_query(text.substr(target.authority.size()), target);
  if (target.path.empty()) {
    // RFC 9112 §3.2.4: OPTIONS for a URI without path and query is about the server as a whole.
    target.path = method == Method::options && !target.has_query ? kAsterisk : kRoot;
  }
  return target;
}

}  // namespace

Result<Target> parse_target(Method method, std::string_view text) {
  if (text.empty()) return malformed("the request target is empty");
  if (!has_only_target_chars(text)) return malformed("character not allowed in the request target", text);
  if (method == Method::connect) return parse_authority_form(text);
  if (text[0] == '/') {
    Target target;
    split_path_and_query(text, target);
    return target;
  }
  if (text == kAsterisk) {
    if (method != Method::options) return malformed("only OPTIONS may have the request target", text);
    Target target;
    target.form = TargetForm::asterisk;
    target.path = kAsterisk;
    return target;
  }
  for (const std::string_view scheme : {"http", "https"}) {
    const auto rest = text.substr(std::min(scheme.size(), text.size()));
    if (rest.starts_with("://") && iequals(text.substr(0, scheme.size()), scheme)) {
      return parse_absolute_form(method, text.substr(0, scheme.size()), rest.substr(3));
    }
  }
  return malformed("neither a path nor an http or https URI:", text);
}

Result<Authority> parse_authority(std::string_view text) {
  Authority authority;
  authority.host = text.substr(0, host_length(text));
  if (authority.host.empty()) return malformed("not a valid host:", text);
  auto rest = text.substr(authority.host.size());
  if (rest.empty()) return authority;
  if (rest[0] != ':') return malformed("not a valid host and port:", text);
  rest.remove_prefix(1);
  if (rest.empty()) return authority;  // RFC 3986 §3.2.3: the same as no port
  // Nobody serves on port 0, and here it means "none": were it let through, "host:0" would share its key with
  // "host".
  const auto port = parse_decimal(rest);
  if (!port || *port == 0 || *port > 65535) return malformed("not a valid port in", text);
  authority.port = static_cast<std::uint16_t>(*port);
  return authority;
}

std::uint16_t default_port(std::string_view scheme) noexcept { return iequals(scheme, "https") ? 443 : 80; }

bool is_ambiguous_path(std::string_view path) noexcept {
  static constexpr CharSet kSuspects{"%;\\."};
  for (std::size_t at = 0; at < path.size(); ++at) {
    const char c = path[at];
    if (!kSuspects.contains(c)) continue;
    if (c == ';' || c == '\\') return true;
    const auto rest = path.substr(at + 1);
    if (c == '%') {
      if (rest.size() < 2 || !is_hex_digit(rest[0]) || !is_hex_digit(rest[1])) return true;
      const char code[] = {to_lower(rest[0]), to_lower(rest[1])};
      for (const std::string_view bad : {"2f", "5c", "2e", "00"})
        if (std::string_view(code, 2) == bad) return true;
    } else if (at > 0 && path[at - 1] == '/') {  // "/." or "/.." as a whole segment
      const auto behind = rest.substr(rest.starts_with('.') ? 1 : 0);
      if (behind.empty() || behind.front() == '/') return true;
    }
  }
  return false;
}

}  // namespace forebay::http
