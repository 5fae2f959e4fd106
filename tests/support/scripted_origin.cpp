#include "support/scripted_origin.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace forebay::test {
namespace {

bool has(const OriginFields& fields, std::string_view name) {
  OriginRequest lookup;
  lookup.fields = fields;
  return lookup.has(name);
}

/// RFC 9112 §6.3
bool may_have_body(const OriginRequest& request, int status) {
  return request.method != "HEAD" && status >= 200 && status != 204 && status != 304;
}

std::string lines(const OriginFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) text.append(name).append(": ").append(value).append("\r\n");
  return text;
}

bool is_chunked(const OriginResponse& response) { return response.chunked || !response.trailers.empty(); }

bool ends_connection(const OriginResponse& response) {
  return response.close || response.until_close || response.truncate_after || response.reset_after;
}

std::string head_of(const OriginResponse& response) {
  auto head =
      "HTTP/1.1 " + std::to_string(response.status) + " " + response.reason + "\r\n" + lines(response.fields);
  const bool framed = has(response.fields, "Content-Length") || has(response.fields, "Transfer-Encoding");
  if (!framed && is_chunked(response)) {
    head.append("Transfer-Encoding: chunked\r\n");
  } else if (!framed && !response.until_close && response.status >= 200 && response.status != 204 &&
             response.status != 304) {
    head.append("Content-Length: " + std::to_string(response.body.size()) + "\r\n");
  }
  if (response.close && !has(response.fields, "Connection")) head.append("Connection: close\r\n");
  return head.append("\r\n");
}

}  // namespace

// ---- Connections ----------------------------------------------------------------------------------------

ScriptedOrigin::ScriptedOrigin(const Options& options) {
  if (options.certificate) {
    tls_ = options.certificate->server_context();
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  }
  listen(options);
  accepting_ = std::thread([this] { accept_all(); });
}

ScriptedOrigin::~ScriptedOrigin() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  gates_.retire();
  stop_listening();
  drop_connections();
  for (auto& served : served_) served.thread.join();
  ::close(listener_);
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
}

void ScriptedOrigin::listen(const Options& options) {
  unix_path_ = options.unix_path;
  int bound = -1;
  if (!unix_path_.empty()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, unix_path_.c_str(), sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bound = ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bound = ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  if (bound != 0 || ::listen(listener_, 512) != 0)
    throw std::runtime_error("the scripted origin cannot listen");
}

void ScriptedOrigin::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    if (unix_path_.empty()) ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto script = next_script();
    const std::lock_guard lock(mutex_);
    auto& served = served_.emplace_back();
    served.peer = std::make_unique<OriginPeer>(socket, tls_.get(), ++accepted_, gates_);
    if (stopping_) served.peer->kill();
    ++open_;
    changed_.notify_all();
    served.thread = std::thread([this, &served, script = std::move(script)] {
      run(
          served, script ? *script : [this](OriginPeer& peer) { serve(peer); });
    });
  }
}

void ScriptedOrigin::run(Served& served, const Script& script) {
  if (served.peer->handshake()) script(*served.peer);
  served.peer->close();
  const std::lock_guard lock(mutex_);
  --open_;
  changed_.notify_all();
}

void ScriptedOrigin::drop_connections() {
  const std::lock_guard lock(mutex_);
  for (auto& served : served_) served.peer->kill();
}

void ScriptedOrigin::stop_listening() {
  ::shutdown(listener_, SHUT_RDWR);
  if (accepting_.joinable()) accepting_.join();
}

std::optional<ScriptedOrigin::Script> ScriptedOrigin::next_script() {
  const std::lock_guard lock(mutex_);
  if (scripts_.empty()) return std::nullopt;
  auto script = std::move(scripts_.front());
  scripts_.pop_front();
  return script;
}

// ---- Answers --------------------------------------------------------------------------------------------

void ScriptedOrigin::serve(OriginPeer& peer) {
  for (;;) {
    auto request = peer.read_head();
    if (!request || !answer(peer, *request)) return;
  }
}

/// False when the connection is at its end.
bool ScriptedOrigin::answer(OriginPeer& peer, OriginRequest& request) {
  const auto route = route_for(request.path());
  if (!route.at_head && !peer.read_body(request)) return false;
  record(request);
  const auto response = route.handler(request);
  const bool goes_on = send(peer, request, response);
  if (!route.at_head) return goes_on;
  if (!goes_on) peer.wait_for_close();  // closing with bytes unread would reset, and take the answer with it
  return goes_on && peer.read_body(request);
}

bool ScriptedOrigin::send(OriginPeer& peer, const OriginRequest& request, const OriginResponse& response) {
  std::this_thread::sleep_for(response.delay);
  if (!response.gate.empty() && !peer.wait(response.gate)) return false;
  if (response.raw) return peer.send(*response.raw) && !response.close;
  for (const auto& interim : response.interim) {
    if (!peer.send(interim)) return false;
  }
  if (!peer.send(head_of(response))) return false;
  if (may_have_body(request, response.status) && !send_body(peer, response)) return false;
  if (response.reset_after) {
    peer.reset();
  } else if (ends_connection(response)) {
    peer.end_sending();
  }
  return !ends_connection(response);
}

/// The body in pieces that end at gates, at the place where it is cut off and, when chunked, after
/// chunk_size.
bool ScriptedOrigin::send_body(OriginPeer& peer, const OriginResponse& response) {
  const auto cut = response.truncate_after ? response.truncate_after : response.reset_after;
  const auto end = std::min(response.body.size(), cut.value_or(response.body.size()));
  for (std::size_t at = 0; at < end || (at == end && response.gates.contains(at));) {
    if (const auto gate = response.gates.find(at); gate != response.gates.end() && !peer.wait(gate->second))
      return false;
    if (at == end) break;
    auto next = response.gates.upper_bound(at);
    auto stop = next == response.gates.end() ? end : std::min(end, next->first);
    if (is_chunked(response)) stop = std::min(stop, at + response.chunk_size);
    std::string piece = response.body.substr(at, stop - at);
    if (is_chunked(response)) {
      char size[20];
      std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
      piece = size + piece + "\r\n";
    }
    if (!peer.send(piece)) return false;
    at = stop;
  }
  if (!is_chunked(response) || cut) return true;
  return peer.send("0\r\n" + lines(response.trailers) + "\r\n");
}

// ---- What the test says and asks ------------------------------------------------------------------------

std::string ScriptedOrigin::url() const {
  if (!unix_path_.empty()) return "unix:" + unix_path_;
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

void ScriptedOrigin::answer_by(const std::string& path, Handler handler) {
  const std::lock_guard lock(mutex_);
  routes_[path] = {std::move(handler), false};
}

void ScriptedOrigin::on(const std::string& path, OriginResponse response) {
  on(path, [response = std::move(response)](const OriginRequest&) { return response; });
}

void ScriptedOrigin::on_head(const std::string& path, Handler handler) {
  const std::lock_guard lock(mutex_);
  routes_[path] = {std::move(handler), true};
}

void ScriptedOrigin::script(Script script) {
  const std::lock_guard lock(mutex_);
  scripts_.push_back(std::move(script));
}

ScriptedOrigin::Route ScriptedOrigin::route_for(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  auto route = routes_.find(path);
  if (route == routes_.end()) route = routes_.find("*");
  if (route != routes_.end()) return route->second;
  return {[](const OriginRequest&) { return OriginResponse{.status = 404, .body = "no handler"}; }, false};
}

void ScriptedOrigin::record(OriginRequest& request) {
  const std::lock_guard lock(mutex_);
  request.number = count(request.path()) + 1;
  received_.push_back(request);
  changed_.notify_all();
}

std::size_t ScriptedOrigin::count(const std::string& path) const {
  if (path.empty()) return received_.size();
  return static_cast<std::size_t>(std::count_if(received_.begin(), received_.end(),
                                                [&](const auto& request) { return request.path() == path; }));
}

std::size_t ScriptedOrigin::requests(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return count(path);
}

std::vector<OriginRequest> ScriptedOrigin::received(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  std::vector<OriginRequest> matching;
  for (const auto& request : received_) {
    if (path.empty() || request.path() == path) matching.push_back(request);
  }
  return matching;
}

OriginRequest ScriptedOrigin::last(const std::string& path) const {
  auto matching = received(path);
  return matching.empty() ? OriginRequest() : std::move(matching.back());
}

bool ScriptedOrigin::wait_for_requests(std::size_t wanted, const std::string& path) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, Gate::kPatience, [&] { return count(path) >= wanted; });
}

std::size_t ScriptedOrigin::connections() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

std::size_t ScriptedOrigin::open_connections() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

bool ScriptedOrigin::wait_for_open_connections(std::size_t wanted) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, Gate::kPatience, [&] { return open_ == wanted; });
}

}  // namespace forebay::test
