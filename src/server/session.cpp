#include "session.hpp"

#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "forebay/base/strings.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/status.hpp"

namespace forebay::server {

namespace asio = io::asio;
using observe::AbortReason;

namespace {

/// Room for body bytes behind the largest head.
constexpr std::size_t kBodyRoom = 16 * 1024;
/// Requests answered in one go before other connections get their turn.
constexpr int kTurn = 32;
/// How much of an unwanted request body is read away to keep a connection.
constexpr std::uint64_t kDiscardLimit = 64 * 1024;
constexpr std::chrono::milliseconds kLinger{2000};

void count_abort(proxy::Worker& worker, AbortReason reason) {
  worker.metrics.connections_aborted[static_cast<std::size_t>(reason)].add();
}

}  // namespace

Session::Session(std::shared_ptr<SessionHost> host, std::shared_ptr<ListenPoint> point, io::Socket socket)
    : host_(std::move(host)),
      point_(std::move(point)),
      socket_(std::move(socket)),
      deadline_(host_->worker.sweep, [this] { expired(); }),
      settings_(host_->settings) {
  host_->worker.metrics.connections.add(1);
  host_->worker.metrics.connections_accepted.add();
}

Session::~Session() {
  if (arena_) host_->arenas.give_back(std::move(arena_));
  host_->worker.metrics.connections.add(-1);
  point_->connections.fetch_sub(1, std::memory_order_relaxed);
}

// ---- the connection's life -----------------------------------------------------------------------------------------

io::Awaitable<void> Session::run() {
  const auto self = shared_from_this();
  identify_client();
  int turn = 0;
  while (!closed_) {
    const auto state = arena_ && !input_.empty() ? parse() : io::ParseState::need_more;
    if (state == io::ParseState::complete) {
      if (!begin_exchange() || !answer_now()) co_await answer_later();
      end_exchange();
      if (!keep_ || closed_) break;
      if (++turn % kTurn == 0 && !input_.empty()) co_await asio::post(socket_.get_executor(), io::kUse);
      continue;
    }
    if (state != io::ParseState::need_more) {
      co_await refuse_head(state);
      break;
    }
    take_arena();
    const auto read = read_now();
    if (read == Read::data) continue;
    if (read == Read::closed) break;
    if (input_.empty()) {
      release_arena();
      if (host_->draining) break;
      if (waiting_ != Waiting::idle) arm(Waiting::idle, host_->settings->timeouts.idle);
    } else if (waiting_ != Waiting::head) {
      arm(Waiting::head, host_->settings->timeouts.header);
    }
    co_await socket_.async_wait(io::Socket::wait_read, io::kUse);
    if (deadline_.has_fired()) {
      if (waiting_ == Waiting::head) {
        count_abort(host_->worker, AbortReason::header_timeout);
        co_await refuse(408, "the request head did not arrive in time");
      }
      break;
    }
  }
  deadline_.disarm();
  if (!closed_) co_await linger();
  close();
}

void Session::drain() {
  if (!exchange_ && (!arena_ || input_.empty())) close();
}

void Session::close() noexcept {
  if (std::exchange(closed_, true)) return;
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (exchange_) exchange_->gone.request();
}

void Session::identify_client() {
  boost::system::error_code ec;
  const auto peer = socket_.remote_endpoint(ec);
  if (ec || (peer.protocol().family() != AF_INET && peer.protocol().family() != AF_INET6)) return;
  asio::ip::tcp::endpoint endpoint;
  if (peer.size() > endpoint.capacity()) return;
  std::memcpy(endpoint.data(), peer.data(), peer.size());
  client_address_ = endpoint.address().to_string();
  client_.address = client_address_;
}

// ---- reading heads -------------------------------------------------------------------------------------------------

Session::Read Session::read_now() {
  boost::system::error_code ec;
  const auto n = socket_.read_some(input_.room(), ec);
  if (ec == asio::error::would_block) return Read::blocked;
  if (ec || n == 0) return Read::closed;
  input_.commit(n);
  host_->worker.metrics.received_bytes.add(n);
  return Read::data;
}

io::ParseState Session::parse() {
  if (!arena_->parser) {
    // RFC 9112 §2.2: an empty line before the request line is ignored.
    while (input_.unread().starts_with("\r\n")) input_.consume(2);
    if (input_.empty()) return io::ParseState::need_more;
    input_.restart();
    settings_ = host_->settings;
    const io::ParseLimits limits{static_cast<std::uint32_t>(settings_->limits.request_head), settings_->limits.request_fields};
    arena_->head.method_text = {};
    arena_->parser.emplace(arena_->head, limits);
  }
  const auto state = arena_->parser->parse_head(input_.unread());
  if (state == io::ParseState::need_more && !arena_->parser->has_start_line() &&
      input_.unread().size() > settings_->limits.request_line)
    return io::ParseState::too_large;
  return state;
}

void Session::take_arena() {
  if (arena_) return;
  const auto& limits = host_->settings->limits;
  arena_ = host_->arenas.take(limits.request_head + kBodyRoom, limits.request_fields);
  input_.attach(arena_->input.get(), arena_->capacity);
}

void Session::release_arena() {
  if (!arena_) return;
  arena_->parser.reset();
  input_.detach();
  host_->arenas.give_back(std::move(arena_));
}

void Session::arm(Waiting what, std::chrono::milliseconds limit) noexcept {
  waiting_ = what;
  deadline_.arm(limit);
}

void Session::expired() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

/// The head is complete: everything about the request that framing decides. False when it has to be refused.
bool Session::begin_exchange() {
  auto& worker = host_->worker;
  auto& parser = *arena_->parser;
  input_.consume(parser.head_size());
  input_.pin();
  waiting_ = Waiting::nothing;
  deadline_.disarm();
  keep_ = parser.keep_alive() && !host_->draining;
  started_ = chunked_ = false;
  if (client_judged_by_ != worker.snapshot().get()) {
    client_judged_by_ = worker.snapshot().get();
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(client_address_, ec);
    client_.trusted = !ec && worker.snapshot()->trusted_proxies.contains(address);
  }
  auto& x = exchange_.emplace(arena_->head, client_, arena_->scratch, *this);
  x.began = worker.shared.clock.now();
  x.began_steady = worker.shared.clock.steady_now();
  if (parser.has_body()) {
    const bool expects = arena_->head.minor_version > 0 && http::has_element(arena_->head.fields, http::FieldId::expect, "100-continue");
    body_.emplace(*this, settings_->limits.request_body, expects);
    x.request_body = &*body_;
  }
  return !refusal_by_limits();
}

std::optional<int> Session::refusal_by_limits() const {
  const auto& limits = settings_->limits;
  const auto& head = arena_->head;
  // Method, two spaces and the version stand on the line beside the target.
  if (head.method_text.size() + head.target.size() + 10 > limits.request_line) return 414;
  if (limits.request_body > 0 && arena_->parser->content_length().value_or(0) > limits.request_body) return 413;
  return std::nullopt;
}

io::Awaitable<void> Session::refuse_head(io::ParseState state) {
  count_abort(host_->worker, AbortReason::bad_request);
  const auto& parser = *arena_->parser;
  switch (state) {
    case io::ParseState::too_large:
      return parser.has_start_line() ? refuse(431, "the request head is too large") : refuse(414, "the request line is too long");
    case io::ParseState::too_many_fields: return refuse(431, "the request has too many fields");
    case io::ParseState::bad_version: return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    case io::ParseState::need_more:
    case io::ParseState::complete:
    case io::ParseState::malformed: break;
  }
  return refuse(400, parser.what());
}

io::Awaitable<void> Session::refuse(int status, std::string_view sentence) {
  auto& worker = host_->worker;
  keep_ = false;
  if (!exchange_) {
    exchange_.emplace(arena_->head, client_, arena_->scratch, *this);
    exchange_->began = worker.shared.clock.now();
    exchange_->began_steady = worker.shared.clock.steady_now();
  }
  const auto answer = host_->lifecycle.refuse(*exchange_, status, sentence);
  co_await send(answer);
  end_exchange();
}

// ---- answering -----------------------------------------------------------------------------------------------------

/// The way of a memory hit: true when the whole answer has been written without waiting.
bool Session::answer_now() {
  auto& x = *exchange_;
  answer_ = host_->lifecycle.begin(x);
  if (!answer_) return false;
  if (answer_->close || body_) keep_ = keep_ && !answer_->close;
  compose(*answer_, out_);
  if (body_) return false;  // what the client is sending has to be dealt with as well
  const auto written = write_now(out_);
  if (written == Written::failed) {
    x.client_failed = true;
    keep_ = false;
    out_ = {};
    return true;
  }
  return written == Written::all;
}

io::Awaitable<void> Session::answer_later() {
  auto& x = *exchange_;
  if (const auto status = refusal_by_limits()) {
    keep_ = false;
    const auto answer = host_->lifecycle.refuse(
        x, *status, *status == 413 ? "the request body is larger than the limit" : "the request line is too long");
    co_await send(answer);
    co_return;
  }
  host_->worker.metrics.exchanges.add(1);
  if (answer_) {
    const auto written = co_await write_all(out_);
    x.client_failed = !written;
  } else {
    if (!body_) watch_client();
    co_await host_->lifecycle.run(x);
  }
  host_->worker.metrics.exchanges.add(-1);
  if (x.client_failed || x.gone.requested()) {
    keep_ = false;
    if (started_) close();  // the client must see that the response is incomplete
  } else if (body_ && !body_->is_complete() && keep_) {
    keep_ = co_await discard_body();
  }
}

void Session::end_exchange() {
  auto& x = *exchange_;
  if (x.status == 0) x.status = 499;  // nobody was left to answer
  host_->lifecycle.finish(x);
  exchange_.reset();
  answer_.reset();
  body_.reset();
  arena_->parser.reset();
  input_.restart();
}

/// Notices that the client leaves while its answer is being fetched.
void Session::watch_client() {
  if (std::exchange(watching_, true)) return;
  socket_.async_wait(io::Socket::wait_read, [self = shared_from_this()](const boost::system::error_code& ec) {
    self->watching_ = false;
    if (ec || self->closed_ || !self->exchange_ || self->body_) return;
    char byte = 0;
    const auto n = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    const bool left = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (left) self->exchange_->gone.request();
  });
}

/// Reads the rest of a request body that nobody wants; false when it is too much to be worth the connection.
io::Awaitable<bool> Session::discard_body() {
  if (body_->is_untouched_and_expected()) co_return false;
  if (body_->length().value_or(0) > kDiscardLimit) co_return false;
  std::array<char, 4096> unwanted;
  for (std::uint64_t total = 0; total <= kDiscardLimit;) {
    const auto n = co_await body_->read_some(asio::buffer(unwanted));
    if (!n) co_return false;
    if (*n == 0) co_return true;
    total += *n;
  }
  co_return false;
}

/// Ends the connection so that the last answer is not lost to a reset: no more writes, then what still comes is read
/// away for a while (RFC 9112 §9.6).
io::Awaitable<void> Session::linger() {
  boost::system::error_code ec;
  socket_.shutdown(io::Socket::shutdown_send, ec);
  if (ec) co_return;
  std::array<char, 4096> unwanted;
  deadline_.arm(kLinger);
  for (std::uint64_t total = 0; total < 4 * kDiscardLimit && !deadline_.has_fired() && !closed_;) {
    const auto n = socket_.read_some(asio::buffer(unwanted), ec);
    if (ec == asio::error::would_block) {
      co_await socket_.async_wait(io::Socket::wait_read, io::kUse);
      continue;
    }
    if (ec || n == 0) break;
    total += n;
  }
  deadline_.disarm();
}

}  // namespace forebay::server
