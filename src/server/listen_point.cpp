#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "forebay/base/strings.hpp"
#include "forebay/server/service.hpp"

namespace forebay::server {
namespace {

namespace ip = boost::asio::ip;

Error refused(const std::string& address, const char* what) {
  return fail(ErrorKind::system_failure, address + ": " + what + ": " + std::strerror(errno));
}

Result<ip::tcp::endpoint> parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon != std::string::npos) {
    auto host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    const auto port = parse_decimal(std::string_view(text).substr(colon + 1));
    boost::system::error_code ec;
    const auto address = ip::make_address(host, ec);
    if (!ec && port && *port <= 65535) return ip::tcp::endpoint(address, static_cast<std::uint16_t>(*port));
  }
  return fail(ErrorKind::invalid_value, "\"" + text + "\" is not an address with a port");
}

/// A bound, listening socket; -1 with errno set when it cannot be had.
int listen_on(const ip::tcp::endpoint& endpoint, int backlog) {
  const int fd = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (endpoint.address().is_v6()) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0 && ::listen(fd, backlog) == 0)
    return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

int listen_on_path(const std::string& path, int backlog) {
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  // A socket that nobody listens on any more is what a crash leaves behind; a living one is somebody else's.
  if (::connect(fd, generic, sizeof address) == 0) {
    ::close(fd);
    errno = EADDRINUSE;
    return -1;
  }
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode)) ::unlink(path.c_str());
  if (::bind(fd, generic, sizeof address) == 0 && ::listen(fd, backlog) == 0) return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

}  // namespace

Result<std::shared_ptr<ListenPoint>> ListenPoint::open(const ListenSettings& settings, unsigned workers) {
  auto point = std::shared_ptr<ListenPoint>(new ListenPoint(settings));
  const auto backlog = static_cast<int>(settings.backlog);
  if (settings.address.starts_with("unix:")) {
    const auto path = settings.address.substr(5);
    const int fd = listen_on_path(path, backlog);
    if (fd < 0) return refused(settings.address, "cannot listen");
    point->unix_path_ = path;
    point->descriptors_.push_back(fd);
    while (point->descriptors_.size() < workers)
      point->descriptors_.push_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    return point;
  }
  auto endpoint = parse_endpoint(settings.address);
  if (!endpoint) return endpoint.error();
  for (unsigned i = 0; i < workers; ++i) {
    const int fd = listen_on(*endpoint, backlog);
    if (fd < 0) return refused(settings.address, "cannot listen");
    point->descriptors_.push_back(fd);
    if (endpoint->port() != 0) continue;
    // Port 0: what the first socket got is what the others share.
    ip::tcp::endpoint bound;
    auto size = static_cast<socklen_t>(bound.capacity());
    if (::getsockname(fd, bound.data(), &size) != 0) return refused(settings.address, "cannot tell the port");
    endpoint->port(bound.port());
  }
  point->port_ = endpoint->port();
  return point;
}

ListenPoint::~ListenPoint() {
  for (const int fd : descriptors_)
    if (fd >= 0) ::close(fd);
  retire();
}

void ListenPoint::retire() noexcept {
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
  unix_path_.clear();
}

int ListenPoint::take_descriptor(unsigned worker) {
  return worker < descriptors_.size() ? std::exchange(descriptors_[worker], -1) : -1;
}

}  // namespace forebay::server
