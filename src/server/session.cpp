#include "session.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "forebay/base/strings.hpp"
#include "forebay/http/field_list.hpp"

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

/// A plain end would be the end of the body: only a reset says that there was more (RFC 9112 §8).
void reset_on_close(int fd) noexcept {
  const ::linger none{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

void count_abort(proxy::Worker& worker, AbortReason reason) {
  worker.metrics.connections_aborted[static_cast<std::size_t>(reason)].add();
}

}  // namespace

Session::Session(std::shared_ptr<SessionHost> host, std::shared_ptr<ListenPoint> point, int fd)
    : host_(std::move(host)),
      point_(std::move(point)),
      fd_(fd),
      deadline_(host_->worker.sweep, [this] { expired(); }),
      settings_(host_->settings) {
  host_->worker.metrics.connections.add(1);
  host_->worker.metrics.connections_accepted.add();
}

Session::~Session() {
  if (!closed_) ::close(fd_);
  if (arena_) host_->arenas.give_back(std::move(arena_));
  host_->worker.metrics.connections.add(-1);
  point_->connections.fetch_sub(1, std::memory_order_relaxed);
}

// ---- the connection's life ------------------------------------------------------------------------------

void Session::start() {
  self_ = shared_from_this();
  identify_client();
  if (!host_->worker.readiness.watch(fd_, *this)) return close();
  advance();
}

void Session::on_ready(bool readable, bool writable, bool ended) {
  readable_ = readable_ || readable;
  writable_ = writable_ || writable;
  ended_ = ended_ || ended;
  if (!busy_) return advance();
  // A client that leaves before its answer does not want it any more; one that still sends its body is heard
  // to the end.
  if (ended_ && exchange_ && (!body_ || body_->is_complete())) exchange_->gone.request();
  wake();
}

/// Answers what has been received, as far as that needs no waiting.
void Session::advance() {
  const auto self = shared_from_this();
  for (int turn = 0; !closed_ && !busy_;) {
    const auto state = arena_ && !input_.empty() ? parse() : io::ParseState::need_more;
    if (state != io::ParseState::need_more) {
      if (!answer_buffered(state)) return;
      if (++turn == kTurn)
        return asio::post(host_->worker.executor, [self] { self->busy_ ? void() : self->advance(); });
      continue;
    }
    if (!readable_) return wait_for_request();
    take_arena();
    if (read_now() == Read::closed) return close();
  }
}

/// False when the rest is somebody else's business: a coroutine has taken over, or the connection is closed.
bool Session::answer_buffered(io::ParseState state) {
  if (state != io::ParseState::complete) {
    become_busy(refuse_head(state));
    return false;
  }
  if (!begin_exchange() || !answer_now()) {
    become_busy(answer_later());
    return false;
  }
  end_exchange();
  if (keep_) return true;
  become_busy(linger());
  return false;
}

void Session::wait_for_request() {
  if (!input_.empty()) {
    if (idle_ == Idle::head) return;
    idle_ = Idle::head;
    return deadline_.arm(host_->settings->timeouts.header);
  }
  release_arena();
  if (host_->draining) return close();
  if (idle_ == Idle::idle) return;
  idle_ = Idle::idle;
  deadline_.arm(host_->settings->timeouts.idle);
}

void Session::expired() {
  if (busy_ || closed_) return;
  if (idle_ != Idle::head) return close();
  count_abort(host_->worker, AbortReason::header_timeout);
  become_busy(refuse(408, "the request head did not arrive in time"));
}

void Session::become_busy(io::Awaitable<void> work) {
  busy_ = true;
  idle_ = Idle::nothing;
  deadline_.disarm();
  if (!reading_) {
    reading_ = std::make_unique<EdgeWait>(host_->worker.executor, host_->worker.sweep);
    writing_ = std::make_unique<EdgeWait>(host_->worker.executor, host_->worker.sweep);
  }
  asio::co_spawn(host_->worker.executor, work_to_the_end(shared_from_this(), std::move(work)),
                 asio::detached);
}

io::Awaitable<void> Session::work_to_the_end(std::shared_ptr<Session> /*keeps this*/,
                                             io::Awaitable<void> work) {
  co_await std::move(work);
  if (exchange_) end_exchange();
  if (!keep_) co_await linger();
  busy_ = false;
  if (!keep_) co_return close();
  // Not from here: with a client that pipelines, each answer would lie on the stack of the one before.
  asio::post(host_->worker.executor, [self = shared_from_this()] {
    if (!self->busy_) self->advance();
  });
}

void Session::drain() {
  if (busy_ || !input_.empty()) return;
  readable_ = true;  // one look more: a request may have come that was not noticed yet
  advance();
}

void Session::close() noexcept {
  if (std::exchange(closed_, true)) return;
  host_->worker.readiness.forget(*this);
  ::close(fd_);
  deadline_.disarm();
  if (exchange_) exchange_->gone.request();
  wake();
  // Whoever called may still be using this.
  asio::post(host_->worker.executor, [self = std::move(self_)] {});
}

void Session::wake() {
  if (!reading_) return;
  reading_->notify();
  writing_->notify();
}

io::Awaitable<bool> Session::until_readable(std::chrono::milliseconds limit) {
  return reading_->until(readable_, closed_, limit);
}

io::Awaitable<bool> Session::until_writable(std::chrono::milliseconds limit) {
  return writing_->until(writable_, closed_, limit);
}

void Session::identify_client() {
  asio::ip::tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  if (::getpeername(fd_, peer.data(), &size) != 0) return;
  if (peer.data()->sa_family != AF_INET && peer.data()->sa_family != AF_INET6) return;
  client_address_ = peer.address().to_string();
  client_.address = client_address_;
}

// ---- reading heads --------------------------------------------------------------------------------------

Session::Read Session::read_now() {
  const auto room = input_.room();
  if (closed_) return Read::closed;
  if (!readable_) return Read::blocked;
  const auto n = ::recv(fd_, room.data(), room.size(), 0);
  if (n <= 0) {
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) return Read::closed;
    readable_ = false;
    return Read::blocked;
  }
  // Less than there was room for: the socket is drained, and new bytes make a new edge. The end makes none of
  // its own.
  if (static_cast<std::size_t>(n) < room.size() && !ended_) readable_ = false;
  input_.commit(static_cast<std::size_t>(n));
  host_->worker.metrics.received_bytes.add(static_cast<std::uint64_t>(n));
  return Read::data;
}

io::ParseState Session::parse() {
  if (!arena_->parser) {
    // RFC 9112 §2.2: an empty line before the request line is ignored.
    while (input_.unread().starts_with("\r\n")) input_.consume(2);
    input_.restart();
    if (input_.empty()) return io::ParseState::need_more;
    settings_ = host_->settings;
    const io::ParseLimits limits{static_cast<std::uint32_t>(settings_->limits.request_head),
                                 settings_->limits.request_fields};
    // The parser clears the fields; a head that turns out malformed must not look like the one before it.
    arena_->head.method = http::Method::other;
    arena_->head.method_text = arena_->head.target = {};
    arena_->head.minor_version = 1;
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

/// The head is complete: everything about the request that framing decides. False when it has to be refused.
bool Session::begin_exchange() {
  auto& worker = host_->worker;
  auto& parser = *arena_->parser;
  input_.consume(parser.head_size());
  input_.pin();
  idle_ = Idle::nothing;
  deadline_.disarm();
  keep_ = parser.keep_alive() && !host_->draining;
  started_ = chunked_ = until_close_ = false;
  if (client_judged_by_ != worker.snapshot()) {
    client_judged_by_ = worker.snapshot();
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(client_address_, ec);
    client_.trusted = !ec && worker.snapshot()->trusted_proxies.contains(address);
  }
  auto& x = exchange_.emplace(arena_->head, client_, arena_->scratch, *this);
  x.began = worker.shared.clock.now();
  x.began_steady = worker.shared.clock.steady_now();
  if (parser.has_body()) {
    const bool expects = arena_->head.minor_version > 0 &&
                         http::has_element(arena_->head.fields, http::FieldId::expect, "100-continue");
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
  if (limits.request_body > 0 && arena_->parser->content_length().value_or(0) > limits.request_body)
    return 413;
  return std::nullopt;
}

/// The way of a memory hit: true when the whole answer has been written without waiting.
bool Session::answer_now() {
  auto& x = *exchange_;
  answer_ = host_->lifecycle.begin(x);
  if (!answer_) return false;
  if (answer_->close) keep_ = false;
  compose(*answer_, out_);
  if (body_) return false;  // what the client is sending has to be dealt with as well
  const auto written = write_now(out_);
  if (written == Written::failed) {
    x.client_failed = true;
    keep_ = false;
  }
  return written != Written::blocked;
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

// ---- what has to wait -----------------------------------------------------------------------------------

io::Awaitable<void> Session::answer_later() {
  auto& x = *exchange_;
  if (const auto status = refusal_by_limits()) {
    co_return co_await refuse(*status, *status == 413 ? "the request body is larger than the limit"
                                                      : "the request line is too long");
  }
  host_->worker.metrics.exchanges.add(1);
  if (answer_) {
    const auto written = co_await write_all(out_);
    x.client_failed = !written;
  } else {
    if (ended_ && !body_) x.gone.request();
    co_await host_->lifecycle.run(x);
  }
  host_->worker.metrics.exchanges.add(-1);
  if (x.client_failed || x.gone.requested()) {
    keep_ = false;
    if (started_) {  // the client must see that the response is incomplete
      if (!x.gone.requested()) count_abort(host_->worker, AbortReason::incomplete_response);
      if (until_close_ && !closed_) reset_on_close(fd_);
      close();
    }
  } else if (body_ && !body_->is_complete() && keep_) {
    keep_ = co_await discard_body();
  }
}

io::Awaitable<void> Session::refuse_head(io::ParseState state) {
  count_abort(host_->worker, AbortReason::bad_request);
  const auto& parser = *arena_->parser;
  switch (state) {
    case io::ParseState::too_large:
      return parser.has_start_line() ? refuse(431, "the request head is too large")
                                     : refuse(414, "the request line is too long");
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

/// Ends the connection so that the last answer is not lost to a reset: no more writes, then what still comes
/// is read away for a while (RFC 9112 §9.6).
io::Awaitable<void> Session::linger() {
  if (closed_ || ::shutdown(fd_, SHUT_WR) != 0) co_return;
  const auto end = host_->worker.sweep.now() + kLinger;
  std::array<char, 4096> unwanted;
  for (std::uint64_t total = 0; total < 4 * kDiscardLimit && !closed_;) {
    const auto n = ::recv(fd_, unwanted.data(), unwanted.size(), 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) co_return;
    if (n > 0) {
      total += static_cast<std::uint64_t>(n);
      continue;
    }
    readable_ = false;
    if (host_->draining) co_return;  // nothing has come that a close could turn into a reset
    const bool readable = co_await until_readable(end - host_->worker.sweep.now());
    if (!readable) co_return;
  }
}

}  // namespace forebay::server
