#include "upstream/reply.hpp"

#include <utility>

namespace forebay::upstream {
namespace {

/// A connection after a 101: no longer HTTP's, but still counted and still in its place in the quota.
class Tunnel final : public io::Stream {
 public:
  Tunnel(std::shared_ptr<Line> line, Quota::Permit permit, std::shared_ptr<Connection> connection)
      : Stream(line->dependencies.sweep),
        line_(std::move(line)),
        permit_(std::move(permit)),
        connection_(std::move(connection)) {}

  io::Awaitable<std::pair<boost::system::error_code, std::size_t>> read_some(
      io::asio::mutable_buffer out) override {
    return inner().read_some(out);
  }
  io::Awaitable<boost::system::error_code> write(std::span<const io::asio::const_buffer> buffers) override {
    return inner().write(buffers);
  }
  void close() noexcept override { inner().close(); }
  bool is_quiet() noexcept override { return inner().is_quiet(); }

 private:
  io::Stream& inner() noexcept { return connection_->stream(); }

  std::shared_ptr<Line> line_;  // owns the quota
  Quota::Permit permit_;
  std::shared_ptr<Connection> connection_;
};

ConnectionPool::Limits limits_of(const UpstreamSettings& settings) {
  return {settings.max_idle, settings.idle_timeout};
}

}  // namespace

Line::Line(std::shared_ptr<Upstream> of, Server& at, const Fetcher::Dependencies& worker)
    : upstream(std::move(of)),
      server(at),
      name(at.address().text()),
      dependencies(worker),
      pool(std::make_shared<ConnectionPool>(worker.executor, worker.sweep, limits_of(upstream->settings()))),
      connector(upstream, server, worker.executor, worker.sweep) {}

HttpReply::HttpReply(std::shared_ptr<Line> line, std::shared_ptr<Connection> connection, Quota::Permit permit,
                     UpstreamRequest& request)
    : line_(std::move(line)),
      permit_(std::move(permit)),
      client_({std::move(connection), request, line_->upstream->settings(), line_->dependencies, line_->name,
               [this](std::shared_ptr<Connection> reusable) {
                 if (reusable) line_->pool->give_back(std::move(reusable));
                 permit_.reset();
               }}) {}

std::unique_ptr<io::Stream> HttpReply::take_stream(std::string& leftover) {
  auto connection = client_.take_connection(leftover);
  if (!connection) return nullptr;
  return std::make_unique<Tunnel>(line_, std::move(permit_), std::move(connection));
}

}  // namespace forebay::upstream
