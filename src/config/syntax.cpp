#include "config/syntax.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "config/words.hpp"
#include "forebay/base/strings.hpp"

namespace forebay::config {

namespace {

constexpr std::size_t kMaxSocketPathBytes = 107;  // sockaddr_un::sun_path with its end
constexpr std::size_t kMaxHostBytes = 253;
constexpr std::uint64_t kMaxPort = 65'535;

bool is_ipv4(std::string_view text) {
  in_addr address{};
  return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1 && text.find('\0') == text.npos;
}

bool is_ipv6(std::string_view text) {
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1 && text.find('\0') == text.npos;
}

bool is_bracketed_ipv6(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         is_ipv6(text.substr(1, text.size() - 2));
}

bool is_host_char(char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; }

/// A registered name or an IPv4 address.
bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxHostBytes &&
         std::all_of(text.begin(), text.end(), is_host_char) && text.front() != '.' &&
         text.find("..") == text.npos;
}

bool looks_like_ipv4(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
}

bool is_host(std::string_view text) {
  return is_bracketed_ipv6(text) || (is_host_name(text) && (!looks_like_ipv4(text) || is_ipv4(text)));
}

struct HostAndPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

/// Taken apart at the last colon outside brackets.
HostAndPort split_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  if (colon == text.npos || (bracket != text.npos && colon < bracket)) return {text, std::nullopt};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_port(std::string_view text, std::uint64_t lowest) {
  const auto port = parse_decimal(text);
  return text.size() <= 5 && port && *port >= lowest && *port <= kMaxPort;
}

bool is_socket_path(std::string_view path) {
  return path.size() > 1 && path[0] == '/' && path[1] != '/' && path.size() <= kMaxSocketPathBytes &&
         path.find('\0') == path.npos;
}

std::string expected(std::string_view what, std::string_view found) {
  return "expected " + std::string(what) + ", found " + in_ticks(found);
}

/// Visible ASCII, or with `spaces` those too.
bool is_visible(std::string_view text, std::string_view also = {}) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return (c > ' ' && c <= '~') || also.find(c) != also.npos; });
}

}  // namespace

std::string fault_in_listen_address(std::string_view text) {
  if (text.starts_with("unix:") && is_socket_path(text.substr(5))) return {};
  const auto [host, port] = split_port(text);
  if ((is_ipv4(host) || is_bracketed_ipv6(host)) && port && is_port(*port, 0)) return {};
  return expected("an IP address and port such as `0.0.0.0:8080` or `[::]:8080`, or `unix:/path`", text);
}

std::string fault_in_server(std::string_view text) {
  if (text.starts_with("unix:") && is_socket_path(text.substr(5))) return {};
  const std::size_t scheme = text.starts_with("http://") ? 7 : text.starts_with("https://") ? 8 : 0;
  const std::string_view rest = text.substr(scheme);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const auto [host, port] = split_port(rest.substr(0, end));
  if (scheme == 0 || !is_host(host) || (port && !is_port(*port, 1))) {
    return expected("`http://host:port`, `https://host:port` or `unix:/path`", text);
  }
  if (end == rest.size()) return {};
  return "a server has no path or query; expected " + in_ticks(text.substr(0, scheme + end)) + ", found " +
         in_ticks(text);
}

std::string fault_in_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const bool v4 = is_ipv4(address);
  if (v4 || is_ipv6(address)) {
    if (slash == text.npos) return {};
    const auto bits = parse_decimal(text.substr(slash + 1));
    if (bits && *bits <= (v4 ? 32U : 128U)) return {};
  }
  return expected("an IP address or a network such as `10.0.0.0/8` or `fd00::/8`", text);
}

std::string fault_in_host_pattern(std::string_view text) {
  if (text == "*") return {};
  if (text.starts_with("*.") ? is_host_name(text.substr(2)) : is_host(text)) return {};
  return expected("a host name without port, `*.example.com` or `*`", text);
}

std::string fault_in_path_pattern(std::string_view text) {
  if (text.starts_with('/') && text.find("***") == text.npos && is_visible(text) &&
      text.find_first_of("?#") == text.npos) {
    return {};
  }
  return expected("a path such as `/static/**`, without query and spaces", text);
}

std::string fault_in_host_name(std::string_view text) {
  return is_host_name(text) ? "" : expected("a host name", text);
}

std::string fault_in_upstream_name(std::string_view text) {
  if (!text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), is_host_char)) return {};
  return "the name " + in_ticks(text) + " may hold letters, digits, `_`, `-` and `.` only, 1 to 64 of them";
}

std::string fault_in_field_value(std::string_view text) {
  if (trim(text) == text && is_visible(text, " \t")) return {};
  return expected("a field value of visible ASCII characters", text);
}

std::string fault_in_token_name(std::string_view text) {
  return is_token(text) && text.find('*') == text.npos ? "" : expected("a name", text);
}

std::string fault_in_method(std::string_view text) {
  bool capitals = is_token(text) && text.find('*') == text.npos;
  for (const char c : text) capitals = capitals && (c < 'a' || c > 'z');
  return capitals ? "" : expected("a method in capitals, such as `GET`", text);
}

std::string fault_in_name_pattern(std::string_view text) {
  const auto name = text.substr(0, text.size() - (text.ends_with('*') ? 1 : 0));
  return is_token(name) && name.find('*') == name.npos
             ? ""
             : expected("a name, or the beginning of names and `*`", text);
}

std::string fault_in_parameter_pattern(std::string_view text) {
  const auto name = text.substr(0, text.size() - (text.ends_with('*') ? 1 : 0));
  return !name.empty() && is_visible(name) && name.find_first_of("&=#*") == name.npos
             ? ""
             : expected("a parameter's name, or the beginning of names and `*`", text);
}

std::string fault_in_field_match(std::string_view text) {
  const auto colon = text.find(':');
  const bool has_value = colon != text.npos;
  if (fault_in_token_name(text.substr(0, colon)).empty() &&
      (!has_value || fault_in_field_value(trim(text.substr(colon + 1))).empty()))
    return {};
  return expected("a field name or `Name: value`", text);
}

std::string fault_in_status(std::string_view text) {
  const auto is_digit_or_x = [](char c) { return is_digit(c) || c == 'x'; };
  if (text.size() == 3 && text[0] >= '2' && text[0] <= '5' && is_digit_or_x(text[1]) &&
      is_digit_or_x(text[2]) && (text[1] != 'x' || text[2] == 'x'))
    return {};
  return expected("a status such as `404`, or a class of them such as `5xx`", text);
}

std::string fault_in_language(std::string_view text) {
  bool letters = !text.empty() && text.size() <= 35;
  for (const char c : text) letters = letters && (is_alpha(c) || is_digit(c) || c == '-');
  return letters && is_alpha(text.front()) && text.back() != '-' && text.find("--") == text.npos
             ? ""
             : expected("a language tag such as `en` or `zh-Hant`", text);
}

std::string fault_in_media_type(std::string_view text) {
  const auto slash = text.find('/');
  const auto type = text.substr(0, slash);
  const bool is_type = slash != text.npos && is_token(type) && type.find('*') == type.npos;
  const auto subtype = is_type ? text.substr(slash + 1) : text.substr(text.size());
  return subtype == "*" || fault_in_name_pattern(subtype).empty()
             ? ""
             : expected("a media type such as `text/html`, or `text/*`", text);
}

std::string fault_in_token(std::string_view text) {
  return is_visible(text) ? "" : "the token holds characters other than visible ASCII";
}

}  // namespace forebay::config
