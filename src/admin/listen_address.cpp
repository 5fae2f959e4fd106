#include "listen_address.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>
#include <optional>

#include "forebay/base/strings.hpp"

namespace forebay::admin {
namespace {

namespace asio = boost::asio;

Error not_an_address(std::string_view text, std::string_view why) {
  return fail(ErrorKind::invalid_value, "\"" + std::string(text) + "\": " + std::string(why));
}

Result<ListenAddress> parse_unix(std::string_view text, std::string_view path) {
  if (path.empty() || path.front() != '/')
    return not_an_address(text, "a Unix socket needs an absolute path");
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return not_an_address(text, "the path is too long for a socket");
  if (path.find('\0') != std::string_view::npos)
    return not_an_address(text, "the path contains a NUL character");
  return ListenAddress(asio::local::stream_protocol::endpoint(path), std::string(path));
}

/// Copies the address out of the endpoint as T; nothing when it has not room for one.
template <class T>
std::optional<T> socket_address(const Endpoint& endpoint) noexcept {
  if (endpoint.size() < sizeof(T)) return std::nullopt;
  T address;
  std::memcpy(&address, endpoint.data(), sizeof(T));
  return address;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) return parse_unix(text, text.substr(kUnix.size()));
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return not_an_address(text, "no port: expected ADDRESS:PORT or unix:PATH");
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(std::string(host), ec);
  if (ec || address.is_v6() != bracketed) {
    return not_an_address(text, "expected an IPv4 address, or an IPv6 address in brackets, before the port");
  }
  const auto port = parse_decimal(text.substr(colon + 1));
  if (!port || *port > 65535) return not_an_address(text, "the port is not a number from 0 to 65535");
  return ListenAddress(asio::ip::tcp::endpoint(address, static_cast<std::uint16_t>(*port)), {});
}

std::uint16_t port_of(const Endpoint& endpoint) noexcept {
  const int family = endpoint.protocol().family();
  if (family == AF_INET) {
    if (const auto address = socket_address<sockaddr_in>(endpoint)) return ntohs(address->sin_port);
  } else if (family == AF_INET6) {
    if (const auto address = socket_address<sockaddr_in6>(endpoint)) return ntohs(address->sin6_port);
  }
  return 0;
}

bool is_local(const Endpoint& peer) noexcept {
  switch (peer.protocol().family()) {
    case AF_UNIX: return true;
    case AF_INET: {
      const auto address = socket_address<sockaddr_in>(peer);
      return address && asio::ip::address_v4(ntohl(address->sin_addr.s_addr)).is_loopback();
    }
    case AF_INET6: {
      const auto address = socket_address<sockaddr_in6>(peer);
      if (!address) return false;
      asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &address->sin6_addr, bytes.size());
      const asio::ip::address_v6 v6(bytes);
      return v6.is_loopback() || (v6.is_v4_mapped() && bytes[12] == 127);
    }
    default: return false;
  }
}

}  // namespace forebay::admin
