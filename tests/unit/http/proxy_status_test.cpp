#include "forebay/http/proxy_status.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace forebay::http {
namespace {

TEST(ProxyStatus, ErrorsHaveTheirRegisteredTypeAndStatus) {
  const struct {
    ErrorKind kind;
    const char* type;
    int status;
  } rows[] = {
      {ErrorKind::dns_failure, "dns_error", 502},
      {ErrorKind::connect_refused, "connection_refused", 502},
      {ErrorKind::connect_timeout, "connection_timeout", 504},
      {ErrorKind::tls_certificate, "tls_certificate_error", 502},
      {ErrorKind::connection_lost, "connection_terminated", 502},
      {ErrorKind::first_byte_timeout, "connection_read_timeout", 504},
      {ErrorKind::response_malformed, "http_protocol_error", 502},
      {ErrorKind::response_incomplete, "http_response_incomplete", 502},
      {ErrorKind::queue_full, "connection_limit_reached", 503},
      {ErrorKind::no_server, "destination_unavailable", 503},
      {ErrorKind::request_malformed, "http_request_error", 400},
      {ErrorKind::request_too_large, "http_request_error", 413},
      {ErrorKind::client_stalled, "http_request_error", 408},
      {ErrorKind::system_failure, "proxy_internal_error", 500},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(proxy_error_type(row.kind), row.type);
    EXPECT_EQ(status_for(row.kind), row.status) << row.type;
  }
}

TEST(ProxyStatus, TheStatusAgreesWithTheSideAtFault) {
  for (int i = 0; i <= static_cast<int>(ErrorKind::system_failure); ++i) {
    const auto kind = static_cast<ErrorKind>(i);
    const bool clients = side_at_fault(kind) == Side::client;
    EXPECT_EQ(status_for(kind) / 100, clients ? 4 : 5) << name(kind);
  }
}

TEST(ProxyStatus, TheValueNamesTheTypeAndTheDetails) {
  EXPECT_EQ(
      proxy_status_value({ErrorKind::connect_refused, "10.0.0.1:80"}),
      "forebay; error=connection_refused; details=\"the upstream refused the connection: 10.0.0.1:80\"");
  EXPECT_EQ(proxy_status_value({ErrorKind::cancelled, ""}),
            "forebay; error=proxy_internal_error; details=\"the work was cancelled\"");
}

TEST(ProxyStatus, DetailsAreSafeForAString) {
  EXPECT_EQ(proxy_status_value({ErrorKind::cancelled, "a\"b\\c\r\nd\xc3\xa9\x7f"}),
            "forebay; error=proxy_internal_error; details=\"the work was cancelled: a\\\"b\\\\c??d???\"");
}

TEST(ProxyStatus, DetailsAreCut) {
  const auto value = proxy_status_value({ErrorKind::cancelled, std::string(1000, 'x')});
  const auto begin = value.find('"');
  EXPECT_EQ(value.rfind('"') - begin - 1, 200U);
}

}  // namespace
}  // namespace forebay::http
