#include "forebay/io/dial.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "forebay/io/signal.hpp"

namespace forebay::io {

using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// A look-up, which may outlive whoever asked for it.
struct Lookup {
  std::string host;
  std::string service;
  std::shared_ptr<Signal> done;
  Resolved result{};
};

Awaitable<void> look_up(Executor executor, std::shared_ptr<Lookup> lookup) {
  // Without flags: AI_ADDRCONFIG would hide loopback addresses in a container without network.
  asio::ip::basic_resolver<tcp, Executor> resolver(executor);
  auto [ec, results] = co_await resolver.async_resolve(lookup->host, lookup->service, kUse);
  auto& endpoints = lookup->result.second;
  for (const auto& entry : results) {
    const Endpoint endpoint(entry.endpoint());
    if (std::find(endpoints.begin(), endpoints.end(), endpoint) == endpoints.end())
      endpoints.push_back(endpoint);
  }
  if (!ec && endpoints.empty()) ec = asio::error::host_not_found;
  lookup->result.first = ec;
  lookup->done->notify_here();
}

}  // namespace

Awaitable<Resolved> resolve(Executor executor, std::string host, std::uint16_t port,
                            std::chrono::milliseconds limit, Cancel* cancel) {
  error_code not_an_address;
  const auto ip = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) co_return Resolved(error_code(), Endpoints{Endpoint(tcp::endpoint(ip, port))});
  const auto lookup = std::make_shared<Lookup>(
      Lookup{.host = std::move(host), .service = std::to_string(port), .done = Signal::make(executor)});
  asio::co_spawn(executor, look_up(executor, lookup), [](std::exception_ptr) {});
  const OnCancel wake(cancel, [done = lookup->done] { done->notify_here(); });
  bool done = false;
  if (!wake.requested() && limit > limit.zero()) done = co_await lookup->done->wait(limit);
  if (wake.requested()) co_return Resolved(asio::error::operation_aborted, Endpoints());
  if (!done) co_return Resolved(asio::error::timed_out, Endpoints());
  co_return std::move(lookup->result);
}

Awaitable<DialOutcome> dial(Executor executor, Endpoint endpoint, Sweep& sweep,
                            std::chrono::milliseconds limit, Cancel* cancel) {
  DialOutcome outcome;
  Socket socket(executor);
  const auto close = [&socket] {
    error_code ignored;
    socket.close(ignored);
  };
  const OnCancel wake(cancel, close);
  outcome.error = asio::error::operation_aborted;
  if (wake.requested()) co_return outcome;
  Deadline deadline(sweep, close);
  deadline.arm(limit);
  auto [ec] = co_await socket.async_connect(endpoint, kUse);
  deadline.disarm();
  if (wake.requested()) co_return outcome;
  outcome.timed_out = deadline.has_fired();
  if (outcome.timed_out) co_return outcome;
  outcome.error = ec;
  if (ec) co_return outcome;
  error_code ignored;  // a Unix socket knows no TCP_NODELAY
  socket.set_option(tcp::no_delay(true), ignored);
  outcome.socket.emplace(std::move(socket));
  co_return outcome;
}

}  // namespace forebay::io
