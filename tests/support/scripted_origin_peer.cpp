#include "support/scripted_origin_peer.hpp"

#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace forebay::test {
namespace {

bool equal_names(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string OriginRequest::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (equal_names(key, name)) return value;
  }
  return {};
}

bool OriginRequest::has(std::string_view name) const {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& line) { return equal_names(line.first, name); });
}

OriginPeer::OriginPeer(int socket, SSL_CTX* tls, std::size_t number, Gates& gates)
    : socket_(socket), number_(number), gates_(gates) {
  if (!tls) return;
  ssl_.reset(SSL_new(tls));
  SSL_set_fd(ssl_.get(), socket_);
}

bool OriginPeer::handshake() { return !ssl_ || SSL_accept(ssl_.get()) == 1; }

bool OriginPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto most = static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20));
    const auto n = ssl_ ? SSL_write(ssl_.get(), bytes.data(), most)
                        : ::send(socket_, bytes.data(), static_cast<std::size_t>(most), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool OriginPeer::fill() {
  std::array<char, 16 * 1024> piece;
  const auto n = ssl_ ? SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size()))
                      : ::recv(socket_, piece.data(), piece.size(), 0);
  if (n <= 0) return false;
  unread_.append(piece.data(), static_cast<std::size_t>(n));
  return true;
}

std::string OriginPeer::read(std::size_t size) {
  while (unread_.size() < size) {
    if (!fill()) break;
  }
  auto bytes = unread_.substr(0, size);
  unread_.erase(0, size);
  return bytes;
}

void OriginPeer::wait_for_close() {
  while (fill()) unread_.clear();
}

bool OriginPeer::wait(const std::string& gate) {
  return gates_[gate].pass_unless([this] {
    pollfd closing{socket_, POLLRDHUP, 0};
    return ::poll(&closing, 1, 0) == 1;
  });
}

std::optional<std::string> OriginPeer::read_line() {
  auto end = unread_.find("\r\n");
  while (end == std::string::npos) {
    if (!fill()) return std::nullopt;
    end = unread_.find("\r\n");
  }
  auto line = unread_.substr(0, end);
  unread_.erase(0, end + 2);
  return line;
}

std::optional<OriginFields> OriginPeer::read_fields() {
  OriginFields fields;
  for (;;) {
    const auto line = read_line();
    if (!line) return std::nullopt;
    if (line->empty()) return fields;
    const auto colon = line->find(':');
    const auto value =
        colon == std::string::npos ? std::string::npos : line->find_first_not_of(" \t", colon + 1);
    fields.emplace_back(line->substr(0, colon), value == std::string::npos ? "" : line->substr(value));
  }
}

std::optional<OriginRequest> OriginPeer::read_head() {
  const auto start = read_line();
  if (!start) return std::nullopt;
  OriginRequest request;
  request.connection = number_;
  const auto first = start->find(' ');
  const auto last = start->rfind(' ');
  if (first == std::string::npos || last == first) return std::nullopt;
  request.method = start->substr(0, first);
  request.target = start->substr(first + 1, last - first - 1);
  request.version = start->substr(last + 1);
  auto fields = read_fields();
  if (!fields) return std::nullopt;
  request.fields = std::move(*fields);
  request.head = *start + "\r\n";
  for (const auto& [name, value] : request.fields)
    request.head.append(name).append(": ").append(value).append("\r\n");
  return request;
}

bool OriginPeer::read_body(OriginRequest& request) {
  const auto size = request.field("Content-Length");
  if (equal_names(request.field("Transfer-Encoding"), "chunked")) {
    request.has_whole_body = read_chunks(request);
  } else {
    const auto length = size.empty() ? 0 : std::stoul(size);
    request.body = read(length);
    request.has_whole_body = request.body.size() == length;
  }
  return request.has_whole_body;
}

bool OriginPeer::read_chunks(OriginRequest& request) {
  for (;;) {
    const auto line = read_line();
    if (!line || line->empty()) return false;
    const auto size = std::stoul(*line, nullptr, 16);
    if (size == 0) break;
    const auto chunk = read(size);
    request.body.append(chunk);
    if (chunk.size() < size || read(2) != "\r\n") return false;
  }
  auto trailers = read_fields();
  if (!trailers) return false;
  request.trailers = std::move(*trailers);
  return true;
}

std::optional<OriginRequest> OriginPeer::read_request() {
  auto request = read_head();
  if (request && !read_body(*request)) return std::nullopt;
  return request;
}

void OriginPeer::end_sending() {
  if (ssl_) SSL_shutdown(ssl_.get());
  ::shutdown(socket_, SHUT_WR);
}

void OriginPeer::close() {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0) return;
  ::close(std::exchange(socket_, -1));
}

void OriginPeer::reset() {
  const linger hard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close();
}

void OriginPeer::kill() {
  const std::lock_guard lock(mutex_);
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

}  // namespace forebay::test
