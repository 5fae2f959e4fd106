#include "upstream/http_client.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

#include "forebay/base/strings.hpp"

namespace forebay::upstream {

namespace asio = boost::asio;
using http::Method;
using io::ParseState;

namespace {

constexpr std::size_t kFirstRead = 8 * 1024;  // room for most heads, with the body's beginning behind
constexpr std::size_t kPiece = 16 * 1024;     // room for a piece of a chunked body
constexpr int kMaxInterim = 16;               // interim responses before the final one

asio::const_buffer buffer_of(std::string_view text) noexcept { return {text.data(), text.size()}; }

bool has_body(const UpstreamRequest& request) noexcept {
  return request.body && request.body->length() != 0U;
}

/// The field lines that belong to this connection, and the end of the head.
std::string framing_of(const UpstreamRequest& request) {
  std::string lines;
  if (!request.upgrade.empty()) {
    lines.append("Connection: Upgrade\r\nUpgrade: ").append(request.upgrade).append("\r\n");
  }
  if (has_body(request)) {
    const auto length = request.body->length();
    lines.append(length ? "Content-Length: " + std::to_string(*length) : "Transfer-Encoding: chunked")
        .append("\r\n");
  } else if (request.body || request.method == Method::post || request.method == Method::put ||
             request.method == Method::patch) {
    lines.append("Content-Length: 0\r\n");  // RFC 9110 §8.6: a body would have been expected
  }
  return lines.append("\r\n");
}

}  // namespace

HttpClient::HttpClient(Setup setup) : setup_(std::move(setup)), buffer_(kFirstRead) {
  wake_.emplace(setup_.request.cancel,
                [connection = setup_.connection.get()] { connection->stream().close(); });
}

HttpClient::~HttpClient() {
  wake_.reset();
  if (sender_) sender_->abandon();
  if (setup_.connection && phase_ != Phase::ended) stream().close();
}

// ---- Heads ----------------------------------------------------------------------------------------------

io::Awaitable<std::optional<Error>> HttpClient::exchange_heads() {
  co_await send_head();
  start_body();
  auto error = co_await receive_final_head();
  if (error) {
    co_await break_off(*error);
    co_return error;
  }
  const auto& now = setup_.dependencies;
  response_time_ = now.clock.now();
  now.metrics.upstream_latency.record(
      std::chrono::duration_cast<std::chrono::milliseconds>(now.clock.steady_now() - sent_at_));
  stream().deadline().disarm();
  buffer_.pin(parser_->head_size());
  phase_ = Phase::body;
  if (sender_) sender_->tolerate_stall();
  if (head_.status != 101 && !parser_->has_body()) co_await finish();
  co_return std::nullopt;
}

/// A failure is not the end: a server may refuse a request by its head, answer and close.
io::Awaitable<void> HttpClient::send_head() {
  const auto tail = framing_of(setup_.request);
  const std::array buffers{buffer_of(setup_.request.head), buffer_of(tail)};
  request_time_ = setup_.dependencies.clock.now();
  sent_at_ = setup_.dependencies.clock.steady_now();
  stream().deadline().arm(setup_.settings.first_byte_timeout);
  const auto ec = co_await stream().write(buffers);
  head_sent_ = !ec;
  if (head_sent_) setup_.dependencies.metrics.upstream_sent_bytes.add(asio::buffer_size(buffers));
}

void HttpClient::start_body() {
  if (!head_sent_ || !has_body(setup_.request)) return;
  const auto& worker = setup_.dependencies;
  sender_ = std::make_shared<BodySender>(BodySender::Setup{worker.executor, worker.sweep, worker.metrics,
                                                           *setup_.request.body, setup_.connection,
                                                           setup_.settings.between_bytes_timeout});
  // The server's time to answer starts when it has got everything.
  stream().deadline().disarm();
  sender_->start([this] {
    if (phase_ == Phase::head) stream().deadline().arm(setup_.settings.first_byte_timeout);
  });
}

io::Awaitable<std::optional<Error>> HttpClient::receive_final_head() {
  for (int interim = 0; interim <= kMaxInterim; ++interim) {
    auto error = co_await receive_head();
    if (error) co_return error;
    if (head_.status == 101) {
      // RFC 9110 §7.8: a server must not switch to a protocol that was not asked for, nor before the request
      // is complete.
      if (setup_.request.upgrade.empty())
        co_return failure(ErrorKind::response_malformed, "101 without being asked");
      if (!request_sent())
        co_return failure(ErrorKind::response_malformed, "101 before the end of the request");
    }
    if (head_.status >= 200 || head_.status == 101) co_return std::nullopt;
    if (head_.status != 100 && setup_.request.on_interim) setup_.request.on_interim(head_);
    buffer_.consume(parser_->head_size());
  }
  co_return failure(ErrorKind::response_malformed, "too many interim responses");
}

io::Awaitable<std::optional<Error>> HttpClient::receive_head() {
  expect_head();
  for (;;) {
    if (!buffer_.empty()) {
      const auto state = parser_->parse_head(buffer_.data());
      if (state == ParseState::complete) co_return std::nullopt;
      if (state != ParseState::need_more) co_return bad_answer(state);
    }
    const auto* const before = buffer_.data().data();
    if (!buffer_.grow(max_head())) co_return bad_answer(ParseState::too_large);
    if (buffer_.data().data() != before) expect_head();  // the parser's views are gone
    auto received = co_await receive(buffer_.room());
    if (received.has_error()) co_return received.error();
    if (*received == 0) co_return read_failure("");
    buffer_.commit(*received);
  }
}

void HttpClient::expect_head() {
  io::ParseLimits limits;
  limits.head_bytes = static_cast<std::uint32_t>(max_head());
  parser_.emplace(head_, limits);
  if (setup_.request.method == Method::head) parser_->expect_no_body();
}

// ---- Body -----------------------------------------------------------------------------------------------

io::Awaitable<Result<std::size_t>> HttpClient::read_some(asio::mutable_buffer out) {
  if (failure_) co_return *failure_;
  if (phase_ == Phase::ended || head_.status == 101) co_return 0U;
  auto received = co_await receive_body(out);
  if (received.has_error()) {
    co_await break_off(received.error());
  } else if (phase_ == Phase::ended) {
    co_await finish();
  }
  co_return received;
}

/// Completes like read_some; at the end of the body the phase is `ended`.
io::Awaitable<Result<std::size_t>> HttpClient::receive_body(asio::mutable_buffer out) {
  const std::span<char> target(static_cast<char*>(out.data()), out.size());
  for (;;) {
    if (!buffer_.empty()) {
      const auto decoded = parser_->decode(buffer_.data(), target);
      buffer_.consume(decoded.consumed);
      if (decoded.state == ParseState::complete) phase_ = Phase::ended;
      if (decoded.state != ParseState::complete && decoded.state != ParseState::need_more)
        co_return bad_answer(decoded.state);
      if (phase_ == Phase::ended || decoded.produced > 0) co_return decoded.produced;
    }
    auto direct = co_await receive_body_bytes(out);
    if (direct.has_error() || *direct > 0 || phase_ == Phase::ended) co_return direct;
  }
}

/// Receives straight into `out` where no framing is in the way; else into the buffer, and completes with 0.
io::Awaitable<Result<std::size_t>> HttpClient::receive_body_bytes(asio::mutable_buffer out) {
  const auto direct = parser_->direct_bytes();
  if (direct == 0 && !buffer_.make_room(kPiece))
    co_return failure(ErrorKind::response_malformed, "a chunk's framing is too long");
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(direct, out.size()));
  const auto target = direct > 0 ? asio::buffer(out, most) : buffer_.room();
  auto& deadline = stream().deadline();
  deadline.arm(setup_.settings.between_bytes_timeout);
  auto received = co_await receive(target);
  deadline.disarm();
  if (received.has_error()) co_return received;
  if (*received == 0) {
    if (parser_->end_of_stream() != ParseState::complete) co_return read_failure("");
    phase_ = Phase::ended;
    co_return 0U;
  }
  if (direct == 0) {
    buffer_.commit(*received);
    co_return 0U;
  }
  if (parser_->direct(*received) == ParseState::complete) phase_ = Phase::ended;
  co_return received;
}

/// Completes with the bytes received, 0 when the server has closed.
io::Awaitable<Result<std::size_t>> HttpClient::receive(asio::mutable_buffer out) {
  const auto [ec, size] = co_await stream().read_some(out);
  if (size > 0) {
    received_ = true;
    setup_.dependencies.metrics.upstream_received_bytes.add(size);
    co_return size;
  }
  if (ec == asio::error::eof && !is_cancelled()) co_return 0U;
  co_return read_failure(ec.message());
}

std::optional<std::uint64_t> HttpClient::length() const noexcept {
  return parser_->has_body() ? parser_->content_length() : 0;
}

// ---- Ends -----------------------------------------------------------------------------------------------

io::Awaitable<void> HttpClient::finish() {
  phase_ = Phase::ended;
  stream().deadline().disarm();
  if (sender_ && !sender_->has_ended()) co_await sender_->stop();
  const bool reusable = can_be_reused();
  wake_.reset();
  if (!reusable) stream().close();
  if (setup_.on_end) setup_.on_end(reusable ? std::move(setup_.connection) : nullptr);
}

io::Awaitable<void> HttpClient::break_off(Error error) {
  const bool had_head = phase_ != Phase::head;
  failure_ = std::move(error);
  phase_ = Phase::ended;
  wake_.reset();
  stream().close();
  if (sender_ && !sender_->has_ended()) co_await sender_->stop();
  if (!had_head) co_return;
  if (side_at_fault(failure_->kind) == Side::upstream) setup_.dependencies.metrics.upstream_errors.add();
  if (setup_.on_end) setup_.on_end(nullptr);
}

io::Awaitable<void> HttpClient::stop_sending() {
  if (!sender_ || sender_->has_ended()) co_return;
  co_await sender_->stop();
  // A request that ends in the middle leaves a connection nobody can use.
  if (!sender_->is_sent() && phase_ != Phase::ended) stream().close();
}

std::shared_ptr<Connection> HttpClient::take_connection(std::string& leftover) {
  if (head_.status != 101 || phase_ == Phase::ended) return nullptr;
  phase_ = Phase::ended;
  wake_.reset();
  leftover.assign(buffer_.data());
  return std::move(setup_.connection);
}

// ---- Facts ----------------------------------------------------------------------------------------------

std::size_t HttpClient::max_head() const noexcept {
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(setup_.settings.max_head, std::numeric_limits<std::uint32_t>::max()));
}

bool HttpClient::is_cancelled() const noexcept {
  return setup_.request.cancel && setup_.request.cancel->requested();
}

bool HttpClient::can_be_reused() const noexcept {
  return request_sent() && parser_->keep_alive() && buffer_.empty() && !is_cancelled();
}

Error HttpClient::bad_answer(ParseState state) const {
  switch (state) {
    case ParseState::too_large: return failure(ErrorKind::response_too_large, "");
    case ParseState::too_many_fields: return failure(ErrorKind::response_too_large, "too many fields");
    case ParseState::bad_version:
      return failure(ErrorKind::response_malformed, "neither HTTP/1.0 nor HTTP/1.1");
    default: return failure(ErrorKind::response_malformed, parser_->what());
  }
}

/// Why nothing more can be read. The cause that closed the stream comes before what the closed stream
/// reports.
Error HttpClient::read_failure(const std::string& why) const {
  if (is_cancelled()) return fail(ErrorKind::cancelled);
  if (sender_ && sender_->source_failure()) return *sender_->source_failure();
  if (sender_ && sender_->has_stalled())
    return failure(ErrorKind::between_bytes_timeout, "it does not take the request body");
  const bool timed_out = setup_.connection->stream().deadline().has_fired();
  if (phase_ == Phase::head) {
    if (timed_out) return failure(ErrorKind::first_byte_timeout, "");
    return failure(received_ ? ErrorKind::response_incomplete : ErrorKind::connection_lost, why);
  }
  return failure(timed_out ? ErrorKind::between_bytes_timeout : ErrorKind::response_incomplete, why);
}

Error HttpClient::failure(ErrorKind kind, std::string_view why) const {
  std::string detail(setup_.server);
  if (!why.empty()) detail.append(": ").append(why);
  return fail(kind, std::move(detail));
}

}  // namespace forebay::upstream
