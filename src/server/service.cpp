#include "forebay/server/service.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/intrusive/list.hpp>
#include <cerrno>

#include "session.hpp"

namespace forebay::server {

namespace asio = io::asio;

namespace {

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, io::Executor>;

/// How long accepting rests when the process is out of descriptors or memory.
constexpr std::chrono::milliseconds kAcceptPause{100};

struct Accepting {
  Accepting(const io::Executor& executor, std::shared_ptr<ListenPoint> p)
      : point(std::move(p)), acceptor(executor), pause(executor) {}
  std::shared_ptr<ListenPoint> point;
  Acceptor acceptor;
  io::Timer pause;
  bool stopped = false;
};

}  // namespace

class Service::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(proxy::Worker& worker, std::shared_ptr<const ServiceSettings> settings)
      : host_(std::make_shared<SessionHost>(SessionHost{worker, proxy::Lifecycle(worker), std::move(settings),
                                                        ArenaPool(worker.shared.memory), false})) {}

  void listen(const std::shared_ptr<ListenPoint>& point, unsigned worker_index) {
    const int fd = point->take_descriptor(worker_index);
    if (fd < 0) return;
    auto accepting = std::make_shared<Accepting>(host_->worker.executor, point);
    const int family = point->port() == 0 ? AF_UNIX : AF_INET;
    boost::system::error_code ec;
    accepting->acceptor.assign(asio::generic::stream_protocol(family, 0), fd, ec);
    accepting->acceptor.non_blocking(true, ec);
    accepting_.push_back(accepting);
    asio::co_spawn(host_->worker.executor, accept(shared_from_this(), accepting), asio::detached);
  }

  void keep_only(const std::vector<std::shared_ptr<ListenPoint>>& kept) {
    std::erase_if(accepting_, [&](const auto& accepting) {
      if (std::find(kept.begin(), kept.end(), accepting->point) != kept.end()) return false;
      accept_all(*accepting);  // who is in the queue already has been promised an answer
      stop(*accepting);
      return true;
    });
  }
  void stop_accepting() { keep_only({}); }

  void close_all() {
    stop_accepting();
    for_each_session([](Session& session) { session.close(); });
  }
  void drain() {
    host_->draining = true;
    stop_accepting();
    for_each_session([](Session& session) { session.drain(); });
  }

  SessionHost& host() noexcept { return *host_; }
  std::size_t connections() const noexcept { return sessions_.size(); }

 private:
  static io::Awaitable<void> accept(std::shared_ptr<Impl> self, std::shared_ptr<Accepting> accepting) {
    while (!accepting->stopped) {
      co_await accepting->acceptor.async_wait(Acceptor::wait_read, io::kUse);
      if (accepting->stopped || self->accept_all(*accepting)) continue;
      accepting->pause.expires_after(kAcceptPause);
      co_await accepting->pause.async_wait(io::kUse);
    }
  }

  /// Takes whoever waits; false when the process is out of descriptors or memory.
  bool accept_all(Accepting& accepting) {
    for (;;) {
      const int fd =
          ::accept4(accepting.acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0)
        serve(accepting.point, fd);
      else if (errno == EAGAIN)
        return true;
      else if (errno != ECONNABORTED && errno != EINTR && errno != EPROTO)
        return false;
    }
  }

  void serve(const std::shared_ptr<ListenPoint>& point, int fd) {
    if (point->connections.fetch_add(1, std::memory_order_relaxed) >= point->max_connections()) {
      point->connections.fetch_sub(1, std::memory_order_relaxed);
      host_->worker.metrics.connections_refused.add();
      ::close(fd);
      return;
    }
    if (point->port() != 0) {
      const int on = 1;  // answers are written whole: there is nothing to wait for
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    const auto session = std::make_shared<Session>(host_, point, fd);
    sessions_.push_back(*session);
    session->start();
  }

  static void stop(Accepting& accepting) {
    accepting.stopped = true;
    boost::system::error_code ignored;
    accepting.acceptor.close(ignored);
    accepting.pause.cancel();
  }

  template <class Act>
  void for_each_session(Act&& act) {
    for (auto at = sessions_.begin(); at != sessions_.end();) act(*at++);
  }

  std::shared_ptr<SessionHost> host_;
  std::vector<std::shared_ptr<Accepting>> accepting_;
  boost::intrusive::list<Session, boost::intrusive::constant_time_size<false>> sessions_;
};

Service::Service(proxy::Worker& worker, std::shared_ptr<const ServiceSettings> settings)
    : impl_(std::make_shared<Impl>(worker, std::move(settings))) {}
Service::~Service() = default;

void Service::listen(const std::shared_ptr<ListenPoint>& point, unsigned worker_index) {
  impl_->listen(point, worker_index);
}
void Service::keep_only(const std::vector<std::shared_ptr<ListenPoint>>& kept) { impl_->keep_only(kept); }
void Service::adopt(std::shared_ptr<const ServiceSettings> settings) {
  impl_->host().settings = std::move(settings);
}
void Service::drain() { impl_->drain(); }
void Service::close_all() { impl_->close_all(); }
std::size_t Service::connections() const noexcept { return impl_->connections(); }

}  // namespace forebay::server
