#include "forebay/http/hop_by_hop.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <set>
#include <string>
#include <utility>

namespace forebay::http {
namespace {

/// The names of the fields that pass.
std::multiset<std::string> passing(
    std::initializer_list<std::pair<std::string_view, std::string_view>> lines) {
  Fields fields;
  for (const auto& [name, value] : lines) fields.add(name, value);
  const EndToEnd end_to_end(fields);
  std::multiset<std::string> names;
  for (const auto& field : fields) {
    if (end_to_end.passes(field)) names.emplace(field.name);
  }
  return names;
}
using Names = std::multiset<std::string>;

TEST(HopByHop, TheFieldsOfOneConnection) {
  const std::set<FieldId> hop{FieldId::connection,
                              FieldId::keep_alive,
                              FieldId::proxy_connection,
                              FieldId::te,
                              FieldId::trailer,
                              FieldId::transfer_encoding,
                              FieldId::upgrade,
                              FieldId::proxy_authenticate,
                              FieldId::proxy_authentication_info,
                              FieldId::proxy_authorization};
  for (unsigned i = 0; i < kFieldIds; ++i) {
    const auto id = static_cast<FieldId>(i);
    EXPECT_EQ(is_hop_by_hop(id), hop.count(id) == 1) << name(id);
  }
}

TEST(EndToEnd, HopByHopFieldsNeverPass) {
  EXPECT_EQ(passing({{"Host", "x"},
                     {"Keep-Alive", "timeout=5"},
                     {"TE", "trailers"},
                     {"transfer-encoding", "chunked"},
                     {"Upgrade", "h2c"},
                     {"Proxy-Connection", "close"},
                     {"Proxy-Authorization", "x"},
                     {"Proxy-Authenticate", "Basic"},
                     {"Proxy-Authentication-Info", "x"},
                     {"Trailer", "X-Sum"},
                     {"Connection", "close"},
                     {"Accept", "*"}}),
            (Names{"Host", "Accept"}));
}

TEST(EndToEnd, NominatedFieldsDoNotPassInAnyCase) {
  EXPECT_EQ(passing({{"Connection", "close, X-Foo"}, {"x-foo", "1"}, {"X-FOO", "2"}, {"X-Bar", "3"}}),
            (Names{"X-Bar"}));
  EXPECT_EQ(passing({{"Connection", "x-foo"},
                     {"connection", "HTTP2-Settings"},
                     {"X-Foo", "1"},
                     {"HTTP2-Settings", "AA"},
                     {"Via", "1.1 x"}}),
            (Names{"Via"}));
}

TEST(EndToEnd, ANominationOfAnEndToEndFieldIsIgnored) {
  // Each row would, if honoured, let a client strip what it must not.
  const char* const rows[] = {
      "Host",
      "Content-Length",
      "Content-Type",
      "Content-Encoding",
      "Cache-Control",
      "Date",
      "Age",
      "Vary",
      "Authorization",
      "Cookie",
      "Set-Cookie",
      "ETag",
      "Expires",
      "Last-Modified",
      "Via",
      "X-Forwarded-For",
      "X-Forwarded-Host",
      "X-Forwarded-Proto",
      "X-Forwarded-Port",
      "x-forwarded-anything",
      "Forwarded",
      "Range",
      "If-None-Match",
      "If-Range",
      "Expect",
      "Accept-Encoding",
      "Accept-Language",
      "Origin",
      "Referer",
      "User-Agent",
      "Pragma",
      "Cache-Status",
      "X-Real-IP",
      "CF-Connecting-IP",
      "True-Client-IP",
      "Content-Security-Policy",
      "Access-Control-Allow-Origin",
      "Sec-Fetch-Site",
      "Strict-Transport-Security",
      "CDN-Loop",
  };
  for (const auto* row : rows) EXPECT_EQ(passing({{"Connection", row}, {row, "v"}}), (Names{row})) << row;
}

TEST(EndToEnd, MalformedConnectionOptionsNominateNothingElse) {
  for (const char* value : {"", ",", ", ,", "\"X-Foo\"", "X Foo", "X-Foo;", "X-Fo", "X-Fooo", "\"a, X-Foo",
                            "*", "X-*", "X-Foo: 1", "(X-Foo)", "=X-Foo", "close=X-Foo"}) {
    EXPECT_EQ(passing({{"Connection", value}, {"X-Foo", "1"}}), (Names{"X-Foo"})) << value;
  }
}

TEST(EndToEnd, WithoutConnectionEverythingElsePasses) {
  EXPECT_EQ(passing({{"Host", "x"}, {"X-Foo", "1"}, {"Close", "2"}}), (Names{"Host", "X-Foo", "Close"}));
}

}  // namespace
}  // namespace forebay::http
