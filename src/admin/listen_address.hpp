// Where to listen, as the configuration writes it.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "forebay/base/result.hpp"

namespace forebay::admin {

using Endpoint = boost::asio::generic::stream_protocol::endpoint;

struct ListenAddress {
  // Declared, because an aggregate could be made from an Error: Asio's Endpoint takes anything.
  ListenAddress(const Endpoint& where, std::string path) : endpoint(where), unix_path(std::move(path)) {}

  Endpoint endpoint;
  std::string unix_path;  // "" for TCP
};

/// "127.0.0.1:9180", "[::1]:9180" or "unix:/run/forebay/admin.sock". Fails with invalid_value naming the
/// text.
Result<ListenAddress> parse_listen_address(std::string_view text);

/// The port of a TCP endpoint; 0 for a Unix socket.
std::uint16_t port_of(const Endpoint& endpoint) noexcept;

/// True for a peer on this machine: a Unix socket, 127.0.0.0/8 (also mapped into IPv6) or ::1.
bool is_local(const Endpoint& peer) noexcept;

}  // namespace forebay::admin
