// Message bodies: framing taken off, in whatever pieces they arrive and into however little room.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "parsing.hpp"

namespace forebay::io::testing {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kChunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::size_t kSteps[] = {1, 2, 3, 4, 5, 7, 64, 100000};
constexpr std::size_t kRooms[] = {1, 2, 3, 100000};

struct GoodBody {
  std::string_view name;
  std::string_view text;
  std::string_view body;
  std::string_view trailers = "";
};

const GoodBody kGoodBodies[] = {
    {"nothing", "0\r\n\r\n", ""},
    {"nothing, in many zeros", "0000000000000000000000\r\n\r\n", ""},
    {"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"},
    {"two chunks", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"},
    {"hexadecimal sizes", "a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n", "0123456789abcdefghij"},
    {"leading zeros", "0005\r\nhello\r\n00\r\n\r\n", "hello"},
    {"line ends as data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"},
    {"NUL as data", "1\r\n\0\r\n0\r\n\r\n"sv, "\0"sv},
    {"extensions", "5;a;b=c;d=\"e;\\\"f\"\r\nhello\r\n0;z\r\n\r\n", "hello"},
    {"extensions with whitespace", "5 ; a = b\r\nhello\r\n0\r\n\r\n", "hello"},
    {"an extension with a tab and a byte above 127", "5;a=\"\t\xc3\xa4\"\r\nhello\r\n0\r\n\r\n", "hello"},
    {"a trailer", "0\r\nX-Sum: 1\r\n\r\n", "", "X-Sum: 1\r\n"},
    {"trailers", "2\r\nhi\r\n0\r\nX-Sum: 1\r\nx-empty:\r\nETag:  \"a\" \r\n\r\n", "hi",
     "X-Sum: 1\r\nx-empty: \r\nETag: \"a\"\r\n"},
    // RFC 9110 §6.5.1
    {"trailers that may not be",
     "0\r\nHost: b\r\nSet-Cookie: a\r\nX: y\r\nVary: *\r\nCache-Control: public\r\n"
     "Authorization: z\r\nKeep-Alive: 5\r\nX-Forwarded-For: 1.2.3.4\r\nAge: 1\r\nTrailer: b\r\n\r\n",
     "", "X: y\r\n"},
};

TEST(ChunkedBody, IsDecoded) {
  for (const auto& row : kGoodBodies) {
    for (const auto step : kSteps) {
      for (const auto room : kRooms) {
        SCOPED_TRACE(std::string(row.name) + ", step " + std::to_string(step) + ", room " +
                     std::to_string(room));
        const DecodedBody expected{ParseState::complete, std::string(row.body), std::string(row.trailers),
                                   row.text.size()};
        EXPECT_EQ(decode<RequestParser>(kChunked, row.text, step, room), expected);
      }
    }
  }
}

TEST(ChunkedBody, EndsWhereItEnds) {
  const auto text = "5\r\nhello\r\n0\r\n\r\n";
  const auto decoded = decode<RequestParser>(kChunked, text + std::string("GET / HTTP/1.1\r\n"), 100, 100);
  EXPECT_EQ(decoded.state, ParseState::complete);
  EXPECT_EQ(decoded.body, "hello");
  EXPECT_EQ(decoded.consumed, std::string_view(text).size());
}

TEST(ChunkedBody, IsIncompleteUntilItsLastByte) {
  constexpr std::string_view text = "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(decode<RequestParser>(kChunked, text.substr(0, size), 100, 100).state, ParseState::need_more)
        << size;
    EXPECT_EQ(decode<RequestParser>(kChunked, text.substr(0, size), 1, 1).state, ParseState::need_more)
        << size;
  }
}

struct BadBody {
  std::string_view name;
  std::string_view text;
};

/// RFC 9112 §7.1. Each text goes on far enough that nothing is left to wait for.
const BadBody kBadBodies[] = {
    {"an empty size", "\r\nhello\r\n0\r\n\r\n"},
    {"an empty size before an extension", ";a=b\r\nhello\r\n0\r\n\r\n"},
    {"a negative size", "-5\r\nhello\r\n0\r\n\r\n"},
    {"a size with a plus", "+5\r\nhello\r\n0\r\n\r\n"},
    {"a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"},
    {"a size with an h", "5h\r\nhello\r\n0\r\n\r\n"},
    {"a size with an underscore", "1_0\r\n0123456789012345\r\n0\r\n\r\n"},
    {"a size that is no number", "xyz\r\nhello\r\n0\r\n\r\n"},
    {"a size of 2^64", "10000000000000000\r\nhello\r\n0\r\n\r\n"},
    {"a size of 2^68 + 5", "100000000000000005\r\nhello\r\n0\r\n\r\n"},
    {"a size of many digits", "fffffffffffffffffffffffffffffff\r\nhello\r\n0\r\n\r\n"},
    {"a space before the size", " 5\r\nhello\r\n0\r\n\r\n"},
    {"a space behind the size", "5 \r\nhello\r\n0\r\n\r\n"},
    {"text behind the size", "5 x\r\nhello\r\n0\r\n\r\n"},
    {"a comma behind the size", "5,5\r\nhello\r\n0\r\n\r\n"},
    {"NUL behind the size", "5\0\r\nhello\r\n0\r\n\r\n"sv},
    {"a size that ends in LF", "5\nhello\r\n0\r\n\r\n"},
    {"a size that ends in CR", "5\rhello\r\n0\r\n\r\n"},
    {"a size that ends in CR CR LF", "5\r\r\nhello\r\n0\r\n\r\n"},
    {"data longer than the size", "4\r\nhello\r\n0\r\n\r\n"},
    {"data shorter than the size", "6\r\nhello\r\n0\r\n\r\n"},
    {"no line end behind the data", "5\r\nhello0\r\n\r\n"},
    {"LF behind the data", "5\r\nhello\n0\r\n\r\n"},
    {"CR behind the data", "5\r\nhello\r0\r\n\r\n"},
    {"LF CR behind the data", "5\r\nhello\n\r0\r\n\r\n"},
    {"two line ends behind the data", "5\r\nhello\r\n\r\n0\r\n\r\n"},
    {"an empty extension", "5;\r\nhello\r\n0\r\n\r\n"},
    {"an extension without a name", "5;=b\r\nhello\r\n0\r\n\r\n"},
    {"an extension without a value", "5;a=\r\nhello\r\n0\r\n\r\n"},
    {"an extension with a bare LF", "5;a\nb\r\nhello\r\n0\r\n\r\n"},
    {"a quoted extension with a bare LF", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"},
    {"a quoted extension with a line end", "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n"},
    {"a quoted extension with NUL", "5;a=\"\0\"\r\nhello\r\n0\r\n\r\n"sv},
    {"a quoted extension with an escaped LF", "5;a=\"\\\n\"\r\nhello\r\n0\r\n\r\n"},
    {"a quoted extension of the last chunk with a bare LF", "0;a=\"\n\"\r\n\r\n"},
    {"a quoted extension with DEL", "5;a=\"\x7f\"\r\nhello\r\n0\r\n\r\n"},
    {"text behind the last chunk", "0\r\nhello\r\n\r\n"},
    {"another request behind the last chunk", "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"a trailer without a name", "0\r\n: a\r\n\r\n"},
    {"a trailer without a colon", "0\r\nX\r\n\r\n"},
    {"a trailer with a space before the colon", "0\r\nX : y\r\n\r\n"},
    {"a trailer behind whitespace", "0\r\n X: y\r\n\r\n"},
    {"a folded trailer", "0\r\nX: a\r\n b\r\n\r\n"},
    {"a trailer folded behind an empty line", "0\r\nX:\r\n b\r\n\r\n"},
    {"a trailer with NUL", "0\r\nX: \0\r\n\r\n"sv},
    {"a trailer with a bare LF", "0\r\nX: a\nY: b\r\n\r\n"},
    {"a trailer with a bare CR", "0\r\nX: a\rb\r\n\r\n"},
    {"a length in the trailers", "0\r\nContent-Length: 5\r\n\r\n"},
    {"a coding in the trailers", "0\r\nTransfer-Encoding: chunked\r\n\r\n"},
};

TEST(ChunkedBody, IsRefusedWhenMalformed) {
  for (const auto& row : kBadBodies) {
    for (const auto step : kSteps) {
      for (const auto room : kRooms) {
        SCOPED_TRACE(std::string(row.name) + ", step " + std::to_string(step) + ", room " +
                     std::to_string(room));
        EXPECT_EQ(decode<RequestParser>(kChunked, row.text, step, room).state, ParseState::malformed);
      }
    }
  }
}

TEST(ChunkedBody, IsNotCompleteWhenTheConnectionEnds) {
  http::ResponseHead head;
  ResponseParser parser(head, {});
  ASSERT_EQ(parser.parse_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), ParseState::complete);
  std::string out(10, '\0');
  parser.decode("5\r\nhello\r\n", out);
  EXPECT_EQ(parser.end_of_stream(), ParseState::malformed);
}

TEST(SizedBody, TakesItsLengthAndNoMore) {
  constexpr std::string_view head = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n";
  for (const auto step : kSteps) {
    for (const auto room : kRooms) {
      const DecodedBody expected{ParseState::complete, "hello", "", 5};
      EXPECT_EQ(decode<RequestParser>(head, "helloGET / HTTP/1.1\r\n", step, room), expected);
      EXPECT_EQ(decode<RequestParser>(head, "hell", step, room).state, ParseState::need_more);
    }
  }
}

TEST(SizedBody, MayBeReadDirectly) {
  http::ResponseHead head;
  ResponseParser parser(head, {});
  ASSERT_EQ(parser.parse_head("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), ParseState::complete);
  std::string out(3, '\0');
  EXPECT_EQ(parser.decode("abcdef", out).consumed, 3u);
  EXPECT_EQ(parser.direct_bytes(), 7u);
  EXPECT_EQ(parser.direct(6), ParseState::need_more);
  EXPECT_EQ(parser.end_of_stream(), ParseState::malformed);  // RFC 9112 §8: incomplete
  EXPECT_EQ(parser.direct_bytes(), 1u);
  EXPECT_EQ(parser.direct(1), ParseState::complete);
  EXPECT_EQ(parser.direct_bytes(), 0u);
}

TEST(BodyToTheEnd, IsCompleteWhenTheConnectionEnds) {
  http::ResponseHead head;
  ResponseParser parser(head, {});
  EXPECT_EQ(parser.end_of_stream(), ParseState::malformed);
  ASSERT_EQ(parser.parse_head("HTTP/1.1 200 OK\r\n\r\n"), ParseState::complete);
  std::string out(3, '\0');
  const auto decoded = parser.decode("abcdef", out);
  EXPECT_EQ(decoded.state, ParseState::need_more);
  EXPECT_EQ(decoded.produced, 3u);
  EXPECT_GT(parser.direct_bytes(), 0u);
  EXPECT_EQ(parser.direct(1000), ParseState::need_more);
  EXPECT_EQ(parser.end_of_stream(), ParseState::complete);
}

}  // namespace
}  // namespace forebay::io::testing
