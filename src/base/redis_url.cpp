#include "forebay/base/redis_url.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <optional>

#include "forebay/base/strings.hpp"

namespace forebay {
namespace {

constexpr std::size_t kMaxLength = 4096;
constexpr std::size_t kMaxHosts = 64;
constexpr std::size_t kMaxHostName = 253;
constexpr std::uint64_t kMaxDatabase = 65'535;
constexpr std::uint16_t kServerPort = 6379;
constexpr std::uint16_t kSentinelPort = 26'379;
constexpr CharSet kHostNameChars = CharSet{"-._"}.with_alphanumerics();

struct Scheme {
  std::string_view prefix;
  RedisDeployment deployment;
  bool tls;
};
constexpr Scheme kSchemes[] = {
    {"redis://", RedisDeployment::server, false},
    {"rediss://", RedisDeployment::server, true},
    {"redis+sentinel://", RedisDeployment::sentinel, false},
    {"rediss+sentinel://", RedisDeployment::sentinel, true},
    {"redis+cluster://", RedisDeployment::cluster, false},
    {"rediss+cluster://", RedisDeployment::cluster, true},
};

using MaybeError = std::optional<Error>;

Error refuse(std::string why) { return fail(ErrorKind::invalid_value, std::move(why)); }

bool is_visible(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

int hex_value(char c) noexcept { return is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10; }

/// Without percent-encoding (RFC 3986 §2.1); nothing when that is malformed or stands for NUL.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3 || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) return std::nullopt;
    const int byte = hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]);
    if (byte == 0) return std::nullopt;
    decoded.push_back(static_cast<char>(byte));
    i += 2;
  }
  return decoded;
}

/// Takes "user:password@" off the front of `rest`, which ends before the path.
MaybeError take_user(std::string_view& authority, RedisUrl& url) {
  const auto at = authority.find('@');
  if (at == authority.npos) return std::nullopt;
  const auto info = authority.substr(0, at);
  authority.remove_prefix(at + 1);
  if (authority.find('@') != authority.npos) return refuse("an @ in a password is written %40");
  const auto colon = info.find(':');
  if (colon == info.npos)
    return refuse("before the @ stands user:password, or :password for the default user");
  if (info.find(':', colon + 1) != info.npos) return refuse("a colon in a user or password is written %3A");
  auto user = percent_decoded(info.substr(0, colon));
  auto password = percent_decoded(info.substr(colon + 1));
  if (!user || !password) return refuse("the user or password has a % without two hexadecimal digits");
  if (password->empty()) return refuse("the password before the @ is empty");
  url.user = std::move(*user);
  url.password = std::move(*password);
  return std::nullopt;
}

bool is_ipv6(const std::string& text) noexcept {
  in6_addr ignored;
  return ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

Result<RedisAddress> parse_host(std::string_view text, std::uint16_t default_port) {
  RedisAddress address;
  address.port = default_port;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos) return refuse("an IPv6 address has no closing bracket");
    address.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!is_ipv6(address.host)) return refuse("what stands in brackets is no IPv6 address");
  } else {
    address.host = text.substr(0, text.find(':'));
    rest = text.substr(address.host.size());
    const bool fits = !address.host.empty() && address.host.size() <= kMaxHostName;
    if (!fits || !kHostNameChars.contains_all(address.host))
      return refuse("a host is neither a name nor an address");
  }
  if (rest.empty()) return address;
  const auto port = rest.starts_with(':') ? parse_decimal(rest.substr(1)) : std::nullopt;
  if (!port || *port == 0 || *port > 65'535) return refuse("a port is not a number from 1 to 65535");
  address.port = static_cast<std::uint16_t>(*port);
  return address;
}

MaybeError take_hosts(std::string_view list, RedisUrl& url) {
  const auto port = url.deployment == RedisDeployment::sentinel ? kSentinelPort : kServerPort;
  for (bool more = true; more;) {
    const auto comma = list.find(',');
    auto address = parse_host(list.substr(0, comma), port);
    if (address.has_error()) return address.error();
    if (std::find(url.hosts.begin(), url.hosts.end(), *address) != url.hosts.end())
      return refuse("a host is named twice");
    url.hosts.push_back(std::move(*address));
    more = comma != list.npos;
    if (more) list.remove_prefix(comma + 1);
  }
  if (url.hosts.size() > kMaxHosts) return refuse("more than 64 hosts are named");
  if (url.deployment == RedisDeployment::server && url.hosts.size() > 1)
    return refuse("several hosts need redis+sentinel:// or redis+cluster://");
  return std::nullopt;
}

MaybeError take_database(std::string_view text, RedisUrl& url) {
  const auto number = parse_decimal(text);
  if (!number || *number > kMaxDatabase) return refuse("the database is not a number from 0 to 65535");
  url.database = static_cast<std::uint32_t>(*number);
  return std::nullopt;
}

/// What stands behind the hosts, from the slash on or empty.
MaybeError take_path(std::string_view path, RedisUrl& url) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (url.deployment == RedisDeployment::cluster)
    return path.empty() ? std::nullopt : MaybeError(refuse("a cluster has no databases and no path"));
  if (url.deployment == RedisDeployment::server)
    return path.empty() ? std::nullopt : take_database(path, url);
  const auto slash = path.find('/');
  auto master = percent_decoded(path.substr(0, slash));
  if (!master || master->empty())
    return refuse("behind the sentinels the master's name is needed: /mymaster");
  url.master = std::move(*master);
  if (slash == path.npos || slash + 1 == path.size()) return std::nullopt;
  return take_database(path.substr(slash + 1), url);
}

Result<RedisUrl> parse_network(std::string_view rest, RedisUrl url) {
  if (rest.find_first_of("?#") != rest.npos)
    return refuse("there is no query or fragment; # and ? in a password are written %23 and %3F");
  const auto slash = std::min(rest.find('/'), rest.size());
  auto authority = rest.substr(0, slash);
  if (authority.find('@') == authority.npos && rest.find('@') != rest.npos)
    return refuse("a slash in a user or password is written %2F");
  if (auto error = take_user(authority, url)) return *error;
  if (auto error = take_hosts(authority, url)) return *error;
  if (auto error = take_path(rest.substr(slash), url)) return *error;
  return url;
}

Result<RedisUrl> parse_unix(std::string_view rest) {
  RedisUrl url;
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    auto authority = rest.substr(0, rest.find('/'));
    rest.remove_prefix(authority.size());
    if (auto error = take_user(authority, url)) return *error;
    if (!authority.empty()) return refuse("a Unix socket has no host: unix:/path");
  }
  const auto question = std::min(rest.find('?'), rest.size());
  const auto query = rest.substr(question);
  auto path = percent_decoded(rest.substr(0, question));
  if (!path || !path->starts_with('/') || path->size() < 2)
    return refuse("a Unix socket needs an absolute path: unix:/path");
  if (path->size() >= sizeof(sockaddr_un::sun_path)) return refuse("the path is too long for a Unix socket");
  url.hosts.push_back({.host = std::move(*path), .unix_socket = true});
  if (query.empty()) return url;
  if (!query.starts_with("?db=")) return refuse("behind the path of a Unix socket stands at most ?db=number");
  if (auto error = take_database(query.substr(4), url)) return *error;
  return url;
}

}  // namespace

std::string RedisAddress::text() const {
  if (unix_socket) return "unix:" + host;
  const bool needs_brackets = host.find(':') != std::string::npos;
  return (needs_brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<RedisUrl> parse_redis_url(std::string_view text) {
  if (text.size() > kMaxLength) return refuse("it is longer than 4096 bytes");
  if (!is_visible(text)) return refuse("it has a space or a character that is not visible ASCII");
  if (text.starts_with("unix:")) return parse_unix(text.substr(5));
  for (const auto& scheme : kSchemes) {
    if (!text.starts_with(scheme.prefix)) continue;
    RedisUrl url;
    url.deployment = scheme.deployment;
    url.tls = scheme.tls;
    return parse_network(text.substr(scheme.prefix.size()), std::move(url));
  }
  return refuse("expected redis://, rediss://, redis+sentinel://, redis+cluster:// or unix:/path");
}

}  // namespace forebay
