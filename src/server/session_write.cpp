// The writing half of a session: whole answers, streamed responses, tunnels.
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cerrno>
#include <charconv>
#include <utility>

#include "session.hpp"

namespace forebay::server {

namespace asio = io::asio;
using observe::AbortReason;

namespace {
constexpr std::chrono::hours kNoLimit{24 * 365};
}

std::string_view Session::connection_lines() const noexcept {
  if (!keep_) return "Connection: close\r\n\r\n";
  return arena_->head.minor_version == 0 ? "Connection: keep-alive\r\n\r\n" : "\r\n";
}

void Session::compose(const proxy::Answer& answer, Gather& out) {
  auto& x = *exchange_;
  if (host_->draining) keep_ = false;
  x.status = answer.status;
  x.body_bytes = answer.body_size();
  started_ = true;
  out.clear();
  out.add(queued_);
  out.add(answer.head);
  out.add(answer.extra);
  out.add(connection_lines());
  out.add(answer.text);
  if (answer.body && answer.part)
    out.add(answer.body->slices(), answer.part->first, answer.part->size());
  else if (answer.body)
    out.add(answer.body->slices());
}

Session::Written Session::write_now(Gather& out) {
  while (!out.empty()) {
    msghdr message{};
    const auto parts = out.parts();
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    const auto n = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return Written::failed;
      writable_ = false;
      return Written::blocked;
    }
    host_->worker.metrics.sent_bytes.add(static_cast<std::uint64_t>(n));
    out.consume(static_cast<std::size_t>(n));
  }
  queued_.clear();
  return Written::all;
}

io::Awaitable<Result<void>> Session::write_all(Gather& out) {
  for (;;) {
    const auto written = closed_ ? Written::failed : write_now(out);
    if (written == Written::all) co_return Result<void>();
    if (written == Written::failed) co_return fail(ErrorKind::client_gone);
    const bool writable = co_await until_writable(settings_->timeouts.write);
    if (closed_) co_return fail(ErrorKind::client_gone);
    if (!writable) {
      host_->worker.metrics.connections_aborted[static_cast<std::size_t>(AbortReason::write_timeout)].add();
      co_return fail(ErrorKind::client_stalled);
    }
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
  const auto n = ::send(fd_, queued_.data(), queued_.size(), MSG_NOSIGNAL);
  if (n > 0) queued_.erase(0, static_cast<std::size_t>(n));  // the rest goes with the next write
}

io::Awaitable<Result<void>> Session::start(int status, std::string_view head, std::string_view extra,
                                           proxy::BodyPlan plan) {
  auto& x = *exchange_;
  if (host_->draining) keep_ = false;
  x.status = status;
  started_ = true;
  chunked_ = until_close_ = false;
  frame_.clear();
  if (!plan.none) {
    if (plan.length) {
      frame_.append("Content-Length: ").append(std::to_string(*plan.length)).append("\r\n");
    } else if (arena_->head.minor_version > 0) {
      chunked_ = true;
      frame_.append("Transfer-Encoding: chunked\r\n");
    } else {
      until_close_ = true;  // HTTP/1.0: the end of the connection is the end of the body
      keep_ = false;
    }
  }
  frame_.append(connection_lines());
  out_.clear();
  out_.add(queued_);
  out_.add(head);
  out_.add(extra);
  out_.add(frame_);
  co_return co_await write_all(out_);
}

/// Adds the framing in front of a part of `size` bytes to out_, which is empty.
void Session::frame_part(std::uint64_t size) {
  exchange_->body_bytes += size;
  out_.clear();
  if (!chunked_) return;
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  frame_.assign(digits.data(), end).append("\r\n");
  out_.add(frame_);
}

io::Awaitable<Result<void>> Session::write(std::span<const cache::Slice> slices) {
  std::uint64_t size = 0;
  for (const auto& slice : slices) size += slice.size;
  if (size == 0) co_return Result<void>();
  frame_part(size);
  out_.add(slices);
  auto written = co_await write_all(out_);
  if (!written || !chunked_) co_return written;
  out_.add("\r\n");
  co_return co_await write_all(out_);
}

io::Awaitable<Result<void>> Session::write(std::string_view bytes) {
  if (bytes.empty()) co_return Result<void>();
  frame_part(bytes.size());
  out_.add(bytes);
  if (chunked_) out_.add("\r\n");
  co_return co_await write_all(out_);
}

io::Awaitable<Result<void>> Session::finish(std::string_view trailers) {
  if (!chunked_) co_return Result<void>();
  frame_.assign("0\r\n").append(trailers).append("\r\n");
  out_.clear();
  out_.add(frame_);
  co_return co_await write_all(out_);
}

// ---- tunnels --------------------------------------------------------------------------------------------

/// The client's direction of a tunnel; ends when the client does, the upstream fails or the session is
/// closed.
io::Awaitable<void> Session::carry_to_upstream(std::shared_ptr<Session> self,
                                               std::shared_ptr<io::Stream> upstream) {
  auto& input = self->input_;
  for (;;) {
    if (!input.empty()) {
      const auto bytes = input.unread();
      const std::array<asio::const_buffer, 1> buffers{asio::const_buffer(bytes.data(), bytes.size())};
      const auto failed = co_await upstream->write(buffers);
      if (failed) break;
      input.consume(bytes.size());
      upstream->deadline().arm(self->settings_->timeouts.tunnel);
    }
    const auto read = self->closed_ ? Read::closed : self->read_now();
    if (read == Read::closed) break;
    if (read == Read::data) continue;
    co_await self->until_readable(kNoLimit);  // the tunnel's idle time is counted at the upstream's side
  }
  upstream->close();
  self->carried_ = true;
  self->wake();
}

io::Awaitable<void> Session::tunnel(std::string_view head, std::unique_ptr<io::Stream> stream,
                                    std::string leftover) {
  keep_ = false;
  started_ = true;
  frame_.assign(head).append("\r\n").append(leftover);
  out_.clear();
  out_.add(queued_);
  out_.add(frame_);
  const auto begun = co_await write_all(out_);
  if (!begun) co_return;

  const std::shared_ptr<io::Stream> upstream = std::move(stream);
  carried_ = false;
  asio::co_spawn(host_->worker.executor, carry_to_upstream(shared_from_this(), upstream), asio::detached);
  const auto buffer = std::make_unique<std::array<char, 16 * 1024>>();
  for (;;) {
    upstream->deadline().arm(settings_->timeouts.tunnel);
    const auto [ec, n] = co_await upstream->read_some(asio::buffer(*buffer));
    if (ec) break;
    out_.clear();
    out_.add(std::string_view(buffer->data(), n));
    const auto written = co_await write_all(out_);
    if (!written) break;
  }
  upstream->close();
  close();  // ends the other direction as well
  while (!carried_) co_await writing_->until(carried_, carried_, kNoLimit);
}

}  // namespace forebay::server
