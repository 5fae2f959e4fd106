// Sends a request upstream and receives the answer: connections, retries, limits and time-outs are settled
// here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/base/result.hpp"
#include "forebay/http/message.hpp"
#include "forebay/io/asio.hpp"
#include "forebay/io/body.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/stream.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/upstream/origin.hpp"

namespace forebay::upstream {

struct UpstreamRequest {
  http::Method method = http::Method::get;
  /// Request line and end-to-end field lines with Host, each ended by CRLF, without the empty line,
  /// Connection and framing fields: the fetcher writes those.
  std::string head;
  /// The body, or nothing. Framed by Content-Length when its length is known, chunked otherwise. Must outlive
  /// the exchange: the Reply goes on reading it until the answer is complete.
  io::BodySource* body = nullptr;
  /// The Upgrade value to ask for ("websocket"); "" for none. Only then may the answer be 101.
  std::string upgrade;
  /// Called for each interim response but 100 and 101 (RFC 9110 §15.2).
  std::function<void(const http::ResponseHead&)> on_interim;
  /// Ends the fetch and the reading of its reply with `cancelled`; may be nothing.
  io::Cancel* cancel = nullptr;
};

/// A response being received. Lives on one worker. Destroying it before the body's end closes the connection;
/// at the end of the body the connection goes back to the pool.
class Reply {
 public:
  virtual ~Reply() = default;

  virtual const http::ResponseHead& head() const noexcept = 0;
  virtual io::BodySource& body() noexcept = 0;
  /// When the request was sent (its first byte), and when the head was complete: RFC 9111 §4.2.3.
  virtual WallTime request_time() const noexcept = 0;
  virtual WallTime response_time() const noexcept = 0;
  /// True once the request body has been sent to its end. When the answer is complete and this is false, the
  /// client's connection cannot be used again.
  virtual bool request_sent() const noexcept = 0;
  /// Gives up sending the request body and completes when that is not being read any more. Not needed at the
  /// end of the answer or after a failed read; whoever gives up a Reply earlier waits for this before the
  /// request's body may go.
  virtual io::Awaitable<void> stop_sending() = 0;

  /// After a 101: the connection itself, with what was received beyond the head put into `leftover`.
  virtual std::unique_ptr<io::Stream> take_stream(std::string& leftover) = 0;
};

/// Memory that receiving one response takes, the body's own apart: a head and two pieces of a chunked body.
inline constexpr std::size_t kFetchBuffers = 40 * 1024;

/// One worker's side of one upstream: its pooled connections. Not thread-safe; lives on one worker.
class Fetcher {
 public:
  struct Dependencies {
    io::Executor executor;
    io::Sweep& sweep;
    const Clock& clock;
    observe::WorkerMetrics& metrics;
  };
  Fetcher(std::shared_ptr<Upstream> upstream, const Dependencies& dependencies);
  ~Fetcher();

  /// Completes with the final response's head, its body still to be read; interim responses are gone by then.
  /// A request is sent again on another connection, once, when a pooled one turns out dead before anything
  /// was received and the request is idempotent and has no body, or one that can be read again (RFC 9110
  /// §9.2.2, RFC 9112 §9.3.1). It goes to another server when a connection cannot be made: nothing was sent
  /// then, so that holds for every method. `request` must outlive the Reply. After a failure, or when
  /// cancelled, its body is not read any more and nothing is left behind but a closed connection.
  io::Awaitable<Result<std::unique_ptr<Reply>>> fetch(UpstreamRequest& request);

  const Upstream& upstream() const noexcept;
  /// Closes pooled connections (drain, or the upstream has left the configuration); replies under way are not
  /// touched.
  void close_idle();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace forebay::upstream
