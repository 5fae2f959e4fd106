// For scripts that play Redis: ScriptedOrigin's connections, with commands instead of requests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/scripted_origin.hpp"

namespace forebay::test {

using RedisWords = std::vector<std::string>;

/// "*3\r\n" without its type and end: "3"; nothing when the client has gone.
inline std::optional<std::string> read_resp_line(OriginPeer& peer, char type) {
  std::string line;
  while (!line.ends_with("\r\n")) {
    const auto byte = peer.read(1);
    if (byte.empty()) return std::nullopt;
    line += byte;
  }
  if (line.front() != type) return std::nullopt;
  return line.substr(1, line.size() - 3);
}

/// The next command, or nothing when the client has gone or sends something else.
inline std::optional<RedisWords> read_command(OriginPeer& peer) {
  const auto count = read_resp_line(peer, '*');
  if (!count) return std::nullopt;
  RedisWords words;
  for (int left = std::stoi(*count); left > 0; --left) {
    const auto size = read_resp_line(peer, '$');
    if (!size) return std::nullopt;
    words.push_back(peer.read(std::stoul(*size)));
    if (peer.read(2) != "\r\n") return std::nullopt;
  }
  return words;
}

}  // namespace forebay::test
