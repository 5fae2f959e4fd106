#include "upstream/retry_rule.hpp"

#include "forebay/upstream/connect_failure.hpp"

namespace forebay::upstream {
Retry retry_after(const FailedAttempt& attempt) noexcept {
  if (!attempt.connected) return is_connect_failure(attempt.error) ? Retry::next_server : Retry::none;
  // RFC 9112 §9.3.1: a server may close an idle connection at any time, also while a request is on its way.
  // That, and only that, is repeated: a new connection that dies says something about the request or the
  // server.
  if (!attempt.pooled || attempt.received || attempt.error != ErrorKind::connection_lost) return Retry::none;
  // RFC 9110 §9.2.2: a proxy must not repeat a request that is not idempotent, and nobody a repetition that
  // failed.
  if (attempt.repeated || !http::is_idempotent(attempt.method)) return Retry::none;
  // A body is read once, unless it is held.
  return attempt.body_started ? Retry::none : Retry::fresh_connection;
}

}  // namespace forebay::upstream
