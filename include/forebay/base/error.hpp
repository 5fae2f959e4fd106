// What can go wrong while answering a request: the kind, whose fault it is and whether asking again may help.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace forebay {

/// Every failure the request path knows. The comment is the sentence an operator reads.
enum class ErrorKind : std::uint8_t {
  // upstream
  dns_failure,            // the upstream's name could not be resolved
  connect_refused,        // the upstream refused the connection
  connect_failed,         // the upstream could not be reached
  connect_timeout,        // the upstream did not accept the connection in time
  tls_failure,            // the TLS handshake with the upstream failed
  tls_certificate,        // the upstream's certificate was not accepted
  connection_lost,        // the upstream closed the connection before it answered
  first_byte_timeout,     // the upstream did not start to answer in time
  between_bytes_timeout,  // the upstream stalled in the middle of its answer
  response_malformed,     // the upstream's answer is not valid HTTP/1.1
  response_incomplete,    // the upstream's answer ended early
  response_too_large,     // the upstream's answer has a head larger than the limit
  server_error,           // the upstream answered with a server error
  queue_full,             // too many requests wait for a connection to the upstream
  queue_timeout,          // no connection to the upstream became free in time
  no_server,              // the upstream has no server that can be asked
  // client
  request_malformed,  // the request is not valid HTTP
  request_too_large,  // the request body is larger than the limit
  client_gone,        // the client closed the connection
  client_stalled,     // the client neither sent nor took data in time
  // Redis; never sent to a client, whose request goes on without it
  redis_unavailable,  // Redis cannot be reached or is left alone for a while
  redis_timeout,      // Redis did not answer in time
  redis_busy,         // too many calls to Redis are under way
  redis_error,        // Redis refused the command
  redis_protocol,     // what Redis answered cannot be understood or is larger than the limit
  // forebay
  cancelled,       // the work was cancelled
  invalid_value,   // a value could not be understood
  system_failure,  // the operating system refused a call
};

enum class Side : std::uint8_t { client, upstream, redis, forebay };

/// A failure with its detail. The detail names the culprit (an address, a field, a value); it may be empty.
struct Error {
  ErrorKind kind = ErrorKind::system_failure;
  std::string detail{};

  friend bool operator==(const Error&, const Error&) = default;
};

/// The stable name of a kind, used alike in logs, metrics and Cache-Status details: "connect_refused".
std::string_view name(ErrorKind kind) noexcept;
/// One sentence without a full stop: "the upstream refused the connection".
std::string_view sentence(ErrorKind kind) noexcept;
Side side_at_fault(ErrorKind kind) noexcept;
/// True if the same request may succeed when it is sent again on another connection and nothing was answered
/// yet. Whether it may be sent again is the method's business (RFC 9110 §9.2.2).
bool may_retry(ErrorKind kind) noexcept;
/// sentence, and the detail after a colon when there is one.
std::string describe(const Error& error);

}  // namespace forebay
