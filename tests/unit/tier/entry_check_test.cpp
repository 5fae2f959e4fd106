#include "entry_check.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "forebay/cache/vary.hpp"

namespace forebay::tier {
namespace {

constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();

// ---- heads -----------------------------------------------------------------------------------------------

TEST(EntryCheck, AHeadIsOneThatForebayWrites) {
  const struct {
    std::string head;
    int status;
    std::uint64_t length;
  } rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", 200, 5},
      {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n", 200, 5},
      {"HTTP/1.1 299 \r\nContent-Length: 0\r\n", 299, 0},
      {"HTTP/1.1 404 Nicht da, \xe4\r\nX: a: b\tc \xff\r\nContent-Length: 12\r\nY: \r\n", 404, 12},
      {"HTTP/1.1 204 No Content\r\nX: y\r\n", 204, 0},
      {"HTTP/1.1 204 No Content\r\n", 204, 0},
      {"HTTP/1.1 599 X\r\nSet-Cookie: a=b\r\nContent-Length: 18446744073709551615\r\n", 599, kMost},
  };
  for (const auto& row : rows) EXPECT_TRUE(is_stored_head(row.head, row.status, row.length)) << row.head;
}

TEST(EntryCheck, AnyOtherHeadIsNone) {
  const std::string start = "HTTP/1.1 200 OK\r\n";
  const std::string length = "Content-Length: 5\r\n";
  const std::string good = start + length;
  const std::string rows[] = {
      "",
      "\r\n",
      length,
      start,                                    // nothing says how long it is
      "HTTP/1.1 200 OK",                        // lines that do not end
      "HTTP/1.1 200 OK\n" + length,             //
      start + "Content-Length: 5",              //
      start + "Content-Length: 5\n",            //
      start + "Content-Length: 5\r",            //
      good + "X: y",                            //
      good + "X: y\n",                          //
      good + "X: y\nZ: w\r\n",                  // or end where they must not
      good + "X: y\rZ: w\r\n",                  //
      good + "X: y\n\r\n",                      //
      good + "\r\n",                            // the head's end
      start + "\r\n" + length,                  //
      good + "\r\nHTTP/1.1 200 OK\r\n",         // another response
      good + "X:y\r\n",                         // what for_each_line cannot read
      good + "X :y\r\n",                        //
      good + "X : y\r\n",                       //
      good + "X\r\n",                           //
      good + ": y\r\n",                         //
      good + " X: y\r\n",                       //
      good + "X: y\r\n folded: z\r\n",          //
      good + "X y: z\r\n",                      // no field name
      good + "X\xe4: z\r\n",                    //
      good + std::string("X: \0\r\n", 6),       // no field value
      good + "X: \x7f\r\n",                     //
      good + "X: \x1b[31m\r\n",                 //
      good + length,                            // two lengths
      start + "Content-Length: 6\r\n",          // another length
      start + "Content-Length: 5, 5\r\n",       //
      start + "Content-Length: 05x\r\n",        //
      start + "Content-Length: +5\r\n",         //
      start + "Content-Length: \r\n",           //
      good + "Transfer-Encoding: chunked\r\n",  // what belongs to a connection
      good + "transfer-encoding: gzip\r\n",     //
      good + "Connection: close\r\n",           //
      good + "Keep-Alive: timeout=5\r\n",       //
      good + "Upgrade: h2c\r\n",                //
      good + "Proxy-Authenticate: Basic\r\n",   //
      good + "Trailer: X\r\n",                  //
      good + "Age: 5\r\n",                      // what is written per request
      "HTTP/1.0 200 OK\r\n" + length,           // other status lines
      "HTTP/2 200 OK\r\n" + length,             //
      "http/1.1 200 OK\r\n" + length,           //
      "HTTP/1.1 201 OK\r\n" + length,           //
      "HTTP/1.1 200\r\n" + length,              //
      "HTTP/1.1  200 OK\r\n" + length,          //
      "HTTP/1.1 2000 OK\r\n" + length,          //
      "HTTP/1.1 20 OK\r\n" + length,            //
      "HTTP/1.1 +20 OK\r\n" + length,           //
      "HTTP/1.1 200 O\x01K\r\n" + length,       //
      "HTTP/1.1 200 O\nK\r\n" + length,         //
      "GET / HTTP/1.1\r\n" + length,            //
  };
  for (const auto& row : rows) EXPECT_FALSE(is_stored_head(row, 200, 5)) << row;
}

TEST(EntryCheck, AHeadFitsItsStatus) {
  EXPECT_FALSE(is_stored_head("HTTP/1.1 100 Continue\r\n", 100, 0));
  EXPECT_FALSE(is_stored_head("HTTP/1.1 600 X\r\nContent-Length: 0\r\n", 600, 0));
  EXPECT_FALSE(is_stored_head("HTTP/1.1 999 X\r\nContent-Length: 0\r\n", 999, 0));
  EXPECT_FALSE(is_stored_head("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n", 204, 0));
  EXPECT_FALSE(is_stored_head("HTTP/1.1 204 No Content\r\n", 204, 5));
  EXPECT_FALSE(is_stored_head("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n", 304, 5));
}

// ---- times -----------------------------------------------------------------------------------------------

TEST(EntryCheck, TimesAreThoseThatAResponseCanHave) {
  using cache::Freshness;
  using cache::StoredSeconds;
  const Freshness good{.response_time = WallTime{milliseconds{1}},
                       .initial_age = StoredSeconds::max(),
                       .lifetime = StoredSeconds::max(),
                       .stale_while_revalidate = StoredSeconds::max(),
                       .stale_if_error = StoredSeconds::max()};
  EXPECT_TRUE(is_possible({}));
  EXPECT_TRUE(is_possible(good));
  using Spoil = void (*)(Freshness&);
  const Spoil rows[] = {
      [](Freshness& f) { f.response_time = WallTime{milliseconds{-1}}; },
      [](Freshness& f) { f.response_time = WallTime::min(); },
      [](Freshness& f) { f.response_time = WallTime::max(); },
      [](Freshness& f) { f.response_time = WallTime{milliseconds{253'402'300'800'000}}; },
      [](Freshness& f) { f.initial_age = StoredSeconds{-1}; },
      [](Freshness& f) { f.lifetime = StoredSeconds::min(); },
      [](Freshness& f) { f.stale_while_revalidate = StoredSeconds{-1}; },
      [](Freshness& f) { f.stale_if_error = StoredSeconds{-1}; },
      [](Freshness& f) { f.fetch_time = decltype(f.fetch_time){-1}; },
  };
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    auto freshness = good;
    rows[i](freshness);
    EXPECT_FALSE(is_possible(freshness)) << i;
  }
}

// ---- ranges ----------------------------------------------------------------------------------------------

bool fits(std::optional<std::uint64_t> complete, std::vector<http::ByteRange> held, std::uint64_t body) {
  cache::StoredParts parts;
  parts.complete_length = complete;
  parts.held = held;
  return has_its_ranges(parts, body);
}

TEST(EntryCheck, RangesAreInOrderAndWhatTheBodyHolds) {
  EXPECT_TRUE(fits(std::nullopt, {}, 5));
  EXPECT_TRUE(fits(100, {}, 0));  // the head of what is kept in slices
  EXPECT_TRUE(fits(100, {{0, 4}}, 5));
  EXPECT_TRUE(fits(100, {{95, 99}}, 5));
  EXPECT_TRUE(fits(100, {{0, 0}, {2, 2}, {4, 6}}, 5));
  EXPECT_TRUE(fits(kMost, {{0, 1}, {kMost - 1, kMost - 1}}, 3));

  EXPECT_FALSE(fits(std::nullopt, {{0, 4}}, 5));
  EXPECT_FALSE(fits(100, {}, 5));
  EXPECT_FALSE(fits(100, {{0, 4}}, 4));
  EXPECT_FALSE(fits(100, {{0, 4}}, 6));
  EXPECT_FALSE(fits(100, {{96, 100}}, 5));
  EXPECT_FALSE(fits(100, {{4, 0}}, 5));
  EXPECT_FALSE(fits(100, {{5, 7}, {0, 1}}, 5));
  EXPECT_FALSE(fits(100, {{0, 2}, {2, 3}}, 5));
  EXPECT_FALSE(fits(kMost, {{0, kMost}}, 0));
  EXPECT_FALSE(fits(kMost, {{1, kMost}, {0, 0}}, 0));
  EXPECT_FALSE(fits(0, {{0, 0}}, 1));
  std::vector<http::ByteRange> many;
  for (std::uint64_t i = 0; i <= cache::kMaxHeldRanges; ++i) many.push_back({2 * i, 2 * i});
  EXPECT_FALSE(fits(1000, many, many.size()));
  many.pop_back();
  EXPECT_TRUE(fits(1000, many, many.size()));
}

// ---- names -----------------------------------------------------------------------------------------------

TEST(EntryCheck, NamesAreThoseOfFieldsAndCookies) {
  for (const auto* good : {"accept", "accept,accept-language", "cookie=SID,x-device", "a,b,c"})
    EXPECT_TRUE(are_selecting_names(good)) << good;
  const std::string rows[] = {
      "",     ",",   "a,",      ",a",         "a,,b", "a b",  "a\n",
      "a, b", "*/*", "cookie=", "cookie=a=b", "a=b",  "\xe4", std::string(cache::kMaxVaryNames + 1, 'a')};
  for (const auto& row : rows) EXPECT_FALSE(are_selecting_names(row)) << row;
}

}  // namespace
}  // namespace forebay::tier
