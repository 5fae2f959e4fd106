#include "forebay/base/error.hpp"

#include <array>
#include <cstddef>

namespace forebay {
namespace {

constexpr bool kRetry = true;
constexpr bool kFinal = false;

struct Facts {
  ErrorKind kind;
  std::string_view name;
  Side side;
  bool may_retry;
  std::string_view sentence;
};

// One row per kind, in the order of the enumeration.
//
// Failures before the upstream can have acted (no address, no connection, no handshake) may pass on another
// connection or another server. So may a connection that closed before an answer, the usual end of an idle
// one, and a first byte that never came. Not so a certificate, an answer that is there but wrong, or our own
// queue: asking again adds load and changes nothing.
constexpr std::array kFacts{
    Facts{ErrorKind::dns_failure, "dns_failure", Side::upstream, kRetry,
          "the upstream's name could not be resolved"},
    Facts{ErrorKind::connect_refused, "connect_refused", Side::upstream, kRetry,
          "the upstream refused the connection"},
    Facts{ErrorKind::connect_failed, "connect_failed", Side::upstream, kRetry,
          "the upstream could not be reached"},
    Facts{ErrorKind::connect_timeout, "connect_timeout", Side::upstream, kRetry,
          "the upstream did not accept the connection in time"},
    Facts{ErrorKind::tls_failure, "tls_failure", Side::upstream, kRetry,
          "the TLS handshake with the upstream failed"},
    Facts{ErrorKind::tls_certificate, "tls_certificate", Side::upstream, kFinal,
          "the upstream's certificate was not accepted"},
    Facts{ErrorKind::connection_lost, "connection_lost", Side::upstream, kRetry,
          "the upstream closed the connection before it answered"},
    Facts{ErrorKind::first_byte_timeout, "first_byte_timeout", Side::upstream, kRetry,
          "the upstream did not start to answer in time"},
    Facts{ErrorKind::between_bytes_timeout, "between_bytes_timeout", Side::upstream, kFinal,
          "the upstream stalled in the middle of its answer"},
    Facts{ErrorKind::response_malformed, "response_malformed", Side::upstream, kFinal,
          "the upstream's answer is not valid HTTP/1.1"},
    Facts{ErrorKind::response_incomplete, "response_incomplete", Side::upstream, kFinal,
          "the upstream's answer ended early"},
    Facts{ErrorKind::response_too_large, "response_too_large", Side::upstream, kFinal,
          "the upstream's answer has a head larger than the limit"},
    Facts{ErrorKind::server_error, "server_error", Side::upstream, kFinal,
          "the upstream answered with a server error"},
    Facts{ErrorKind::queue_full, "queue_full", Side::upstream, kFinal,
          "too many requests wait for a connection to the upstream"},
    Facts{ErrorKind::queue_timeout, "queue_timeout", Side::upstream, kFinal,
          "no connection to the upstream became free in time"},
    Facts{ErrorKind::no_server, "no_server", Side::upstream, kFinal,
          "the upstream has no server that can be asked"},
    Facts{ErrorKind::request_malformed, "request_malformed", Side::client, kFinal,
          "the request is not valid HTTP"},
    Facts{ErrorKind::request_too_large, "request_too_large", Side::client, kFinal,
          "the request body is larger than the limit"},
    Facts{ErrorKind::client_gone, "client_gone", Side::client, kFinal, "the client closed the connection"},
    Facts{ErrorKind::client_stalled, "client_stalled", Side::client, kFinal,
          "the client neither sent nor took data in time"},
    Facts{ErrorKind::redis_unavailable, "redis_unavailable", Side::redis, kFinal,
          "Redis cannot be reached or is left alone for a while"},
    Facts{ErrorKind::redis_timeout, "redis_timeout", Side::redis, kFinal, "Redis did not answer in time"},
    Facts{ErrorKind::redis_busy, "redis_busy", Side::redis, kFinal, "too many calls to Redis are under way"},
    Facts{ErrorKind::redis_error, "redis_error", Side::redis, kFinal, "Redis refused the command"},
    Facts{ErrorKind::redis_protocol, "redis_protocol", Side::redis, kFinal,
          "what Redis answered cannot be understood or is larger than the limit"},
    Facts{ErrorKind::cancelled, "cancelled", Side::forebay, kFinal, "the work was cancelled"},
    Facts{ErrorKind::invalid_value, "invalid_value", Side::forebay, kFinal,
          "a value could not be understood"},
    Facts{ErrorKind::system_failure, "system_failure", Side::forebay, kFinal,
          "the operating system refused a call"},
};

constexpr bool rows_stand_in_order() {
  for (std::size_t i = 0; i < kFacts.size(); ++i) {
    if (kFacts[i].kind != static_cast<ErrorKind>(i)) return false;
  }
  return kFacts.size() == static_cast<std::size_t>(ErrorKind::system_failure) + 1;
}
static_assert(rows_stand_in_order());

constexpr const Facts& facts(ErrorKind kind) noexcept { return kFacts[static_cast<std::size_t>(kind)]; }

}  // namespace

std::string_view name(ErrorKind kind) noexcept { return facts(kind).name; }

std::string_view sentence(ErrorKind kind) noexcept { return facts(kind).sentence; }

Side side_at_fault(ErrorKind kind) noexcept { return facts(kind).side; }

bool may_retry(ErrorKind kind) noexcept { return facts(kind).may_retry; }

std::string describe(const Error& error) {
  std::string text{sentence(error.kind)};
  if (!error.detail.empty()) text.append(": ").append(error.detail);
  return text;
}

}  // namespace forebay
