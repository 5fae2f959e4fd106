// The floor of the hit benchmark: one thread, one epoll, no parsing. For every read that ends in an empty
// line it sends a canned response. What a request costs here is the kernel's price for receiving and sending;
// no proxy can be below.
//
//   epoll_floor PORT BODY_BYTES
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_map>

namespace {

struct Connection {
  std::size_t unsent = 0;  // of the response being sent
};

int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 4096) != 0) {
    std::perror("epoll_floor");
    std::exit(1);
  }
  return fd;
}

class Floor {
 public:
  Floor(std::uint16_t port, std::size_t body)
      : response_("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body) +
                  "\r\n\r\n" + std::string(body, 'x')),
        listener_(listen_on(port)),
        epoll_(::epoll_create1(0)) {
    watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 128> events{};
    for (;;) {
      const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < n; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_)
          accept_all();
        else if (event.events & EPOLLOUT)
          send_rest(event.data.fd);
        else
          answer(event.data.fd);
      }
    }
  }

 private:
  void watch(int fd, std::uint32_t what, int how) {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, how, fd, &event);
  }

  void accept_all() {
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connections_[fd] = {};
      watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
  }

  void answer(int fd) {
    const auto n = ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (n <= 0) {
      if (n < 0 && errno == EAGAIN) return;
      connections_.erase(fd);
      ::close(fd);
      return;
    }
    connections_[fd].unsent = response_.size();
    send_rest(fd);
  }

  void send_rest(int fd) {
    auto& unsent = connections_[fd].unsent;
    const bool was_blocked = unsent < response_.size();
    while (unsent > 0) {
      const auto n = ::send(fd, response_.data() + response_.size() - unsent, unsent, MSG_NOSIGNAL);
      if (n < 0) {
        if (errno == EAGAIN) watch(fd, EPOLLOUT, EPOLL_CTL_MOD);
        return;
      }
      unsent -= static_cast<std::size_t>(n);
    }
    if (was_blocked) watch(fd, EPOLLIN, EPOLL_CTL_MOD);
  }

  const std::string response_;
  const int listener_;
  const int epoll_;
  std::array<char, 16384> buffer_{};
  std::unordered_map<int, Connection> connections_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: epoll_floor PORT BODY_BYTES\n");
    return 2;
  }
  Floor(static_cast<std::uint16_t>(std::atoi(argv[1])), static_cast<std::size_t>(std::atol(argv[2]))).run();
}
