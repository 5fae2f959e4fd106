// Everything here but start() and stop() runs on the context's one thread. The mutex makes stop() final from
// any thread: sources and log are used only while it is held and the server has not stopped.
#include "forebay/admin/admin_server.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>
#include <exception>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "connection.hpp"
#include "listen_address.hpp"
#include "routes.hpp"

namespace forebay::admin {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, io::Executor>;

/// Removes a Unix socket's file that a dead process left: one that refuses connections.
bool remove_stale_socket(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  asio::io_context context;
  asio::local::stream_protocol::socket probe(context);
  error_code ec;
  probe.connect(asio::local::stream_protocol::endpoint(path), ec);
  return ec == asio::error::connection_refused && ::unlink(path.c_str()) == 0;
}

error_code bind_and_listen(Acceptor& acceptor, const ListenAddress& address) {
  error_code ec;
  acceptor.open(address.endpoint.protocol(), ec);
  if (ec) return ec;
  const bool is_tcp = address.unix_path.empty();
  if (is_tcp) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (ec) return ec;
  acceptor.bind(address.endpoint, ec);
  if (ec == asio::error::address_in_use && !is_tcp && remove_stale_socket(address.unix_path)) {
    acceptor.bind(address.endpoint, ec);
  }
  if (ec) return ec;
  if (!is_tcp && ::chmod(address.unix_path.c_str(), 0660) != 0)
    return {errno, boost::system::system_category()};
  acceptor.listen(asio::socket_base::max_listen_connections, ec);
  return ec;
}

}  // namespace

class AdminServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& context, const AdminSettings& settings, AdminSources sources, observe::Log& log,
       const AdminLimits& limits)
      : acceptor_(context),
        retry_(context),
        settings_(settings),
        limits_(limits),
        sources_(std::move(sources)),
        log_(log),
        answer_([this](const Request& request) { return answer_locked(request); }) {}

  Result<void> listen() {
    const auto address = parse_listen_address(settings_.address);
    if (!address) return address.error();
    auto ec = bind_and_listen(acceptor_, *address);
    if (ec)
      return fail(ErrorKind::system_failure, "admin address " + settings_.address + ": " + ec.message());
    unix_path_ = address->unix_path;
    port_ = port_of(acceptor_.local_endpoint(ec));
    return {};
  }

  void start() { spawn(accept(shared_from_this())); }

  std::uint16_t port() const noexcept { return port_; }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(stopped_, true)) return;
      sources_ = {};
      if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
    }
    asio::dispatch(acceptor_.get_executor(), [self = shared_from_this()] { self->close(); });
  }

 private:
  /// A connection that is counted, and that close() finds, as long as this lives.
  struct Client {
    Client(std::unordered_set<Stream*>& all, io::Socket socket) : stream(std::move(socket)), streams(all) {
      streams.insert(&stream);
    }
    ~Client() { streams.erase(&stream); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Stream stream;
    std::unordered_set<Stream*>& streams;
  };

  /// Coroutines hold `self`, so that the server may be destroyed before they notice.
  void spawn(io::Awaitable<void> work) {
    asio::co_spawn(acceptor_.get_executor(), std::move(work),
                   [self = shared_from_this()](std::exception_ptr failure) {
                     if (!failure) return;
                     try {
                       std::rethrow_exception(failure);
                     } catch (const std::exception& error) {
                       self->warn(error.what());
                     }
                   });
  }

  static io::Awaitable<void> accept(std::shared_ptr<Impl> self) {
    for (;;) {
      auto [ec, socket] = co_await self->acceptor_.async_accept(io::kUse);
      if (!self->acceptor_.is_open()) co_return;  // even with a connection: close() cannot have seen it
      if (!ec) {
        self->admit(std::move(socket));
      } else if (ec != asio::error::connection_aborted) {
        self->warn("cannot accept: " + ec.message());  // no descriptors left, most likely: they come back
        self->retry_.expires_after(std::chrono::milliseconds(100));
        co_await self->retry_.async_wait(io::kUse);  // close() cancels it
      }
    }
  }

  void admit(io::Socket socket) {
    if (streams_.size() < limits_.connections) {
      is_full_ = false;
      spawn(serve_client(shared_from_this(), std::make_unique<Client>(streams_, std::move(socket))));
    } else if (!std::exchange(is_full_, true)) {
      warn("more than " + std::to_string(limits_.connections) + " connections: closing new ones");
    }
  }

  static io::Awaitable<void> serve_client(std::shared_ptr<Impl> self, std::unique_ptr<Client> client) {
    co_await serve(client->stream, self->limits_, self->answer_);
  }

  /// Work whose steps reach the sources: only while the server has not stopped.
  struct LockedWork final : Work {
    LockedWork(std::shared_ptr<Impl> impl, std::shared_ptr<Work> rest)
        : server(std::move(impl)), work(std::move(rest)) {}
    std::optional<Reply> advance() override {
      const std::lock_guard lock(server->mutex_);
      if (server->stopped_) return error_reply(503, "stopping", "forebay is stopping");
      return work->advance();
    }
    std::shared_ptr<Impl> server;
    std::shared_ptr<Work> work;
  };

  Reply answer_locked(const Request& request) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return error_reply(503, "stopping", "forebay is stopping");
    auto reply = answer(request, sources_, settings_.token);
    if (reply.work) reply.work = std::make_shared<LockedWork>(shared_from_this(), std::move(reply.work));
    return reply;
  }

  void warn(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (!stopped_) log_.write(observe::Level::warning, "admin " + settings_.address + ": " + what);
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    for (auto* stream : streams_) stream->close();
  }

  Acceptor acceptor_;
  io::Timer retry_;
  const AdminSettings settings_;
  const AdminLimits limits_;
  std::string unix_path_;
  std::uint16_t port_ = 0;
  std::unordered_set<Stream*> streams_;
  bool is_full_ = false;

  std::mutex mutex_;
  bool stopped_ = false;  // under mutex_, like the next two
  AdminSources sources_;
  observe::Log& log_;

  const Answer answer_;
};

Result<std::unique_ptr<AdminServer>> AdminServer::start(asio::io_context& context,
                                                        const AdminSettings& settings, AdminSources sources,
                                                        observe::Log& log, const AdminLimits& limits) {
  auto impl = std::make_shared<Impl>(context, settings, std::move(sources), log, limits);
  if (const auto listening = impl->listen(); !listening) return listening.error();
  impl->start();
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::AdminServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

AdminServer::~AdminServer() { impl_->stop(); }

std::uint16_t AdminServer::port() const noexcept { return impl_->port(); }

void AdminServer::stop() { impl_->stop(); }

}  // namespace forebay::admin
