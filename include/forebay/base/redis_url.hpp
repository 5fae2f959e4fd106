// Where Redis is, as one text: deployment, nodes, user and database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/result.hpp"

namespace forebay {

enum class RedisDeployment : std::uint8_t {
  server,    // one server
  sentinel,  // a master that sentinels watch over
  cluster,   // Redis Cluster: the keys spread over several masters
};

struct RedisAddress {
  std::string host;  // without brackets; the path of a Unix socket
  std::uint16_t port = 0;
  bool unix_socket = false;

  /// "host:port", "[::1]:6379" or "unix:/path".
  std::string text() const;
  friend bool operator==(const RedisAddress&, const RedisAddress&) = default;
};

struct RedisUrl {
  RedisDeployment deployment = RedisDeployment::server;
  bool tls = false;
  std::string user;      // "" for the default user
  std::string password;  // "" for none
  std::uint32_t database = 0;
  std::vector<RedisAddress> hosts;  // the server, the sentinels, or the nodes that are asked first
  std::string master;               // what the sentinels call it

  friend bool operator==(const RedisUrl&, const RedisUrl&) = default;
};

/// Takes apart one of
///
///   redis://[user:password@]host[:port][/database]
///   unix:/path[?db=database] or unix://[user:password@]/path[?db=database]
///   redis+sentinel://[user:password@]host[:port],host[:port].../master[/database]
///   redis+cluster://[user:password@]host[:port],host[:port]...
///
/// rediss instead of redis: with TLS. The user may be empty; both may have percent-encoded characters. Fails
/// with invalid_value and a reason that quotes nothing, for anything in it may be part of a password.
Result<RedisUrl> parse_redis_url(std::string_view text);

}  // namespace forebay
