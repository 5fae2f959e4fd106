// Connecting to an address, within a time.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "forebay/io/asio.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/deadline.hpp"

namespace forebay::io {

using Endpoint = asio::generic::stream_protocol::endpoint;
using Endpoints = std::vector<Endpoint>;

/// Endpoints, never none without an error.
using Resolved = std::pair<boost::system::error_code, Endpoints>;
/// The endpoints of a host: an IP address without asking anybody, a name by the system's resolver, on a
/// thread that Asio keeps for that. The resolver cannot be stopped: after `limit` it goes on by itself, and
/// the error is timed_out; when cancelled, operation_aborted. `cancel`, which may be nothing, outlives the
/// operation.
Awaitable<Resolved> resolve(Executor executor, std::string host, std::uint16_t port,
                            std::chrono::milliseconds limit, Cancel* cancel = nullptr);

struct DialOutcome {
  std::optional<Socket> socket;     // nothing when it failed
  boost::system::error_code error;  // Asio's; operation_aborted also when cancelled
  bool timed_out = false;
};
/// A socket connected to the endpoint; TCP without Nagle's algorithm. `sweep` and `cancel` (which may be
/// nothing) outlive the operation. A failure leaves nothing behind.
Awaitable<DialOutcome> dial(Executor executor, Endpoint endpoint, Sweep& sweep,
                            std::chrono::milliseconds limit, Cancel* cancel = nullptr);

}  // namespace forebay::io
