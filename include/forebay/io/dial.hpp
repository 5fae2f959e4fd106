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

/// The endpoints of a host: an IP address without asking anybody, a name by the system's resolver on a thread
/// that Asio keeps for that, however long that takes. Never both empty and without error.
Awaitable<std::pair<boost::system::error_code, Endpoints>> resolve(Executor executor, std::string host,
                                                                   std::uint16_t port);

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
