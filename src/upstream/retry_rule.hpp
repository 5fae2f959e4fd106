// Whether, and where, a request that failed may be sent again. Pure.
#pragma once

#include <cstdint>

#include "forebay/base/error.hpp"
#include "forebay/http/method.hpp"

namespace forebay::upstream {

/// What is known of an attempt that failed.
struct FailedAttempt {
  http::Method method = http::Method::other;
  ErrorKind error = ErrorKind::system_failure;
  bool connected = false;     // there was a connection, so bytes of the request may have been sent
  bool pooled = false;        // the connection had served a request before
  bool received = false;      // at least one byte of an answer
  bool body_started = false;  // some of the request body may be used up
  bool repeated = false;      // this was the repetition already
};

enum class Retry : std::uint8_t {
  none,
  fresh_connection,  // repeat it on a new connection to the same server
  next_server,       // it was not sent at all: let another server have it
};

Retry retry_after(const FailedAttempt& attempt) noexcept;

}  // namespace forebay::upstream
