// A blocking client that sends bytes as they are given and shows what comes back.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace forebay::admin::test {

class RawClient {
 public:
  /// Takes over a connected socket. Nothing it waits for may take longer than 20 s.
  explicit RawClient(int fd) : fd_(fd) {
    const timeval limit{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }
  explicit RawClient(std::uint16_t port) : RawClient(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(address);
  }
  explicit RawClient(const std::string& unix_path) : RawClient(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, unix_path.c_str(), unix_path.size() + 1);
    connect(address);
  }
  RawClient(RawClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  ~RawClient() { ::close(fd_); }

  bool connected() const { return connected_; }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server has closed; what it said is still to be read
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void finish_sending() { ::shutdown(fd_, SHUT_WR); }

  /// Everything until the server closes the connection. `closed()` tells whether it did.
  std::string read_all() {
    std::string all = std::exchange(rest_, {});
    while (receive(all)) {
    }
    return all;
  }

  /// One response with a Content-Length; what follows is kept for the next call.
  std::string read_response(bool has_body = true) {
    auto& text = rest_;
    while (text.find("\r\n\r\n") == std::string::npos) {
      if (!receive(text)) return std::exchange(text, {});
    }
    auto size = text.find("\r\n\r\n") + 4;
    const auto at = text.find("Content-Length: ");
    if (has_body && at < size) size += std::stoul(text.substr(at + 16));
    while (text.size() < size) {
      if (!receive(text)) break;
    }
    auto response = text.substr(0, size);
    text.erase(0, size);
    return response;
  }

  bool closed() const { return closed_; }

 private:
  template <class Address>
  void connect(const Address& address) {
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  bool receive(std::string& into) {
    char room[4096];
    const auto size = ::recv(fd_, room, sizeof room, 0);
    if (size > 0) {
      into.append(room, static_cast<std::size_t>(size));
      return true;
    }
    closed_ = size == 0 || errno == ECONNRESET;
    return false;
  }

  int fd_;
  bool connected_ = true;
  bool closed_ = false;
  std::string rest_;
};

}  // namespace forebay::admin::test
