#include "request_body.hpp"

#include "forebay/observe/metric_list.hpp"
#include "session.hpp"

namespace forebay::server {

RequestBody::RequestBody(Session& session, std::uint64_t limit, bool expects_continue)
    : session_(session), limit_(limit), expects_continue_(expects_continue) {}

std::optional<std::uint64_t> RequestBody::length() const noexcept {
  return session_.arena_->parser->content_length();
}

const std::string& RequestBody::trailers() const noexcept { return session_.arena_->parser->trailers(); }

io::Awaitable<Result<std::size_t>> RequestBody::read_some(io::asio::mutable_buffer out) {
  auto& input = session_.input_;
  auto& parser = *session_.arena_->parser;
  for (;;) {
    if (complete_) co_return std::size_t{0};
    const auto decoded = parser.decode(input.unread(), {static_cast<char*>(out.data()), out.size()});
    input.consume(decoded.consumed);
    received_ += decoded.produced;
    if (limit_ > 0 && received_ > limit_) co_return fail(ErrorKind::request_too_large);
    if (decoded.state == io::ParseState::complete) complete_ = true;
    if (decoded.state == io::ParseState::malformed)
      co_return fail(ErrorKind::request_malformed, parser.what());
    if (decoded.produced > 0) co_return decoded.produced;
    if (complete_) continue;
    auto more = co_await receive();
    if (!more) co_return more.error();
  }
}

io::Awaitable<Result<void>> RequestBody::receive() {
  if (expects_continue_) {
    expects_continue_ = false;
    if (session_.input_.empty()) session_.interim("HTTP/1.1 100 Continue\r\n");
  }
  if (session_.input_.room().size() == 0)  // a chunk header or trailer section larger than the buffer
    co_return fail(ErrorKind::request_malformed, "a chunk's framing is too large");
  for (;;) {
    switch (session_.read_now()) {
      case Session::Read::data: co_return Result<void>();
      case Session::Read::closed: co_return fail(ErrorKind::client_gone);
      case Session::Read::blocked: break;
    }
    const bool readable = co_await session_.until_readable(session_.settings_->timeouts.body);
    if (session_.closed_) co_return fail(ErrorKind::client_gone);
    if (!readable) {
      session_.host_->worker.metrics
          .connections_aborted[static_cast<std::size_t>(observe::AbortReason::body_timeout)]
          .add();
      co_return fail(ErrorKind::client_stalled);
    }
  }
}

}  // namespace forebay::server
