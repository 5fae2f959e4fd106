#include "forebay/cache/coded_tag.hpp"

#include <gtest/gtest.h>

#include "heads.hpp"

namespace forebay::cache {
namespace {

using enum http::Coding;

TEST(CodedTag, AStrongTagNamesTheCoding) {
  EXPECT_EQ(coded_tag("\"abc\"", br), "\"abc~br\"");
  EXPECT_EQ(coded_tag("\"\"", gzip), "\"~gzip\"");
  EXPECT_EQ(coded_tag("\"abc\"", identity), "\"abc~identity\"");
  EXPECT_EQ(coded_tag("W/\"abc\"", br), "W/\"abc\"");
  for (const std::string_view malformed : {"", "abc", "\"abc", "abc\"", "\"a\"b\"", "\""})
    EXPECT_EQ(coded_tag(malformed, br), malformed);
}

TEST(CodedTag, TheSuffixComesOffAgain) {
  for (const auto coding : {identity, gzip, br, zstd})
    EXPECT_EQ(uncoded_tag(coded_tag("\"a~b\"", coding)), "\"a~b\"");
  EXPECT_EQ(uncoded_tag("\"abc~br~gzip\""), "\"abc~br\"") << "one forebay behind another";
  for (const std::string_view other : {"\"abc\"", "\"abc~\"", "\"abc~x\"", "\"abc~BR\"", "\"abc~x-gzip\"",
                                       "\"abcbr\"", "W/\"abc~br\"", "*", "\"abc~br", "abc~br", "", "\"~\""})
    EXPECT_EQ(uncoded_tag(other), other);
}

TEST(CodedTag, ListsReachTheOriginInItsOwnTerms) {
  EXPECT_EQ(origin_tags("\"a~br\""), "\"a\"");
  EXPECT_EQ(origin_tags("\"a~br\",W/\"b\" , \"c,d~gzip\""), "\"a\", W/\"b\", \"c,d\"");
  EXPECT_EQ(origin_tags("*"), "*");
  EXPECT_EQ(origin_tags(""), "");
  EXPECT_EQ(origin_tags("a~br, \"b~br"), "a~br, \"b~br");
}

TEST(CodedTag, TheOriginsTagIsThatOfTheClientsList) {
  const auto asked = fields({{"If-None-Match", "\"x\", \"a~br\""}, {"If-None-Match", "W/\"w\""}});
  EXPECT_EQ(client_tag(asked, "\"a\""), "\"a~br\"");
  EXPECT_EQ(client_tag(asked, "\"x\""), "\"x\"");
  EXPECT_EQ(client_tag(asked, "W/\"w\""), "W/\"w\"");
  EXPECT_EQ(client_tag(asked, "\"other\""), "");
  EXPECT_EQ(client_tag({}, "\"a\""), "");
}

TEST(CodedTag, OnlyWhatWasRecodedHasAnotherTagAtTheOrigin) {
  StoredParts parts;
  parts.head = "HTTP/1.1 200 OK\r\nETag: \"abc~br\"\r\n";
  EXPECT_EQ(origin_tag(*StoredResponse::make(parts)), "\"abc~br\"");
  parts.recoded_from = identity;
  EXPECT_EQ(origin_tag(*StoredResponse::make(parts)), "\"abc\"");
}

}  // namespace
}  // namespace forebay::cache
