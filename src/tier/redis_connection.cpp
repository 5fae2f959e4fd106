#include "tier/redis_connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <boost/asio/local/stream_protocol.hpp>
#include <string_view>
#include <utility>

#include "forebay/io/dial.hpp"

namespace forebay::tier {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

using Opening = Result<std::unique_ptr<io::Stream>>;

Error unavailable(const RedisAddress& address, const std::string& why) {
  return fail(ErrorKind::redis_unavailable, address.text() + ": " + why);
}

/// An error's code and nothing else, for the rest may repeat what was sent: a password.
std::string code_of(const RedisReply& reply) {
  const auto code = reply.error_code();
  const auto is_code_char = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
  const bool is_code = code.size() <= 32 && std::all_of(code.begin(), code.end(), is_code_char);
  return is_code ? std::string(code) : "ERR";
}

/// Has the kernel notice a peer that is gone without a word within a minute: whoever listens for what others
/// publish would wait for ever.
void keep_alive(io::Socket& socket) {
  using Seconds = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
  using Interval = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
  using Count = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;
  error_code ignored;  // a Unix socket knows none of it
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  socket.set_option(Seconds(30), ignored);
  socket.set_option(Interval(10), ignored);
  socket.set_option(Count(3), ignored);
}

/// What leads to a stream: each step takes what is left of the time.
class Opener {
 public:
  Opener(const RedisConnection::Setup& setup, milliseconds limit, io::Cancel* cancel)
      : setup_(setup), cancel_(cancel), end_(setup.sweep.now() + limit) {}

  io::Awaitable<Opening> run() {
    io::Endpoints endpoints;
    if (setup_.address.unix_socket) {
      endpoints.emplace_back(asio::local::stream_protocol::endpoint(setup_.address.host));
    } else {
      auto found =
          co_await io::resolve(setup_.executor, setup_.address.host, setup_.address.port, left(), cancel_);
      if (cancel_ && cancel_->requested()) co_return fail(ErrorKind::cancelled);
      if (found.first) co_return unavailable(setup_.address, found.first.message());
      endpoints = std::move(found.second);
    }
    auto socket = co_await connect(std::move(endpoints));
    if (socket.has_error()) co_return socket.error();
    if (!setup_.target->tls()) co_return io::plain_stream(std::move(*socket), setup_.sweep);
    co_return co_await handshake(std::move(*socket));
  }

  milliseconds left() const { return std::max(milliseconds(0), end_ - setup_.sweep.now()); }

 private:
  /// Tries one after the other; each gets an equal share of the time, so that a dead one does not use it up.
  io::Awaitable<Result<io::Socket>> connect(io::Endpoints endpoints) {
    std::string why = "no address";
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
      const auto share = left() / static_cast<milliseconds::rep>(endpoints.size() - i);
      auto outcome = co_await io::dial(setup_.executor, endpoints[i], setup_.sweep, share, cancel_);
      if (cancel_ && cancel_->requested()) co_return fail(ErrorKind::cancelled);
      if (outcome.socket) {
        keep_alive(*outcome.socket);
        co_return std::move(*outcome.socket);
      }
      why = outcome.timed_out ? "no connection in time" : outcome.error.message();
    }
    co_return unavailable(setup_.address, why);
  }

  io::Awaitable<Opening> handshake(io::Socket socket) {
    const auto& settings = setup_.target->settings().tls;
    io::TlsPeer peer;
    peer.server_name = settings.server_name.empty() ? setup_.address.host : settings.server_name;
    peer.verify = settings.verify;
    auto outcome = co_await io::tls_stream(std::move(socket), *setup_.target->tls(), peer, setup_.sweep,
                                           left(), cancel_);
    if (cancel_ && cancel_->requested()) co_return fail(ErrorKind::cancelled);
    if (outcome.stream) co_return std::move(outcome.stream);
    const std::string why = outcome.timed_out ? "no TLS handshake in time" : "TLS: " + outcome.detail;
    co_return unavailable(setup_.address, why);
  }

  const RedisConnection::Setup& setup_;
  io::Cancel* cancel_;
  SteadyTime end_;
};

}  // namespace

// ---- Opening --------------------------------------------------------------------------------------------

io::Awaitable<RedisConnection::Opened> RedisConnection::open(Setup setup, milliseconds limit,
                                                             io::Cancel* cancel) {
  Opener opener(setup, limit, cancel);
  auto stream = co_await opener.run();
  if (stream.has_error()) co_return stream.error();
  auto connection = std::make_shared<RedisConnection>(std::move(*stream), setup);
  const io::OnCancel wake(cancel, [raw = connection.get()] { raw->close(); });
  connection->expect_within(opener.left());
  const auto refused = co_await connection->log_in(*setup.target, setup.login);
  if (wake.requested()) co_return fail(ErrorKind::cancelled);
  if (!refused) {
    connection->expect_within({});
    co_return connection;
  }
  if (refused->kind == ErrorKind::redis_timeout) co_return unavailable(setup.address, "no login in time");
  co_return *refused;
}

RedisConnection::RedisConnection(std::unique_ptr<io::Stream> stream, const Setup& setup)
    : stream_(std::move(stream)),
      address_(setup.address),
      metrics_(setup.metrics),
      reader_(setup.reply_limits) {
  metrics_.redis_connections_opened.add();
  metrics_.redis_connections.add(1);
}

RedisConnection::~RedisConnection() { close(); }

void RedisConnection::close() noexcept {
  if (std::exchange(closed_, true)) return;
  metrics_.redis_connections.add(-1);
  stream_->close();
}

io::Awaitable<RedisConnection::MaybeError> RedisConnection::log_in(const RedisTarget& target,
                                                                   RedisLogin login) {
  const auto& url = target.url();
  if (login == RedisLogin::sentinel) {
    const auto& settings = target.settings();
    co_return co_await authenticate(settings.sentinel_user, settings.sentinel_password);
  }
  if (auto refused = co_await authenticate(url.user, url.password)) co_return refused;
  if (login == RedisLogin::master) {
    if (auto refused = co_await expect_master()) co_return refused;
  }
  if (url.database == 0) co_return MaybeError();
  auto select = RedisCommand{"SELECT"}.add(std::int64_t{url.database});
  co_return co_await say(std::move(select), "the database");
}

io::Awaitable<RedisConnection::MaybeError> RedisConnection::authenticate(const std::string& user,
                                                                         const std::string& password) {
  if (password.empty()) co_return MaybeError();
  RedisCommand auth{"AUTH"};
  if (!user.empty()) auth.add(user);
  auth.add(password);
  co_return co_await say(std::move(auth), "the login");
}

/// Sentinels may be behind the times, and an address may have changed hands: a node says itself what it is.
io::Awaitable<RedisConnection::MaybeError> RedisConnection::expect_master() {
  const RedisCommand question{"ROLE"};
  const auto buffer = asio::buffer(question.wire());
  if (auto failure = co_await send({&buffer, 1})) co_return failure;
  const auto reply = co_await receive({});
  if (reply.has_error()) co_return reply.error();
  if (reply->is_error()) co_return unavailable(address_, "its role is not told: " + code_of(*reply));
  if (reply->elements.empty() || reply->elements.front().text != "master")
    co_return unavailable(address_, "is no master");
  co_return MaybeError();
}

/// A command that has to be answered with OK before the connection is good for anything.
io::Awaitable<RedisConnection::MaybeError> RedisConnection::say(RedisCommand command, const char* what) {
  const auto buffer = asio::buffer(command.wire());
  if (auto failure = co_await send({&buffer, 1})) co_return failure;
  const auto reply = co_await receive({});
  if (reply.has_error()) co_return reply.error();
  if (reply->is_status("OK")) co_return MaybeError();
  if (reply->is_error())
    co_return unavailable(address_, std::string(what) + " was refused: " + code_of(*reply));
  co_return fail(ErrorKind::redis_protocol, address_.text() + ": " + what + " was answered oddly");
}

// ---- Sending and receiving ------------------------------------------------------------------------------

io::Awaitable<RedisConnection::MaybeError> RedisConnection::send(std::span<const asio::const_buffer> bytes) {
  const auto ec = co_await stream_->write(bytes);
  if (ec) co_return failed(ec);
  co_return MaybeError();
}

io::Awaitable<Result<RedisReply>> RedisConnection::receive(Limit limit) {
  if (limit) expect_within(limit);
  for (;;) {
    auto next = reader_.next();
    if (next.has_error()) {
      close();
      co_return fail(next.error().kind, address_.text() + ": " + next.error().detail);
    }
    if (*next) {
      if (limit) expect_within({});
      co_return std::move(**next);
    }
    const auto [ec, size] = co_await stream_->read_some(asio::buffer(received_));
    if (ec) co_return failed(ec);
    reader_.feed({received_.data(), size});
  }
}

io::Awaitable<Result<RedisReply>> RedisConnection::call(RedisCommand command, Limit limit) {
  if (limit) expect_within(limit);
  const auto buffer = asio::buffer(command.wire());
  if (auto failure = co_await send({&buffer, 1})) co_return *failure;
  auto reply = co_await receive({});
  if (limit && reply.has_value()) expect_within({});
  co_return reply;
}

void RedisConnection::expect_within(Limit time) noexcept {
  if (time) {
    stream_->deadline().arm(*time);
  } else {
    stream_->deadline().disarm();
  }
}

Error RedisConnection::failed(const error_code& ec) {
  close();
  if (stream_->deadline().has_fired()) return fail(ErrorKind::redis_timeout, address_.text());
  return unavailable(address_, "the connection was lost: " + ec.message());
}

}  // namespace forebay::tier
