#include "tier/redis_reader.hpp"

#include <gtest/gtest.h>

namespace forebay::tier {
namespace {

using namespace std::string_view_literals;
using Kind = RedisReply::Kind;

/// All replies in the bytes, given in pieces of `step`; the error's detail when they are malformed.
struct Read {
  std::vector<RedisReply> replies;
  std::string fault;
};
Read read_all(std::string_view bytes, std::size_t step, const RedisReplyLimits& limits = {}) {
  RedisReader reader(limits);
  Read read;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    reader.feed(bytes.substr(at, step));
    for (;;) {
      auto next = reader.next();
      if (next.has_error()) {
        EXPECT_EQ(next.error().kind, ErrorKind::redis_protocol);
        EXPECT_TRUE(reader.next().has_error());  // it stays so
        read.fault = next.error().detail;
        return read;
      }
      if (!*next) break;
      read.replies.push_back(std::move(**next));
    }
  }
  return read;
}

RedisReply text_of(Kind kind, std::string text) { return {.kind = kind, .text = std::move(text)}; }
RedisReply number(std::int64_t value) { return {.kind = Kind::integer, .integer = value}; }
RedisReply array(std::vector<RedisReply> elements) {
  return {.kind = Kind::array, .elements = std::move(elements)};
}

TEST(RedisReader, ReadsEveryKindOfReplyInPiecesOfAnySize) {
  constexpr auto bytes =
      "+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
      "*3\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n-ERR in it\r\n+PONG\r\n"sv;
  const std::vector<RedisReply> expected{
      text_of(Kind::status, "OK"),
      text_of(Kind::error, "ERR no"),
      number(-42),
      text_of(Kind::string, std::string("a\r\n\0b", 5)),
      text_of(Kind::string, ""),
      {},
      {},
      array({}),
      array({number(1), array({text_of(Kind::string, "x"), array({})}), text_of(Kind::error, "ERR in it")}),
      text_of(Kind::status, "PONG"),
  };
  for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U}) {
    const auto read = read_all(bytes, step);
    EXPECT_EQ(read.fault, "");
    EXPECT_TRUE(read.replies == expected) << step;
  }
}

TEST(RedisReader, RefusesWhatIsNotResp) {
  const std::string rows[] = {
      "HTTP/1.1 400 Bad Request\r\n",
      "OK\r\n",
      "\r\n",
      std::string("\0", 1),
      "$x\r\n",
      "$-2\r\n",
      "$99999999999999999999\r\n",
      "*x\r\n",
      "*-2\r\n",
      "*99999999999999999999\r\n",
      ":\r\n",
      ":1x\r\n",
      ":99999999999999999999\r\n",
      "*1\r\n!\r\n",
      "*2\r\n:1\r\nx\r\n",
      "_\r\n",  // the types of RESP3
      ",1.5\r\n",
      "#t\r\n",
      "%1\r\n+a\r\n+b\r\n",
      "~1\r\n+a\r\n",
      ">1\r\n+a\r\n",
  };
  for (const auto& row : rows)
    for (const std::size_t step : {1U, 1000U}) {
      const auto read = read_all(row, step);
      EXPECT_NE(read.fault, "") << row;
      EXPECT_TRUE(read.replies.empty()) << row;
    }
}

TEST(RedisReader, KeepsWithinItsLimits) {
  const RedisReplyLimits limits{.bytes = 10, .elements = 4, .depth = 3};
  const struct {
    std::string_view bytes;
    bool fits;
  } rows[] = {
      {"$10\r\n0123456789\r\n", true},
      {"$11\r\n", false},  // before a byte of it has come
      {"$11\r\n0123456789a\r\n", false},
      {"+0123456789\r\n", true},
      {"+0123456789a\r\n", false},
      {"*2\r\n$5\r\n01234\r\n$5\r\n01234\r\n", true},
      {"*2\r\n$5\r\n01234\r\n$6\r\n", false},
      {"*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", true},
      {"*5\r\n", false},
      {"*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n", true},
      {"*2\r\n*3\r\n", false},
      {"*2000000000\r\n", false},
      {"*1\r\n*1\r\n*1\r\n:1\r\n", true},
      {"*1\r\n*1\r\n*1\r\n*1\r\n", false},
      {"*1\r\n*1\r\n*1\r\n*0\r\n", false},
  };
  for (const auto& row : rows)
    for (const std::size_t step : {1U, 1000U}) {
      const auto read = read_all(row.bytes, step, limits);
      EXPECT_EQ(read.fault.empty(), row.fits) << row.bytes << ": " << read.fault;
      EXPECT_EQ(read.replies.size(), row.fits ? 1U : 0U) << row.bytes;
    }
}

TEST(RedisReader, LimitsAreForOneReply) {
  const RedisReplyLimits limits{.bytes = 10, .elements = 2};
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += "*2\r\n$5\r\n01234\r\n$5\r\n01234\r\n";
  EXPECT_EQ(read_all(bytes, 1000, limits).replies.size(), 100U);
}

TEST(RedisReader, WaitsForNoEndOfALineThatIsTooLong) {
  for (const std::string type : {"+", "-", ":", "$", "*"}) {
    RedisReader reader{RedisReplyLimits()};
    reader.feed(type + std::string(70'000, '1'));
    EXPECT_TRUE(reader.next().has_error()) << type;
  }
}

TEST(RedisReader, GoesInTheMiddleOfAReply) {
  RedisReader reader{RedisReplyLimits()};
  reader.feed("*2\r\n$3\r\nabc\r\n*2\r\n:1\r\n$100\r\nxyz");
  EXPECT_FALSE(reader.next()->has_value());
}

}  // namespace
}  // namespace forebay::tier
