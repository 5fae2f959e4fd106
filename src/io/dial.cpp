#include "forebay/io/dial.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>

namespace forebay::io {

using asio::ip::tcp;
using boost::system::error_code;

Awaitable<std::pair<error_code, Endpoints>> resolve(Executor executor, std::string host, std::uint16_t port) {
  Endpoints endpoints;
  error_code not_an_address;
  const auto ip = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    endpoints.emplace_back(tcp::endpoint(ip, port));
    co_return std::pair(error_code(), std::move(endpoints));
  }
  // Without flags: AI_ADDRCONFIG would hide loopback addresses in a container without network.
  asio::ip::basic_resolver<tcp, Executor> resolver(executor);
  const auto service = std::to_string(port);
  auto [ec, results] = co_await resolver.async_resolve(host, service, kUse);
  for (const auto& entry : results) {
    const Endpoint endpoint(entry.endpoint());
    if (std::find(endpoints.begin(), endpoints.end(), endpoint) == endpoints.end())
      endpoints.push_back(endpoint);
  }
  if (!ec && endpoints.empty()) ec = asio::error::host_not_found;
  co_return std::pair(ec, std::move(endpoints));
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
