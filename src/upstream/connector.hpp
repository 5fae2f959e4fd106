// Making connections to one server.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "forebay/base/result.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/stream.hpp"
#include "upstream/resolve.hpp"

namespace forebay::upstream {

/// One worker's way to one server: look-up, TCP or Unix connection, TLS handshake, together within
/// connect_timeout. Not thread-safe; lives on one worker; outlives its operations.
class Connector {
 public:
  Connector(std::shared_ptr<Upstream> upstream, Server& server, io::Executor executor, io::Sweep& sweep);

  using Outcome = Result<std::unique_ptr<io::Stream>>;
  /// Tries the server's endpoints one after the other, first the one that worked last. Each gets an equal
  /// share of the time left, so that one dead address does not use it all up. Cancelled or not, a failure
  /// leaves no connection.
  io::Awaitable<Outcome> connect(io::Cancel* cancel);

 private:
  /// A socket connected to one of the endpoints.
  io::Awaitable<Result<io::Socket>> open(const Endpoints& endpoints, SteadyTime deadline, io::Cancel* cancel);
  io::Awaitable<Result<io::Socket>> open_one(const Endpoint& endpoint, std::chrono::milliseconds limit,
                                             io::Cancel* cancel);
  io::Awaitable<Outcome> handshake(io::Socket socket, SteadyTime deadline, io::Cancel* cancel);

  std::chrono::milliseconds left(SteadyTime deadline) const;
  Error failed(ErrorKind kind, const std::string& why) const;

  const std::shared_ptr<Upstream> upstream_;  // owns server_
  Server& server_;
  io::Executor executor_;
  io::Sweep& sweep_;
  const std::shared_ptr<FirstLookup> first_lookup_;
  std::size_t preferred_ = 0;  // index of the endpoint that worked last
};

}  // namespace forebay::upstream
