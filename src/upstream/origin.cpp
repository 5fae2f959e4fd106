#include "forebay/upstream/origin.hpp"

#include <openssl/ssl.h>
#include <sys/un.h>

#include <boost/asio/ip/address.hpp>
#include <utility>

#include "forebay/base/strings.hpp"
#include "forebay/io/tls_context.hpp"
#include "upstream/quota.hpp"
#include "upstream/resolve.hpp"

namespace forebay::upstream {
namespace {

constexpr CharSet kHostNameChars = CharSet{"-._"}.with_alphanumerics();

bool take_prefix(std::string_view& text, std::string_view prefix) noexcept {
  if (!iequals(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Error refuse(std::string_view text, std::string_view why) {
  return fail(ErrorKind::invalid_value, "\"" + std::string(text) + "\": " + std::string(why));
}

bool is_ip_address(std::string_view text) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(std::string(text), ec);
  return !ec;
}

/// Takes the host off the front of `rest`: a name, an IPv4 address or an IPv6 address in brackets. "" when it
/// is none.
std::string take_host(std::string_view& rest) {
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return {};
    std::string host(rest.substr(1, end - 1));
    rest.remove_prefix(end + 1);
    return host.find(':') != std::string::npos && is_ip_address(host) ? host : std::string{};
  }
  std::string host(rest.substr(0, rest.find(':')));
  rest.remove_prefix(host.size());
  return kHostNameChars.contains_all(host) ? host : std::string{};
}

Result<ServerAddress> parse_unix(std::string_view text, std::string_view path) {
  if (!path.starts_with('/')) return refuse(text, "a Unix socket needs an absolute path: unix:/path");
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return refuse(text, "the path is too long for a Unix socket");
  ServerAddress address;
  address.unix_socket = true;
  address.host = path;
  return address;
}

/// The context that TLS connections to this upstream are made from.
Result<boost::asio::ssl::context> client_context(const TlsSettings& settings) {
  auto context = io::tls_client_context({.ca = settings.ca_file});
  if (context.has_error()) return context;
  static constexpr unsigned char kAlpn[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context->native_handle(), kAlpn, sizeof kAlpn - 1);
  return context;
}

}  // namespace

// ---- Addresses ------------------------------------------------------------------------------------------

std::string ServerAddress::text() const {
  if (unix_socket) return "unix:" + host;
  const bool needs_brackets = host.find(':') != std::string::npos;
  return (needs_brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<ServerAddress> parse_server(std::string_view text) {
  auto rest = text;
  if (take_prefix(rest, "unix:")) return parse_unix(text, rest);
  ServerAddress address;
  if (take_prefix(rest, "https://")) {
    address.tls = true;
  } else if (!take_prefix(rest, "http://")) {
    return refuse(text, "expected http://host:port, https://host:port or unix:/path");
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != std::string_view::npos)
    return refuse(text, "a server has no path or query");
  if (rest.find('@') != std::string_view::npos) return refuse(text, "a server has no user name");
  address.host = take_host(rest);
  if (address.host.empty()) return refuse(text, "the host is not a name or an address");
  address.port = address.tls ? 443 : 80;
  if (rest.empty()) return address;
  const auto port = rest.starts_with(':') ? parse_decimal(rest.substr(1)) : std::nullopt;
  if (!port || *port == 0 || *port > 65'535) return refuse(text, "the port is not a number from 1 to 65535");
  address.port = static_cast<std::uint16_t>(*port);
  return address;
}

// ---- Servers --------------------------------------------------------------------------------------------

Server::Server(ServerAddress address, std::uint32_t max_connections, std::uint32_t max_queue)
    : address_(std::move(address)), quota_(std::make_unique<Quota>(max_connections, max_queue)) {
  if (const auto endpoint = literal_endpoint(address_))
    endpoints_ = std::make_shared<const Endpoints>(1, *endpoint);
}

Server::~Server() = default;

std::shared_ptr<const Endpoints> Server::endpoints() const {
  const std::lock_guard lock(mutex_);
  return endpoints_;
}

void Server::set_endpoints(std::shared_ptr<const Endpoints> endpoints) {
  const std::lock_guard lock(mutex_);
  endpoints_.swap(endpoints);  // the old ones go after the lock
}

// ---- Upstreams ------------------------------------------------------------------------------------------

Upstream::Upstream(const UpstreamSettings& settings)
    : settings_(settings),
      balancer_(round_robin()),
      refreshes_(settings.refreshes_at_once, settings.refreshes_per_second) {}

Result<std::shared_ptr<Upstream>> Upstream::make(const UpstreamSettings& settings) {
  if (settings.servers.empty())
    return fail(ErrorKind::invalid_value, "an upstream needs at least one server");
  std::shared_ptr<Upstream> upstream(new Upstream(settings));
  bool needs_tls = false;
  for (const auto& text : settings.servers) {
    auto address = parse_server(text);
    if (address.has_error()) return address.error();
    needs_tls = needs_tls || address->tls;
    upstream->servers_.push_back(
        std::make_unique<Server>(std::move(*address), settings.max_connections, settings.queue));
  }
  if (needs_tls) {
    auto context = client_context(settings.tls);
    if (context.has_error()) return context.error();
    upstream->tls_.emplace(std::move(*context));
  }
  return upstream;
}

}  // namespace forebay::upstream
