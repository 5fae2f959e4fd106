// A request whose framing is not beyond doubt is refused, its connection closed, and nothing of it goes
// upstream.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

struct Malformed {
  const char* name;
  std::string bytes;
  int status = 400;
};

void PrintTo(const Malformed& malformed, std::ostream* out) { *out << malformed.name; }

/// 505 only where another version stands; what is none at all is malformed.
class StrictFraming : public testing::TestWithParam<Malformed> {};

TEST_P(StrictFraming, IsRefused) {
  Scenario s;
  s.origin.on("*", with("reached the origin", {}));
  s.client.send(GetParam().bytes);
  const auto response = s.client.read();
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_EQ(response.field("Connection"), "close");
  EXPECT_TRUE(s.client.is_closed());
  EXPECT_EQ(s.origin.requests(), 0U);
  EXPECT_TRUE(s.forebay.wait_for_metric("forebay_requests_total{result=\"refused\"}", 1));
}

std::string get(const std::string& lines) { return "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; }
std::string post(const std::string& lines, const std::string& body = "hello") {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n" + body;
}
const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(
    Lengths, StrictFraming,
    testing::Values(Malformed{"LengthAndChunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                                                       "0\r\n\r\n" + kSmuggled)},
                    Malformed{"ChunkedAndLength", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                                                       "0\r\n\r\n" + kSmuggled)},
                    Malformed{"TwoLengths", post("Content-Length: 5\r\nContent-Length: 6\r\n")},
                    Malformed{"TwoEqualLengths", post("Content-Length: 5\r\nContent-Length: 5\r\n")},
                    Malformed{"ListOfLengths", post("Content-Length: 5, 5\r\n")},
                    Malformed{"SignedLength", post("Content-Length: +5\r\n")},
                    Malformed{"NegativeLength", post("Content-Length: -5\r\n")},
                    Malformed{"HexLength", post("Content-Length: 0x5\r\n")},
                    Malformed{"LengthWithSpaceInside", post("Content-Length: 5 5\r\n")},
                    Malformed{"EmptyLength", post("Content-Length: \r\n")},
                    Malformed{"HugeLength", post("Content-Length: 99999999999999999999\r\n")}),
    [](const auto& row) { return std::string(row.param.name); });

INSTANTIATE_TEST_SUITE_P(
    TransferCodings, StrictFraming,
    testing::Values(
        Malformed{"UnknownCoding", post("Transfer-Encoding: gzip\r\n")},
        Malformed{"CodingBeforeChunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
        Malformed{"ChunkedTwice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")},
        Malformed{"ChunkedInTwoLines",
                  post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        Malformed{"ChunkedAndIdentity",
                  post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n")},
        Malformed{"ChunkedNotLast", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")},
        Malformed{"ChunkedWithParameter", post("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n")},
        Malformed{"SpaceBeforeColon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")},
        Malformed{"VerticalTab", post("Transfer-Encoding: \x0b"
                                      "chunked\r\n",
                                      "0\r\n\r\n")},
        Malformed{"InHttp10", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}),
    [](const auto& row) { return std::string(row.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Lines, StrictFraming,
    testing::Values(Malformed{"BareLineFeeds", "GET / HTTP/1.1\nHost: a\n\n", 400},
                    Malformed{"BareLineFeedInAField", get("X: a\nY: b\r\n")},
                    Malformed{"BareCarriageReturn", get("X: a\rY: b\r\n")},
                    Malformed{"FoldedLine", get("X: a\r\n b\r\n")},
                    Malformed{"FoldedWithTab", get("X: a\r\n\tb\r\n")},
                    Malformed{"FoldedFirstField", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
                    Malformed{"NulInAValue", get(std::string("X: a\0b\r\n", 8))},
                    Malformed{"NoColon", get("X\r\n")}, Malformed{"EmptyName", get(": a\r\n")},
                    Malformed{"SpaceInAName", get("X Y: a\r\n")},
                    Malformed{"ControlInAName", get("X\x01: a\r\n")},
                    Malformed{"NoTarget", "GET HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Malformed{"SpaceInTheTarget", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Malformed{"NoVersion", "GET /\r\nHost: a\r\n\r\n"},
                    Malformed{"NotHttp", "\x16\x03\x01\x02\x01\x01\r\n\r\n"},
                    Malformed{"BadMethod", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Malformed{"UnknownVersion", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
                    Malformed{"LowerCaseVersion", "GET / http/1.1\r\nHost: a\r\n\r\n", 400}),
    [](const auto& row) { return std::string(row.param.name); });

INSTANTIATE_TEST_SUITE_P(Hosts, StrictFraming,
                         testing::Values(Malformed{"None", "GET / HTTP/1.1\r\n\r\n"},
                                         Malformed{"Two", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
                                         Malformed{"TwoEqual",
                                                   "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
                                         Malformed{"WithAPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
                                         Malformed{"WithUserinfo", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
                                         Malformed{"BadPort", "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n"},
                                         Malformed{"List", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"}),
                         [](const auto& row) { return std::string(row.param.name); });

/// The head is good, so the request is on its way; the body must not reach the origin as a whole one.
class StrictChunks : public testing::TestWithParam<Malformed> {};

TEST_P(StrictChunks, EndTheConnection) {
  Scenario s;
  s.origin.on("*", with("reached the origin", {}));
  s.client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + GetParam().bytes +
                kSmuggled);
  const auto response = s.client.read();
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.field("Connection"), "close");
  EXPECT_TRUE(s.client.is_closed());
  EXPECT_EQ(s.origin.requests(), 0U);  // counted once the whole body is there
}

INSTANTIATE_TEST_SUITE_P(Chunks, StrictChunks,
                         testing::Values(Malformed{"NoHexDigits", "xyz\r\nhello\r\n0\r\n\r\n"},
                                         Malformed{"Prefix", "0x5\r\nhello\r\n0\r\n\r\n"},
                                         Malformed{"Sign", "+5\r\nhello\r\n0\r\n\r\n"},
                                         Malformed{"Empty", "\r\nhello\r\n0\r\n\r\n"},
                                         Malformed{"TooShort", "3\r\nhello\r\n0\r\n\r\n"},
                                         Malformed{"TooBig", "fffffffffffffffff\r\nhello\r\n0\r\n\r\n"},
                                         Malformed{"BareLineFeed", "5\nhello\r\n0\r\n\r\n"},
                                         Malformed{"BareLineFeedAfterData", "5\r\nhello\n0\r\n\r\n"},
                                         Malformed{"BareLineFeedInTrailers", "0\r\nX: a\n\r\n"},
                                         Malformed{"FoldedTrailer", "0\r\nX: a\r\n b\r\n\r\n"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Smuggling, BytesBehindABodyAreTheNextRequestAndNothingElse) {
  Scenario s;
  s.origin.on("*", [](const OriginRequest& request) {
    return with(request.method + " " + request.target + " " + request.body, {});
  });
  s.client.send(post("Content-Length: 5\r\n", "hello" + get("")));
  EXPECT_EQ(s.client.read().body, "POST / hello");
  EXPECT_EQ(s.client.read().body, "GET / ");
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(Smuggling, RequestInsideABodyStaysThere) {
  Scenario s;
  s.origin.on("*", with("x", {}));
  s.client.post("/a", kSmuggled);
  EXPECT_EQ(s.origin.requests("/smuggled"), 0U);
  EXPECT_EQ(s.origin.last("/a").body, kSmuggled);
}

TEST(Smuggling, GetWithABodyIsPassedWithItsBody) {
  Scenario s;
  s.origin.on("*", fresh("x"));
  const auto response = s.client.exchange("GET", "/a", {}, kSmuggled);
  EXPECT_EQ(response.cache_status(), "forebay; fwd=bypass; detail=request_body");
  EXPECT_EQ(s.origin.requests("/smuggled"), 0U);
  EXPECT_EQ(s.origin.last("/a").body, kSmuggled);
  EXPECT_FALSE(s.client.get("/a").is_hit());
}

TEST(Smuggling, OriginsAnswersStayInStepAfterARefusedUpload) {
  Scenario s;
  s.origin.on("*", [](const OriginRequest& request) { return with(request.target, {}); });
  s.client.get("/warm");  // a pooled connection
  auto broken = s.forebay.client();
  broken.send("POST /broken HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n");
  EXPECT_EQ(broken.read().status, 400);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(s.client.get("/" + std::to_string(i)).body, "/" + std::to_string(i));
}

}  // namespace
}  // namespace forebay::test
