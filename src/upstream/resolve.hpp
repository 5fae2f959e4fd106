// Where servers are: addresses that need no look-up, and look-ups of names.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "forebay/io/cancel.hpp"
#include "forebay/io/signal.hpp"
#include "forebay/upstream/origin.hpp"

namespace forebay::upstream {

/// The endpoint of an IP address or a Unix socket; nothing for a name.
std::optional<Endpoint> literal_endpoint(const ServerAddress& address);

using LookupOutcome = Result<std::shared_ptr<const Endpoints>>;

/// Asks the system's resolver, on a thread that Asio keeps for that. Completes when the resolver has an
/// answer, however long that takes. Fails with dns_failure.
io::Awaitable<LookupOutcome> look_up(const ServerAddress& address, io::Executor executor);

/// One worker's look-up of one server's name, for requests that come before the first background look-up is
/// done. One look-up at a time, however many wait for it; its result goes to the Server. Not thread-safe;
/// lives on one worker.
class FirstLookup : public std::enable_shared_from_this<FirstLookup> {
 public:
  FirstLookup(std::shared_ptr<Upstream> upstream, Server& server, io::Executor executor);

  /// Completes with the server's endpoints, at once when they are known. Fails with dns_failure, also after
  /// `limit`, or with cancelled; the look-up itself goes on then, for the benefit of the next.
  io::Awaitable<LookupOutcome> find(std::chrono::milliseconds limit, io::Cancel* cancel);

 private:
  io::Awaitable<void> run();

  const std::shared_ptr<Upstream> upstream_;  // owns server_
  Server& server_;
  io::Executor executor_;
  std::vector<std::shared_ptr<io::Signal>> waiters_;
  Error failure_;  // of the last look-up
  bool running_ = false;
};

}  // namespace forebay::upstream
