// A response being received, with everything it holds: its place in the quota and its connection.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "forebay/upstream/fetcher.hpp"
#include "upstream/connection_pool.hpp"
#include "upstream/connector.hpp"
#include "upstream/http_client.hpp"
#include "upstream/quota.hpp"

namespace forebay::upstream {

/// One worker's side of one server. Shared by the fetcher and the replies that outlive it; lives on one
/// worker.
struct Line {
  Line(std::shared_ptr<Upstream> of, Server& at, const Fetcher::Dependencies& worker);

  const std::shared_ptr<Upstream> upstream;  // owns server
  Server& server;
  const std::string name;  // of the server, in errors
  const Fetcher::Dependencies dependencies;
  const std::shared_ptr<ConnectionPool> pool;
  Connector connector;
};

class HttpReply final : public Reply {
 public:
  HttpReply(std::shared_ptr<Line> line, std::shared_ptr<Connection> connection, Quota::Permit permit,
            UpstreamRequest& request);

  /// Completes with the final head received, or with what went wrong.
  io::Awaitable<std::optional<Error>> start() { return client_.exchange_heads(); }
  /// After a failed start: the place in the quota, for another attempt.
  Quota::Permit take_permit() noexcept { return std::move(permit_); }
  const HttpClient& client() const noexcept { return client_; }

  const http::ResponseHead& head() const noexcept override { return client_.head(); }
  io::BodySource& body() noexcept override { return client_; }
  WallTime request_time() const noexcept override { return client_.request_time(); }
  WallTime response_time() const noexcept override { return client_.response_time(); }
  bool request_sent() const noexcept override { return client_.request_sent(); }
  io::Awaitable<void> stop_sending() override { return client_.stop_sending(); }
  std::unique_ptr<io::Stream> take_stream(std::string& leftover) override;

 private:
  std::shared_ptr<Line> line_;
  Quota::Permit permit_;
  HttpClient client_;
};

}  // namespace forebay::upstream
