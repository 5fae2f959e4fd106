#include "forebay/http/proxy_status.hpp"

#include <array>
#include <cstddef>

namespace forebay::http {
namespace {

struct Row {
  ErrorKind kind;
  std::string_view type;
  int status;
};

// Types and recommended status codes: RFC 9209 §2.3.
constexpr std::array kRows{
    Row{ErrorKind::dns_failure, "dns_error", 502},
    Row{ErrorKind::connect_refused, "connection_refused", 502},
    Row{ErrorKind::connect_failed, "destination_ip_unroutable", 502},
    Row{ErrorKind::connect_timeout, "connection_timeout", 504},
    Row{ErrorKind::tls_failure, "tls_protocol_error", 502},
    Row{ErrorKind::tls_certificate, "tls_certificate_error", 502},
    Row{ErrorKind::connection_lost, "connection_terminated", 502},
    Row{ErrorKind::first_byte_timeout, "connection_read_timeout", 504},
    Row{ErrorKind::between_bytes_timeout, "connection_read_timeout", 504},
    Row{ErrorKind::response_malformed, "http_protocol_error", 502},
    Row{ErrorKind::response_incomplete, "http_response_incomplete", 502},
    Row{ErrorKind::response_too_large, "http_response_header_section_size", 502},
    Row{ErrorKind::server_error, "destination_unavailable", 502},
    Row{ErrorKind::queue_full, "connection_limit_reached", 503},
    Row{ErrorKind::queue_timeout, "connection_limit_reached", 503},
    Row{ErrorKind::no_server, "destination_unavailable", 503},
    Row{ErrorKind::request_malformed, "http_request_error", 400},
    Row{ErrorKind::request_too_large, "http_request_error", 413},
    Row{ErrorKind::client_gone, "http_request_error", 499},  // unregistered and never sent: as nginx logs it
    Row{ErrorKind::client_stalled, "http_request_error", 408},
    Row{ErrorKind::redis_unavailable, "proxy_internal_error", 500},  // as the others of Redis: never sent
    Row{ErrorKind::redis_timeout, "proxy_internal_error", 500},
    Row{ErrorKind::redis_busy, "proxy_internal_error", 500},
    Row{ErrorKind::redis_error, "proxy_internal_error", 500},
    Row{ErrorKind::redis_protocol, "proxy_internal_error", 500},
    Row{ErrorKind::cancelled, "proxy_internal_error", 500},
    Row{ErrorKind::invalid_value, "proxy_internal_error", 500},
    Row{ErrorKind::system_failure, "proxy_internal_error", 500},
};

constexpr bool rows_stand_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].kind != static_cast<ErrorKind>(i)) return false;
  }
  return kRows.size() == static_cast<std::size_t>(ErrorKind::system_failure) + 1;
}
static_assert(rows_stand_in_order());

constexpr const Row& row(ErrorKind kind) noexcept { return kRows[static_cast<std::size_t>(kind)]; }

/// As an sf-string: printable ASCII, quote and backslash escaped (RFC 9651 §3.3.3).
void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c >= 0x20 && c < 0x7f ? c : '?');
  }
  out.push_back('"');
}

}  // namespace

std::string_view proxy_error_type(ErrorKind kind) noexcept { return row(kind).type; }

int status_for(ErrorKind kind) noexcept { return row(kind).status; }

std::string proxy_status_value(const Error& error) {
  constexpr std::size_t kMaxDetails = 200;
  std::string value{"forebay; error="};
  value.append(proxy_error_type(error.kind)).append("; details=");
  append_string(value, describe(error).substr(0, kMaxDetails));
  return value;
}

}  // namespace forebay::http
