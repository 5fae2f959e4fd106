#include "support/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace forebay::test {
namespace {

constexpr int kPatienceMilliseconds = 10'000;
/// A socket that takes nothing for so long is blocked.
constexpr int kBlockedMilliseconds = 200;

[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error("client: " + what); }

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_ready(int socket, short event, int limit) {
  pollfd wanted{socket, event, 0};
  return ::poll(&wanted, 1, limit) > 0;
}

int connect_to(const sockaddr* address, socklen_t size) {
  const int socket = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, address, size) == 0) return socket;
  ::close(socket);
  return -1;
}

}  // namespace

std::string Response::field(std::string_view name) const {
  std::string joined;
  for (const auto& [each, value] : fields) {
    if (!same_name(each, name)) continue;
    if (!joined.empty()) joined += ", ";
    joined += value;
  }
  return joined;
}

std::size_t Response::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(), [&](const auto& line) { return same_name(line.first, name); }));
}

// ---- Connecting -----------------------------------------------------------------------------------------

Client::Client(std::uint16_t port, const std::string& address) {
  if (address.find(':') != std::string::npos) {
    sockaddr_in6 peer{};
    peer.sin6_family = AF_INET6;
    peer.sin6_port = htons(port);
    ::inet_pton(AF_INET6, address.c_str(), &peer.sin6_addr);
    socket_ = connect_to(reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
  } else {
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &peer.sin_addr);
    socket_ = connect_to(reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
  }
  if (socket_ < 0) give_up("no connection to port " + std::to_string(port));
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Client Client::on_unix_socket(const std::string& path) {
  sockaddr_un peer{};
  peer.sun_family = AF_UNIX;
  path.copy(peer.sun_path, sizeof peer.sun_path - 1);
  Client client;
  client.socket_ = connect_to(reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
  if (client.socket_ < 0) give_up("no connection to " + path);
  return client;
}

bool Client::is_refused(std::uint16_t port) {
  try {
    const Client client(port);
    return false;
  } catch (const std::runtime_error&) {
    return true;
  }
}

Client::Client(Client&& other) noexcept { *this = std::move(other); }

Client& Client::operator=(Client&& other) noexcept {
  if (this == &other) return *this;
  close();
  socket_ = std::exchange(other.socket_, -1);
  was_reset_ = other.was_reset_;
  unread_ = std::move(other.unread_);
  framing_ = other.framing_;
  left_ = other.left_;
  in_chunks_ = other.in_chunks_;
  ended_ = other.ended_;
  trailers_ = std::move(other.trailers_);
  return *this;
}

void Client::end_sending() { ::shutdown(socket_, SHUT_WR); }

void Client::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void Client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

// ---- Sending --------------------------------------------------------------------------------------------

Response Client::exchange(const std::string& method, const std::string& target, const FieldLines& fields,
                          std::optional<std::string_view> body) {
  request(method, target, fields, body);
  return read(method == "HEAD");
}

void Client::request(const std::string& method, const std::string& target, const FieldLines& fields,
                     std::optional<std::string_view> body) {
  std::string text = method + " " + target + " HTTP/1.1\r\n";
  const bool has_host = std::any_of(fields.begin(), fields.end(),
                                    [](const auto& line) { return same_name(line.first, "Host"); });
  if (!has_host) text += "Host: example.org\r\n";
  for (const auto& [name, value] : fields) text.append(name).append(": ").append(value).append("\r\n");
  if (body) text += "Content-Length: " + std::to_string(body->size()) + "\r\n";
  text += "\r\n";
  if (body) text += *body;
  send(text);
}

void Client::send(std::string_view bytes) {
  if (!try_send(bytes)) give_up("the connection was closed while sending");
}

bool Client::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) {
      if (!is_ready(socket_, POLLOUT, kPatienceMilliseconds)) give_up("what is sent is not taken");
    } else if (n < 0) {
      return false;
    } else {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  return true;
}

std::size_t Client::send_until_blocked(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno != EAGAIN || !is_ready(socket_, POLLOUT, kBlockedMilliseconds))) break;
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
  return sent;
}

// ---- Reading --------------------------------------------------------------------------------------------

/// False when the other side has closed.
bool Client::fill() {
  if (!is_ready(socket_, POLLIN, kPatienceMilliseconds)) give_up("nothing comes; unread so far: " + unread_);
  std::array<char, 64 * 1024> bytes;
  const auto n = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (n < 0) was_reset_ = true;
  if (n <= 0) return false;
  unread_.append(bytes.data(), static_cast<std::size_t>(n));
  return true;
}

std::string Client::read_line() {
  for (;;) {
    if (const auto end = unread_.find("\r\n"); end != std::string::npos) {
      auto line = unread_.substr(0, end);
      unread_.erase(0, end + 2);
      return line;
    }
    if (!fill()) give_up("the connection ended within a line: \"" + unread_ + "\"");
  }
}

FieldLines Client::read_fields() {
  FieldLines fields;
  for (auto line = read_line(); !line.empty(); line = read_line()) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) give_up("not a field line: " + line);
    const auto value = line.find_first_not_of(' ', colon + 1);
    fields.emplace_back(line.substr(0, colon), value == std::string::npos ? "" : line.substr(value));
  }
  return fields;
}

Response Client::read(bool to_head) {
  auto response = read_head(to_head);
  read_rest(response);
  return response;
}

Response Client::read_head(bool to_head) {
  std::vector<Response> interim;
  for (;;) {
    Response response;
    const auto line = read_line();
    if (!line.starts_with("HTTP/1.") || line.size() < 12) give_up("not a status line: " + line);
    response.version = line.substr(0, 8);
    response.status = std::stoi(line.substr(9, 3));
    if (line.size() > 13) response.reason = line.substr(13);
    response.fields = read_fields();
    if (response.status < 200 && response.status != 101) {
      interim.push_back(std::move(response));
      continue;
    }
    response.interim = std::move(interim);
    const bool bodiless =
        to_head || response.status == 101 || response.status == 204 || response.status == 304;
    left_ = 0;
    in_chunks_ = false;
    trailers_.clear();
    if (bodiless) {
      framing_ = Framing::none;
    } else if (response.has("Transfer-Encoding")) {
      framing_ = Framing::chunked;
    } else if (response.has("Content-Length")) {
      framing_ = Framing::length;
      left_ = std::stoull(response.field("Content-Length"));
    } else {
      framing_ = Framing::until_close;
    }
    ended_ = framing_ == Framing::none || (framing_ == Framing::length && left_ == 0);
    return response;
  }
}

/// Reads up to the data of the next chunk; false at the last one, when the trailers have been read.
bool Client::next_chunk() {
  if (in_chunks_ && !read_line().empty()) give_up("a chunk does not end where it should");
  in_chunks_ = true;
  left_ = std::stoull(read_line(), nullptr, 16);
  if (left_ > 0) return true;
  trailers_ = read_fields();
  ended_ = true;
  return false;
}

std::string Client::read_body(std::size_t size) {
  std::string body;
  try {
    while (body.size() < size && !ended_) {
      if (framing_ == Framing::chunked && left_ == 0 && !next_chunk()) break;
      if (unread_.empty() && !fill()) {
        ended_ = framing_ == Framing::until_close && !was_reset_;
        break;
      }
      auto n = std::min(size - body.size(), unread_.size());
      if (framing_ != Framing::until_close) n = std::min(n, left_);
      body.append(unread_, 0, n);
      unread_.erase(0, n);
      if (framing_ == Framing::until_close) continue;
      left_ -= n;
      if (framing_ == Framing::length && left_ == 0) ended_ = true;
    }
  } catch (const std::runtime_error&) {
    if (!is_closed()) throw;  // otherwise it ended within a chunk's framing: incomplete
  }
  return body;
}

void Client::read_rest(Response& response) {
  response.body += read_body(SIZE_MAX - response.body.size());
  response.complete = ended_;
  response.reset = was_reset_;
  response.trailers = trailers_;
}

std::string Client::read_raw(std::size_t size) {
  while (unread_.size() < size && fill()) {
  }
  auto bytes = unread_.substr(0, size);
  unread_.erase(0, bytes.size());
  return bytes;
}

bool Client::is_closed() { return unread_.empty() && !fill(); }

void Client::take_little() {
  const int bytes = 64 * 1024;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool Client::is_silent() { return unread_.empty() && !is_ready(socket_, POLLIN, 0); }

}  // namespace forebay::test
