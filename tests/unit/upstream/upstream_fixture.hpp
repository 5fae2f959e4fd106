// What the tests of this folder share: a fetch that reads its answer to the end, an origin, a worker and a
// fetcher.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "forebay/upstream/fetcher.hpp"
#include "support/scripted_origin.hpp"
#include "unit/upstream/text_body.hpp"
#include "unit/upstream/worker.hpp"
#include "upstream/quota.hpp"

namespace forebay::upstream::testing {

using test::OriginPeer;
using test::OriginRequest;
using test::OriginResponse;
using test::ScriptedOrigin;

/// An answer read to its end, or to what went wrong.
struct Fetched {
  std::optional<Error> error;       // of fetch()
  std::optional<Error> body_error;  // of reading the body
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::string trailers;
  std::optional<std::uint64_t> length;
  bool request_sent = false;

  std::string field(std::string_view name) const {
    for (const auto& [key, value] : fields) {
      if (key == name) return value;
    }
    return {};
  }
  /// The kind of whatever went wrong; nothing when nothing did.
  std::optional<ErrorKind> failure() const {
    if (error) return error->kind;
    return body_error ? std::optional(body_error->kind) : std::nullopt;
  }
};

inline io::Awaitable<void> read_body(Reply& reply, Fetched& into) {
  char piece[5000];
  for (;;) {
    auto n = co_await reply.body().read_some(asio::buffer(piece));
    if (n.has_error()) into.body_error = n.error();
    if (n.has_error() || *n == 0) break;
    into.body.append(piece, *n);
  }
  into.trailers = reply.body().trailers();
  into.request_sent = reply.request_sent();
}

inline io::Awaitable<Fetched> fetch_all(Fetcher& fetcher, UpstreamRequest& request) {
  Fetched fetched;
  auto reply = co_await fetcher.fetch(request);
  if (reply.has_error()) {
    fetched.error = reply.error();
    co_return fetched;
  }
  const auto& head = (*reply)->head();
  fetched.status = head.status;
  for (const auto& line : head.fields) fetched.fields.emplace_back(line.name, line.value);
  fetched.length = (*reply)->body().length();
  co_await read_body(**reply, fetched);
  co_return fetched;
}

inline UpstreamRequest request_for(http::Method method, const std::string& path) {
  UpstreamRequest request;
  request.method = method;
  request.head = std::string(http::name(method)) + " " + path + " HTTP/1.1\r\nHost: example.org\r\n";
  return request;
}

/// One origin, one worker, one fetcher. At the end every place in the quota must be free again.
class UpstreamTest : public ::testing::Test {
 protected:
  explicit UpstreamTest(const ScriptedOrigin::Options& options = {}) : origin(options) {
    settings.name = "app";
    settings.servers = {origin.url()};
  }
  ~UpstreamTest() override {
    fetcher_.reset();
    worker.settle();
    if (!upstream_) return;
    for (auto& server : upstream_->servers()) {
      EXPECT_EQ(server->quota().in_use(), 0U);
      EXPECT_EQ(server->quota().waiting(), 0U);
    }
    EXPECT_EQ(worker.metrics.upstream_connections.value(), 0);
    EXPECT_EQ(worker.metrics.upstream_queued.value(), 0);
  }

  std::shared_ptr<Upstream> upstream() {
    if (!upstream_) upstream_ = Upstream::make(settings).value();
    return upstream_;
  }
  /// Made with the settings at its first use.
  Fetcher& fetcher() {
    if (!fetcher_) {
      fetcher_ = std::make_unique<Fetcher>(
          upstream(),
          Fetcher::Dependencies{worker.context.get_executor(), worker.sweep, worker.clock, worker.metrics});
    }
    return *fetcher_;
  }
  void drop_fetcher() { fetcher_.reset(); }
  Fetched fetch(UpstreamRequest& request) { return worker.run(fetch_all(fetcher(), request)); }
  Fetched get(const std::string& path) {
    auto request = request_for(http::Method::get, path);
    return fetch(request);
  }
  Fetched post(const std::string& path, io::BodySource& body) {
    auto request = request_for(http::Method::post, path);
    request.body = &body;
    return fetch(request);
  }

  /// The next connection of the origin reads one request, sends `bytes` and ends.
  void next_sends(const std::string& bytes) {
    origin.script([bytes](OriginPeer& peer) {
      peer.read_request();
      peer.send(bytes);
      peer.end_sending();
      peer.wait_for_close();
    });
  }

  ScriptedOrigin origin;
  UpstreamSettings settings;
  Worker worker;

 private:
  std::shared_ptr<Upstream> upstream_;
  std::unique_ptr<Fetcher> fetcher_;
};

}  // namespace forebay::upstream::testing
