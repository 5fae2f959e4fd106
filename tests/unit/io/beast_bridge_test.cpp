#include "forebay/io/beast_bridge.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "malformed_responses.hpp"
#include "parsing.hpp"

namespace forebay::io::testing {
namespace {

using namespace std::string_literals;
using http::FieldId;

constexpr std::string_view kGet =
    "GET /a?b HTTP/1.1\r\nHost: example.com\r\nAccept:  */* \t\r\nEmpty:\r\nX-Y: \xc3\xa4\r\n\r\n";

// ---- heads that are accepted ----------------------------------------------------------------------------

TEST(RequestParser, GivesViewsOfTheHead) {
  const auto text = std::string(kGet) + "next";
  http::RequestHead head;
  RequestParser parser(head, {});
  ASSERT_EQ(parser.parse_head(text), ParseState::complete);
  EXPECT_EQ(parser.head_size(), kGet.size());
  EXPECT_TRUE(parser.has_start_line());
  EXPECT_EQ(head.method, http::Method::get);
  EXPECT_EQ(head.target, "/a?b");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.fields.size(), 4u);
  EXPECT_EQ(head.fields.find(FieldId::host), "example.com");
  EXPECT_EQ(head.fields.find(FieldId::accept), "*/*");
  EXPECT_EQ(head.fields.find("empty"), "");
  EXPECT_EQ(head.fields.find("x-y"), "\xc3\xa4");
  for (const auto& field : head.fields) {
    EXPECT_GE(field.name.data(), text.data());
    EXPECT_LE(field.value.data() + field.value.size(), text.data() + text.size());
  }
  EXPECT_FALSE(parser.has_body());
  EXPECT_FALSE(parser.is_chunked());
  EXPECT_FALSE(parser.needs_eof());
  EXPECT_FALSE(parser.content_length());
  EXPECT_TRUE(parser.keep_alive());
}

TEST(RequestParser, GivesTheSameHeadInWhateverPiecesItArrives) {
  for (const auto& text :
       {std::string(kGet), "GET / HTTP/1.0\r\n\r\n"s, "M-SEARCH * HTTP/1.1\r\nHost:\r\n\r\n"s,
        "POST http://a/ HTTP/1.1\r\nhost: a\r\ntransfer-encoding: Chunked\r\n\r\n"s,
        "PUT / HTTP/1.1\r\nContent-Length: 00010\r\nHost: a\r\n\r\n"s,
        "GET / HTTP/1.1\r\nA: b\r\nA:c\r\n\r\n"s}) {
    const auto whole = parse_at_once<RequestParser>(text);
    EXPECT_EQ(whole.state, ParseState::complete) << text;
    for (const std::size_t step : {1, 2, 3, 5, 7, 16})
      EXPECT_EQ(parse_head<RequestParser>(text, step), whole) << text << step;
  }
}

TEST(RequestParser, ClearsTheHeadItIsGiven) {
  http::RequestHead head;
  head.fields.add("X-Old", "1");
  const RequestParser parser(head, {});
  EXPECT_TRUE(head.fields.empty());
}

TEST(RequestParser, KnowsWhetherTheConnectionPersists) {
  const auto persists = [](std::string_view text) {
    http::RequestHead head;
    RequestParser parser(head, {});
    EXPECT_EQ(parser.parse_head(text), ParseState::complete) << text;
    return parser.keep_alive();
  };
  EXPECT_TRUE(persists("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(persists("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(persists("GET / HTTP/1.1\r\nConnection: te, CLOSE\r\n\r\n"));
  EXPECT_FALSE(persists("GET / HTTP/1.1\r\nConnection: close, keep-alive\r\n\r\n"));
  EXPECT_FALSE(persists("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(persists("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
  // RFC 9112 §9.3: close wins.
  EXPECT_FALSE(persists("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"));
  EXPECT_FALSE(persists("GET / HTTP/1.0\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestParser, KnowsTheFraming) {
  http::RequestHead head;
  RequestParser sized(head, {});
  ASSERT_EQ(sized.parse_head("PUT / HTTP/1.1\r\nContent-Length: 12\r\n\r\n"), ParseState::complete);
  EXPECT_TRUE(sized.has_body());
  EXPECT_EQ(sized.content_length(), 12u);
  EXPECT_EQ(sized.direct_bytes(), 12u);

  RequestParser empty(head, {});
  ASSERT_EQ(empty.parse_head("PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), ParseState::complete);
  EXPECT_FALSE(empty.has_body());
  EXPECT_EQ(empty.content_length(), 0u);

  RequestParser longest(head, {});
  ASSERT_EQ(longest.parse_head("PUT / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n"),
            ParseState::complete);
  EXPECT_EQ(longest.content_length(), UINT64_MAX);

  RequestParser chunked(head, {});
  ASSERT_EQ(chunked.parse_head("PUT / HTTP/1.1\r\nTransfer-Encoding: CHUNKED\r\n\r\n"), ParseState::complete);
  EXPECT_TRUE(chunked.has_body());
  EXPECT_TRUE(chunked.is_chunked());
  EXPECT_EQ(chunked.direct_bytes(), 0u);
  EXPECT_FALSE(chunked.content_length());
}

// ---- heads that are refused -----------------------------------------------------------------------------

template <class Parser>
void expect_refused(const MalformedHead& row) {
  SCOPED_TRACE(row.name);
  EXPECT_EQ(parse_at_once<Parser>(row.text).state, row.state);
  EXPECT_EQ(parse_byte_by_byte<Parser>(row.text).state, row.state);
  typename Parser::Head head;
  Parser parser(head, {});
  const auto state = parser.parse_head(row.text);
  EXPECT_EQ(*parser.what() != '\0', state == ParseState::malformed) << parser.what();
}

TEST(RequestParser, RefusesWhatIsMalformed) {
  const auto rows = malformed_requests();
  EXPECT_GE(rows.size(), 60u);
  for (const auto& row : rows) expect_refused<RequestParser>(row);
}

TEST(ResponseParser, RefusesWhatIsMalformed) {
  for (const auto& row : malformed_responses()) expect_refused<ResponseParser>(row);
}

/// Whatever control character stands wherever in a head, the head is refused.
TEST(RequestParser, RefusesEveryControlCharacterAnywhere) {
  for (std::size_t at = 0; at + 4 < kGet.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      const bool control = (c < 32 && c != '\t') || c == 127;
      std::string text(kGet);
      if (!control || text[at] == static_cast<char>(c)) continue;
      text[at] = static_cast<char>(c);
      EXPECT_NE(parse_at_once<RequestParser>(text).state, ParseState::complete) << c << " at " << at;
    }
  }
}

TEST(RequestParser, SaysWhatIsWrong) {
  const auto what = [](std::string_view text) {
    http::RequestHead head;
    RequestParser parser(head, {});
    EXPECT_EQ(parser.parse_head(text), ParseState::malformed);
    return std::string(parser.what());
  };
  EXPECT_EQ(what("GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n"), "a field value is folded over several lines");
  EXPECT_EQ(what("GET / HTTP/1.1\r\nX : a\r\n\r\n"), "a field name is not a token");
  EXPECT_EQ(what("G(T / HTTP/1.1\r\n\r\n"), "the method is not a token");
  EXPECT_EQ(what("GET / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n"), "Content-Length is malformed");
  EXPECT_EQ(what("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "Transfer-Encoding in an HTTP/1.0 message");
}

// ---- limits ---------------------------------------------------------------------------------------------

std::string head_of_size(std::size_t size) {
  std::string text = "GET / HTTP/1.1\r\nX: ";
  text.append(size - text.size() - 4, 'x');
  return text + "\r\n\r\n";
}

TEST(RequestParser, LimitsTheHeadToItsSize) {
  const ParseLimits limits{.head_bytes = 512};
  for (const std::size_t step : {1, 100, 512, 4096}) {
    EXPECT_EQ(parse_head<RequestParser>(head_of_size(512), step, limits).state, ParseState::complete) << step;
    EXPECT_EQ(parse_head<RequestParser>(head_of_size(513), step, limits).state, ParseState::too_large)
        << step;
    EXPECT_EQ(parse_head<RequestParser>(head_of_size(5000), step, limits).state, ParseState::too_large)
        << step;
  }
  EXPECT_EQ(parse_at_once<RequestParser>(head_of_size(512) + std::string(9999, 'b'), limits).state,
            ParseState::complete);
}

TEST(RequestParser, LimitsARequestLineWithoutEnd) {
  const ParseLimits limits{.head_bytes = 512};
  const auto text = "GET /" + std::string(5000, 'x');
  EXPECT_EQ(parse_at_once<RequestParser>(text, limits).state, ParseState::too_large);
  EXPECT_EQ(parse_byte_by_byte<RequestParser>(text, limits).state, ParseState::too_large);
  http::RequestHead head;
  RequestParser parser(head, limits);
  parser.parse_head(text);
  EXPECT_FALSE(parser.has_start_line());
}

TEST(RequestParser, CallsAMalformedHeadMalformedHoweverMuchFollows) {
  const ParseLimits limits{.head_bytes = 512};
  const auto text = "GET / HTTP/1.1\r\nX : y\r\n\r\n" + std::string(5000, 'x');
  EXPECT_EQ(parse_at_once<RequestParser>(text, limits).state, ParseState::malformed);
}

TEST(RequestParser, LimitsTheNumberOfFields) {
  const ParseLimits limits{.head_bytes = 32768, .fields = 10};
  const auto with_fields = [](int count) {
    std::string text = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": y\r\n";
    return text + "\r\n";
  };
  for (const std::size_t step : {1, 7, 100000}) {
    EXPECT_EQ(parse_head<RequestParser>(with_fields(10), step, limits).state, ParseState::complete);
    EXPECT_EQ(parse_head<RequestParser>(with_fields(11), step, limits).state, ParseState::too_many_fields);
  }
}

// ---- responses ------------------------------------------------------------------------------------------

struct Framing {
  std::string_view head;
  bool has_body;
  bool needs_eof;
  bool keep_alive;
};

TEST(ResponseParser, KnowsWhatFollowsTheHead) {
  const Framing rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, false, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, false, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, false, true},
      {"HTTP/1.1 200 OK\r\n\r\n", true, true, false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", true, true, false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n", true, false, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", true, false, false},
      // RFC 9112 §6.3: these never have a body, whatever the head says.
      {"HTTP/1.1 100 Continue\r\n\r\n", false, false, true},
      {"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n", false, false, true},
      {"HTTP/1.1 204 No Content\r\n\r\n", false, false, true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", false, false, true},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, false, true},
      {"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", false, false, true},
      {"HTTP/1.1 205 \r\nContent-Length: 0\r\n\r\n", false, false, true},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.head);
    http::ResponseHead head;
    ResponseParser parser(head, {});
    ASSERT_EQ(parser.parse_head(row.head), ParseState::complete);
    EXPECT_EQ(parse_byte_by_byte<ResponseParser>(row.head), parse_at_once<ResponseParser>(row.head));
    EXPECT_EQ(parser.has_body(), row.has_body);
    EXPECT_EQ(parser.needs_eof(), row.needs_eof);
    EXPECT_EQ(parser.keep_alive(), row.keep_alive);
    if (!row.has_body) {
      char byte = 0;
      EXPECT_EQ(parser.decode("HTTP/1.1", {&byte, 1}).state, ParseState::complete);
      EXPECT_EQ(parser.direct_bytes(), 0u);
    }
  }
}

TEST(ResponseParser, GivesStatusAndReason) {
  http::ResponseHead head;
  ResponseParser parser(head, {});
  ASSERT_EQ(parser.parse_head("HTTP/1.0 599 a b\t\xff\r\n\r\n"), ParseState::complete);
  EXPECT_EQ(head.status, 599);
  EXPECT_EQ(head.reason, "a b\t\xff");
  EXPECT_EQ(head.minor_version, 0);
}

TEST(ResponseParser, ToAHeadRequestHasNoBody) {
  for (const std::string_view lines : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
    http::ResponseHead head;
    ResponseParser parser(head, {});
    parser.expect_no_body();
    ASSERT_EQ(parser.parse_head(answer(lines)), ParseState::complete);
    EXPECT_FALSE(parser.has_body());
    EXPECT_FALSE(parser.needs_eof());
    EXPECT_TRUE(parser.keep_alive());
  }
}

/// RFC 9112 §6.1: neither may have a coding. Whether chunks follow is anybody's guess, so nothing that comes
/// after such a head is taken for an answer.
TEST(ResponseParser, DoesNotTrustAConnectionAfterACodingWhereNoneMayBe) {
  http::ResponseHead head;
  ResponseParser no_content(head, {});
  ASSERT_EQ(no_content.parse_head("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
            ParseState::complete);
  EXPECT_FALSE(no_content.has_body());
  EXPECT_FALSE(no_content.keep_alive());
  ResponseParser interim(head, {});
  EXPECT_EQ(interim.parse_head("HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n"),
            ParseState::malformed);
}

}  // namespace
}  // namespace forebay::io::testing
