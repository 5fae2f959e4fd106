#include "upstream/connector.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <utility>

#include "forebay/io/dial.hpp"

namespace forebay::upstream {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

ErrorKind kind_of(const boost::system::error_code& ec) noexcept {
  if (ec == asio::error::connection_refused) return ErrorKind::connect_refused;
  if (ec == asio::error::timed_out) return ErrorKind::connect_timeout;
  return ErrorKind::connect_failed;
}

}  // namespace

Connector::Connector(std::shared_ptr<Upstream> upstream, Server& server, io::Executor executor,
                     io::Sweep& sweep)
    : upstream_(std::move(upstream)),
      server_(server),
      executor_(executor),
      sweep_(sweep),
      first_lookup_(std::make_shared<FirstLookup>(upstream_, server_, executor_)) {}

milliseconds Connector::left(SteadyTime deadline) const {
  return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(deadline - sweep_.now()));
}

Error Connector::failed(ErrorKind kind, const std::string& why) const {
  return fail(kind, server_.address().text() + (why.empty() ? "" : ": " + why));
}

io::Awaitable<Connector::Outcome> Connector::connect(io::Cancel* cancel) {
  const auto timeout = upstream_->settings().connect_timeout;
  const auto deadline = sweep_.now() + timeout;
  auto found = co_await first_lookup_->find(timeout, cancel);
  if (found.has_error()) co_return found.error();
  const auto endpoints = std::move(*found);  // stay while they are tried, whatever a new look-up brings
  auto socket = co_await open(*endpoints, deadline, cancel);
  if (socket.has_error()) co_return socket.error();
  if (!server_.address().tls) co_return io::plain_stream(std::move(*socket), sweep_);
  co_return co_await handshake(std::move(*socket), deadline, cancel);
}

io::Awaitable<Result<io::Socket>> Connector::open(const Endpoints& endpoints, SteadyTime deadline,
                                                  io::Cancel* cancel) {
  const auto count = endpoints.size();
  const auto first = preferred_;
  Error last = failed(ErrorKind::dns_failure, "no address");
  for (std::size_t i = 0; i < count; ++i) {
    const auto limit = left(deadline) / static_cast<milliseconds::rep>(count - i);
    if (limit <= milliseconds(0)) co_return failed(ErrorKind::connect_timeout, "");
    const auto index = (first + i) % count;
    auto socket = co_await open_one(endpoints[index], limit, cancel);
    if (socket.has_value()) {
      preferred_ = index;
      co_return socket;
    }
    last = socket.error();
    if (last.kind == ErrorKind::cancelled) break;
  }
  co_return last;
}

io::Awaitable<Result<io::Socket>> Connector::open_one(const Endpoint& endpoint, milliseconds limit,
                                                      io::Cancel* cancel) {
  auto outcome = co_await io::dial(executor_, endpoint, sweep_, limit, cancel);
  if (cancel && cancel->requested()) co_return fail(ErrorKind::cancelled);
  if (outcome.socket) co_return std::move(*outcome.socket);
  if (outcome.timed_out) co_return failed(ErrorKind::connect_timeout, "");
  co_return failed(kind_of(outcome.error), outcome.error.message());
}

io::Awaitable<Connector::Outcome> Connector::handshake(io::Socket socket, SteadyTime deadline,
                                                       io::Cancel* cancel) {
  const auto& settings = upstream_->settings().tls;
  io::TlsPeer peer;
  peer.server_name = settings.server_name.empty() ? server_.address().host : settings.server_name;
  peer.verify = settings.verify;
  const auto limit = left(deadline);
  auto outcome = co_await io::tls_stream(std::move(socket), *upstream_->tls(), peer, sweep_, limit, cancel);
  if (cancel && cancel->requested()) co_return fail(ErrorKind::cancelled);
  if (outcome.stream) co_return std::move(outcome.stream);
  if (outcome.timed_out) co_return failed(ErrorKind::connect_timeout, "during the TLS handshake");
  co_return failed(outcome.certificate_refused ? ErrorKind::tls_certificate : ErrorKind::tls_failure,
                   outcome.detail);
}

}  // namespace forebay::upstream
