#include "upstream/resolve.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <string>
#include <utility>

namespace forebay::upstream {

using boost::asio::ip::tcp;

std::optional<Endpoint> literal_endpoint(const ServerAddress& address) {
  if (address.unix_socket) return Endpoint(boost::asio::local::stream_protocol::endpoint(address.host));
  boost::system::error_code not_an_address;
  const auto ip = boost::asio::ip::make_address(address.host, not_an_address);
  if (not_an_address) return std::nullopt;
  return Endpoint(tcp::endpoint(ip, address.port));
}

io::Awaitable<LookupOutcome> look_up(const ServerAddress& address, io::Executor executor) {
  // A named local: the flags stay empty, for AI_ADDRCONFIG would hide loopback addresses in a container
  // without network.
  boost::asio::ip::basic_resolver<tcp, io::Executor> resolver(executor);
  const auto port = std::to_string(address.port);
  auto [ec, results] = co_await resolver.async_resolve(address.host, port, io::kUse);
  if (ec) co_return fail(ErrorKind::dns_failure, address.text() + ": " + ec.message());
  auto endpoints = std::make_shared<Endpoints>();
  for (const auto& entry : results) {
    const Endpoint endpoint(entry.endpoint());
    if (std::find(endpoints->begin(), endpoints->end(), endpoint) == endpoints->end())
      endpoints->push_back(endpoint);
  }
  if (endpoints->empty()) co_return fail(ErrorKind::dns_failure, address.text() + ": no address");
  co_return std::shared_ptr<const Endpoints>(std::move(endpoints));
}

FirstLookup::FirstLookup(std::shared_ptr<Upstream> upstream, Server& server, io::Executor executor)
    : upstream_(std::move(upstream)), server_(server), executor_(executor) {}

io::Awaitable<LookupOutcome> FirstLookup::find(std::chrono::milliseconds limit, io::Cancel* cancel) {
  if (auto known = server_.endpoints()) co_return known;
  const auto self = shared_from_this();
  const auto signal = io::Signal::make(executor_);
  waiters_.push_back(signal);
  if (!std::exchange(running_, true)) {
    boost::asio::co_spawn(executor_, run(), [self](std::exception_ptr) {});
  }
  const io::OnCancel wake(cancel, [signal] { signal->notify(); });
  bool notified = false;
  if (!wake.requested()) notified = co_await signal->wait(limit);
  std::erase(waiters_, signal);
  if (wake.requested()) co_return fail(ErrorKind::cancelled);
  if (auto known = server_.endpoints()) co_return known;
  if (!notified)
    co_return fail(ErrorKind::dns_failure, server_.address().text() + ": the look-up takes too long");
  co_return failure_;
}

io::Awaitable<void> FirstLookup::run() {
  auto outcome = co_await look_up(server_.address(), executor_);
  running_ = false;
  if (outcome.has_value()) {
    server_.set_endpoints(std::move(*outcome));
  } else {
    failure_ = outcome.error();
  }
  for (const auto& waiter : waiters_) waiter->notify();
}

// ---- In the background ----------------------------------------------------------------------------------

/// Looks all names of an upstream up, again and again, without keeping it alive in between. Lives on one
/// io_context.
class Upstream::Resolving : public std::enable_shared_from_this<Resolving> {
 public:
  Resolving(std::weak_ptr<Upstream> upstream, boost::asio::io_context& context, observe::Log& log);
  void start();
  void stop();

 private:
  io::Awaitable<void> run();
  io::Awaitable<void> resolve_all(Upstream& upstream);
  void report(const std::string& upstream, const std::string& what, bool failed);

  std::weak_ptr<Upstream> upstream_;
  io::Timer timer_;
  observe::Log& log_;
  std::vector<bool> failing_;  // by server: whether the last look-up failed
  bool stopped_ = false;
};

Upstream::Resolving::Resolving(std::weak_ptr<Upstream> upstream, boost::asio::io_context& context,
                               observe::Log& log)
    : upstream_(std::move(upstream)), timer_(context.get_executor()), log_(log) {}

void Upstream::Resolving::start() {
  boost::asio::co_spawn(timer_.get_executor(), run(), [self = shared_from_this()](std::exception_ptr) {});
}

void Upstream::Resolving::stop() {
  stopped_ = true;
  timer_.cancel();
}

io::Awaitable<void> Upstream::Resolving::run() {
  while (!stopped_) {
    std::chrono::milliseconds pause{0};
    {
      const auto upstream = upstream_.lock();
      if (!upstream) co_return;
      pause = upstream->settings().resolve_interval;
      co_await resolve_all(*upstream);
    }
    if (stopped_) co_return;
    timer_.expires_after(pause);
    co_await timer_.async_wait(io::kUse);
  }
}

io::Awaitable<void> Upstream::Resolving::resolve_all(Upstream& upstream) {
  std::size_t index = 0;
  failing_.resize(upstream.servers().size(), false);
  for (auto& server : upstream.servers()) {
    const auto i = index++;
    if (literal_endpoint(server->address())) continue;
    auto outcome = co_await look_up(server->address(), timer_.get_executor());
    if (stopped_) co_return;
    const bool failed = outcome.has_error();
    if (failed != failing_[i]) {
      failing_[i] = failed;
      report(upstream.name(),
             failed ? describe(outcome.error()) : server->address().text() + ": resolved again", failed);
    }
    if (!failed) server->set_endpoints(std::move(*outcome));
  }
}

void Upstream::Resolving::report(const std::string& upstream, const std::string& what, bool failed) {
  log_.write(failed ? observe::Level::warning : observe::Level::info, "upstream " + upstream + ": " + what);
}

void Upstream::keep_resolving(boost::asio::io_context& context, observe::Log& log) {
  resolving_ = std::make_shared<Resolving>(weak_from_this(), context, log);
  resolving_->start();
}

void Upstream::stop() {
  if (resolving_) resolving_->stop();
}

}  // namespace forebay::upstream
