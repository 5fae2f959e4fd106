// Where answers go: the lifecycle decides what is sent, the downstream side how it is framed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "forebay/base/result.hpp"
#include "forebay/cache/body.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/range.hpp"
#include "forebay/io/asio.hpp"
#include "forebay/io/stream.hpp"

namespace forebay::proxy {

/// A response that is complete in memory: parts to be written one after the other. Head and extra fields are
/// lines ended by CRLF without the empty line; whoever writes adds Connection and that. Content-Length is
/// among them.
struct Answer {
  int status = 200;
  std::string_view head;
  std::string_view extra;               // fields of this very response: Age, Cache-Status …
  const cache::Body* body = nullptr;    // nothing for HEAD, 304 …
  std::optional<http::ByteRange> part;  // of `body`, within its bounds; nothing: all of it
  std::string_view text;                // a short body instead of `body`
  cache::BodyPtr made_body;             // owns `body` when it is not a stored one
  cache::StoredResponsePtr keep;        // what the views point into, when it is a stored response
  bool close = false;                   // the connection must not be used again

  std::uint64_t body_size() const noexcept {
    if (part) return part->size();
    return body ? body->size() : text.size();
  }
};

/// How a streamed body is announced.
struct BodyPlan {
  bool none = false;                    // no body at all: HEAD, 204, 304
  std::optional<std::uint64_t> length;  // otherwise until finish(): chunked, or by closing for HTTP/1.0
};

/// One exchange's way back to the client. Lives on the exchange's worker; calls are made one after the other.
/// A failure means that the client is gone or stalled: there is no use in sending more.
class Responder {
 public:
  virtual ~Responder() = default;

  /// A whole response. The answer's views must outlive the operation.
  virtual io::Awaitable<Result<void>> send(const Answer& answer) = 0;

  /// An interim response's head; not sent to HTTP/1.0 clients. Queued if a write is under way.
  virtual void interim(std::string_view head) = 0;

  // A streamed response: start, any number of writes, finish. Without finish the client sees that it is
  // incomplete.
  virtual io::Awaitable<Result<void>> start(int status, std::string_view head, std::string_view extra,
                                            BodyPlan plan) = 0;
  virtual io::Awaitable<Result<void>> write(std::span<const cache::Slice> slices) = 0;
  virtual io::Awaitable<Result<void>> write(std::string_view bytes) = 0;
  virtual io::Awaitable<Result<void>> finish(std::string_view trailers) = 0;

  /// The connection cannot be used for another request: what was promised cannot be kept.
  virtual void close_after() noexcept = 0;
  /// Sends the 101 head, then carries bytes both ways until one side ends.
  virtual io::Awaitable<void> tunnel(std::string_view head, std::unique_ptr<io::Stream> upstream,
                                     std::string leftover) = 0;
};

}  // namespace forebay::proxy
