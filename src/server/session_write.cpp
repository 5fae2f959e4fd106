// The writing half of a session: whole answers, streamed responses, tunnels.
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <charconv>
#include <utility>

#include "forebay/http/status.hpp"
#include "session.hpp"

namespace forebay::server {

namespace asio = io::asio;
using observe::AbortReason;

std::string_view Session::connection_lines() const noexcept {
  const bool old = arena_->head.minor_version == 0;
  if (!keep_) return "Connection: close\r\n\r\n";
  return old ? "Connection: keep-alive\r\n\r\n" : "\r\n";
}

void Session::compose(const proxy::Answer& answer, Gather& out) {
  auto& x = *exchange_;
  x.status = answer.status;
  x.body_bytes = answer.body_size();
  started_ = true;
  out = {};
  out.add(queued_);
  out.add(answer.head);
  out.add(answer.extra);
  out.add(connection_lines());
  out.add(answer.text);
  if (answer.body) out.add(answer.body->slices());
}

Session::Written Session::write_now(Gather& out) {
  while (!out.empty()) {
    boost::system::error_code ec;
    const auto n = socket_.write_some(out.parts(), ec);
    if (ec == asio::error::would_block) return Written::blocked;
    if (ec) return Written::failed;
    host_->worker.metrics.sent_bytes.add(n);
    out.consume(n);
  }
  if (!queued_.empty()) queued_.clear();
  return Written::all;
}

io::Awaitable<Result<void>> Session::write_all(Gather& out) {
  for (;;) {
    const auto written = closed_ ? Written::failed : write_now(out);
    if (written == Written::all) co_return Result<void>();
    if (written == Written::failed) co_return fail(ErrorKind::client_gone);
    arm(Waiting::write, settings_->timeouts.write);
    co_await socket_.async_wait(io::Socket::wait_write, io::kUse);
    if (deadline_.has_fired()) {
      host_->worker.metrics.connections_aborted[static_cast<std::size_t>(AbortReason::write_timeout)].add();
      co_return fail(ErrorKind::client_stalled);
    }
    deadline_.disarm();
  }
}

io::Awaitable<Result<void>> Session::send(const proxy::Answer& answer) {
  if (answer.close) keep_ = false;
  compose(answer, out_);
  co_return co_await write_all(out_);
}

void Session::interim(std::string_view head) {
  if (arena_->head.minor_version == 0 || started_ || closed_) return;  // RFC 9110 §15.2
  queued_.append(head).append("\r\n");
  boost::system::error_code ec;
  const auto n = socket_.write_some(asio::buffer(queued_), ec);
  if (!ec) queued_.erase(0, n);  // the rest goes with the next write
}

io::Awaitable<Result<void>> Session::start(int status, std::string_view head, std::string_view extra, proxy::BodyPlan plan) {
  auto& x = *exchange_;
  x.status = status;
  started_ = true;
  chunked_ = false;
  frame_.clear();
  if (!plan.none) {
    if (plan.length) {
      frame_.append("Content-Length: ").append(std::to_string(*plan.length)).append("\r\n");
    } else if (arena_->head.minor_version > 0) {
      chunked_ = true;
      frame_.append("Transfer-Encoding: chunked\r\n");
    } else {
      keep_ = false;  // HTTP/1.0: the end of the connection is the end of the body
    }
  }
  frame_.append(connection_lines());
  out_ = {};
  out_.add(queued_);
  out_.add(head);
  out_.add(extra);
  out_.add(frame_);
  co_return co_await write_all(out_);
}

io::Awaitable<Result<void>> Session::write(std::span<const cache::Slice> slices) {
  std::uint64_t size = 0;
  for (const auto& slice : slices) size += slice.size;
  if (size == 0) co_return Result<void>();
  exchange_->body_bytes += size;
  out_ = {};
  if (chunked_) {
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
    frame_.assign(digits.data(), end).append("\r\n");
    out_.add(frame_);
  }
  out_.add(slices);
  auto written = co_await write_all(out_);
  if (!written || !chunked_) co_return written;
  out_ = {};
  out_.add("\r\n");
  co_return co_await write_all(out_);
}

io::Awaitable<Result<void>> Session::write(std::string_view bytes) {
  if (bytes.empty()) co_return Result<void>();
  exchange_->body_bytes += bytes.size();
  out_ = {};
  if (chunked_) {
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
    frame_.assign(digits.data(), end).append("\r\n");
    out_.add(frame_);
  }
  out_.add(bytes);
  if (chunked_) out_.add("\r\n");
  co_return co_await write_all(out_);
}

io::Awaitable<Result<void>> Session::finish(std::string_view trailers) {
  if (!chunked_) co_return Result<void>();
  frame_.assign("0\r\n").append(trailers).append("\r\n");
  out_ = {};
  out_.add(frame_);
  co_return co_await write_all(out_);
}

namespace {

/// Carries bytes one way until the source ends or the other way has ended.
struct Tunnel {
  std::unique_ptr<io::Stream> upstream;
  std::shared_ptr<io::Signal> ended;
  bool over = false;
};

io::Awaitable<void> carry_to_upstream(std::shared_ptr<Session> /*keeps `client`*/, io::Socket& client, std::shared_ptr<Tunnel> tunnel,
                                      std::string first) {
  if (!first.empty()) {
    const std::array<asio::const_buffer, 1> buffers{asio::buffer(first)};
    if (co_await tunnel->upstream->write(buffers)) tunnel->over = true;
  }
  const auto buffer = std::make_unique<std::array<char, 16 * 1024>>();
  while (!tunnel->over) {
    const auto [ec, n] = co_await client.async_read_some(asio::buffer(*buffer), io::kUse);
    if (ec) break;
    const std::array<asio::const_buffer, 1> buffers{asio::buffer(buffer->data(), n)};
    const auto failed = co_await tunnel->upstream->write(buffers);
    if (failed) break;
  }
  tunnel->over = true;
  tunnel->upstream->close();
  tunnel->ended->notify();
}

}  // namespace

io::Awaitable<void> Session::tunnel(std::string_view head, std::unique_ptr<io::Stream> upstream, std::string leftover) {
  keep_ = false;
  started_ = true;
  frame_.assign(head).append("\r\n").append(leftover);
  out_ = {};
  out_.add(frame_);
  const auto begun = co_await write_all(out_);
  if (!begun) co_return;

  const auto idle = settings_->timeouts.tunnel;
  auto tunnel = std::make_shared<Tunnel>();
  tunnel->upstream = std::move(upstream);
  tunnel->ended = io::Signal::make(host_->worker.executor);
  std::string first(input_.unread());
  input_.consume(first.size());
  asio::co_spawn(host_->worker.executor, carry_to_upstream(shared_from_this(), socket_, tunnel, std::move(first)), asio::detached);

  const auto buffer = std::make_unique<std::array<char, 16 * 1024>>();
  while (!tunnel->over) {
    tunnel->upstream->deadline().arm(idle);
    const auto [ec, n] = co_await tunnel->upstream->read_some(asio::buffer(*buffer));
    if (ec) break;
    out_ = {};
    out_.add(std::string_view(buffer->data(), n));
    const auto written = co_await write_all(out_);
    if (!written) break;
  }
  tunnel->over = true;
  tunnel->upstream->close();
  close();  // ends the other direction's read as well
  co_await tunnel->ended->wait(std::chrono::seconds(10));
}

}  // namespace forebay::server
