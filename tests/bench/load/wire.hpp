// What the load programs share: sockets on loopback, bodies that are known beforehand, a reader that checks
// them.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace load {

using Seconds = std::chrono::duration<double>;
using Instant = std::chrono::steady_clock::time_point;
inline Instant now() { return std::chrono::steady_clock::now(); }

[[noreturn]] inline void die(const char* what) {
  std::perror(what);
  std::exit(2);
}

/// `--name value` pairs; anything else is an error.
class Arguments {
 public:
  Arguments(int count, char** words) {
    for (int i = 1; i < count; i += 2) {
      if (i + 1 == count || std::strncmp(words[i], "--", 2) != 0) die(words[i]);
      values_[words[i] + 2] = words[i + 1];
    }
  }
  double number(const char* name, double otherwise) const {
    const auto at = values_.find(name);
    return at == values_.end() ? otherwise : std::atof(at->second.c_str());
  }
  std::uint64_t count(const char* name, std::uint64_t otherwise) const {
    return static_cast<std::uint64_t>(number(name, static_cast<double>(otherwise)));
  }

 private:
  std::map<std::string, std::string> values_;
};

// ---- sockets --------------------------------------------------------------------------------------------

inline sockaddr_in loopback(std::uint64_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline void set_no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

inline int listen_on(std::uint64_t port, int flags) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto address = loopback(port);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("bind");
  if (::listen(fd, 4096) != 0) die("listen");
  return fd;
}

/// Connected and non-blocking.
inline int connect_to(std::uint64_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  const auto address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("connect");
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  set_no_delay(fd);
  return fd;
}

inline bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// ---- bodies ---------------------------------------------------------------------------------------------

inline std::uint64_t mix(std::uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// Noise of which every body is a window: the n-th starts at an offset of its own.
class Bodies {
 public:
  explicit Bodies(std::uint64_t longest) : noise_(longest + kOffsets) {
    for (std::size_t i = 0; i < noise_.size(); ++i) noise_[i] = static_cast<char>(mix(i));
  }
  std::string_view of(std::uint64_t n, std::uint64_t size) const {
    return {noise_.data() + mix(n) % kOffsets, size};
  }

 private:
  static constexpr std::uint64_t kOffsets = 65536;
  std::vector<char> noise_;
};

/// Between `least` and `most`, every order of magnitude as likely as the others.
inline std::uint64_t log_uniform(std::uint64_t seed, std::uint64_t n, std::uint64_t least,
                                 std::uint64_t most) {
  const auto part = static_cast<double>(mix(seed * 0x100000001b3 + n) >> 11) * 0x1p-53;
  const auto low = std::log(static_cast<double>(least));
  return static_cast<std::uint64_t>(std::exp(low + part * (std::log(static_cast<double>(most) + 1) - low)));
}

}  // namespace load
