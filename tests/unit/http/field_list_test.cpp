#include "forebay/http/field_list.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace forebay::http {
namespace {

std::vector<std::string> elements(std::string_view list) {
  std::vector<std::string> result;
  while (const auto element = next_element(list)) result.emplace_back(*element);
  EXPECT_TRUE(list.empty());
  return result;
}

TEST(FieldList, SplitsAtCommasOutsideQuotedStrings) {
  const struct {
    const char* list;
    std::vector<std::string> elements;
  } rows[] = {
      {"a", {"a"}},
      {"a,b", {"a", "b"}},
      {" a ,\tb\t", {"a", "b"}},
      {"a b, c", {"a b", "c"}},
      {"a=\"b,c\", d", {"a=\"b,c\"", "d"}},
      {"\"a\\\",b\",c", {"\"a\\\",b\"", "c"}},
      {"\"a\\\\\",b", {"\"a\\\\\"", "b"}},
      {"a\"b,c\"d, e", {"a\"b,c\"d", "e"}},
      {"\"\",\"\"", {"\"\"", "\"\""}},
      {"no-cache=\"set-cookie, x\", max-age=1", {"no-cache=\"set-cookie, x\"", "max-age=1"}},
  };
  for (const auto& row : rows) EXPECT_EQ(elements(row.list), row.elements) << row.list;
}

TEST(FieldList, EmptyElementsAreSkipped) {
  for (const char* list : {"", " ", ",", ", ,", ",   ,", "\t,\t", ",,,,"}) {
    EXPECT_TRUE(elements(list).empty()) << list;
  }
  EXPECT_EQ(elements(",a,, b ,"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(elements("foo , ,bar,charlie"), (std::vector<std::string>{"foo", "bar", "charlie"}));
}

TEST(FieldList, AnUnterminatedQuotedStringRunsToTheEnd) {
  const struct {
    const char* list;
    std::vector<std::string> elements;
  } rows[] = {
      {"a, \"b, c", {"a", "\"b, c"}},
      {"\"", {"\""}},
      {"\"\\", {"\"\\"}},
      {"\"\\\"", {"\"\\\""}},
      {"x=\"a\\\", b", {"x=\"a\\\", b"}},
      {"a\", b", {"a\", b"}},
      {"\"a\"\", b", {"\"a\"\", b"}},
      {",\"", {"\""}},
      {" \" , ", {"\" ,"}},
      {"a,\"\\", {"a", "\"\\"}},
      {"\"\\\\\\\", b", {"\"\\\\\\\", b"}},
      {"'a, b'", {"'a", "b'"}},
      {"\\\"a, b", {"\\\"a, b"}},
      {"a=\"b\"c\"d, e", {"a=\"b\"c\"d, e"}},
      {"\"a\r\n, b", {"\"a\r\n, b"}},
      {"(a, b)", {"(a", "b)"}},
      {"a\v, b", {"a\v", "b"}},
  };
  for (const auto& row : rows) EXPECT_EQ(elements(row.list), row.elements) << row.list;
}

TEST(FieldList, KnowsAnOpenQuote) {
  for (const char* open : {"\"", "a\"", "\"a", "\"a\\\"", "\"\\", "\"a\" \"", "a=\"b, c", "\"\"\"", "a\\\""})
    EXPECT_TRUE(has_open_quote(open)) << open;
  for (const char* closed :
       {"", "a", "\"\"", "\"a\\\"\"", "a=\"b\", c=\"d\"", "\\", "\"\\\\\"", "'", "a\\\"\""})
    EXPECT_FALSE(has_open_quote(closed)) << closed;
}

TEST(FieldList, ABackslashOutsideQuotesEscapesNothing) {
  EXPECT_EQ(elements("a\\,b"), (std::vector<std::string>{"a\\", "b"}));
}

TEST(FieldList, ForEachElementWalksAllLinesInOrder) {
  Fields fields;
  fields.add("Connection", "close, a");
  fields.add("Via", "1.1 x");
  fields.add("connection", "");
  fields.add("connection", "b");
  std::vector<std::string> seen;
  for_each_element(fields, FieldId::connection,
                   [&](std::string_view element) { seen.emplace_back(element); });
  EXPECT_EQ(seen, (std::vector<std::string>{"close", "a", "b"}));
  for_each_element(fields, FieldId::vary, [](std::string_view) { FAIL() << "there is none"; });
}

TEST(FieldList, HasElementIgnoresCase) {
  Fields fields;
  fields.add("Connection", "Keep-Alive, Upgrade");
  EXPECT_TRUE(has_element(fields, FieldId::connection, "keep-alive"));
  EXPECT_TRUE(has_element(fields, FieldId::connection, "UPGRADE"));
  EXPECT_FALSE(has_element(fields, FieldId::connection, "close"));
  EXPECT_FALSE(has_element(fields, FieldId::connection, "keep"));
  EXPECT_FALSE(has_element(fields, FieldId::via, "close"));
}

TEST(FieldList, JoinedCombinesLinesByName) {
  Fields fields;
  fields.add("X-A", "1");
  fields.add("X-B", "2");
  fields.add("x-a", "");
  fields.add("X-a", "3");
  EXPECT_EQ(joined(fields, "x-A"), "1, , 3");
  EXPECT_EQ(joined(fields, "x-b"), "2");
  EXPECT_EQ(joined(fields, "x-c"), "");
}

TEST(FieldList, UnquoteRemovesQuotesAndEscapes) {
  EXPECT_EQ(unquote("\"\""), "");
  EXPECT_EQ(unquote("\"a b\""), "a b");
  EXPECT_EQ(unquote("\"a\\\"b\\\\c\\d\""), "a\"b\\cd");
  EXPECT_EQ(unquote("\"\t\xc3\xa9,;\""), "\t\xc3\xa9,;");
}

TEST(FieldList, UnquoteRefusesWhatIsNoQuotedString) {
  for (const char* bad : {"",
                          "a",
                          "\"",
                          "\"a",
                          "a\"",
                          "'a'",
                          "\"a\"b",
                          "b\"a\"",
                          "\"a\"b\"",
                          "\"\"\"",
                          "\"a\\\"",
                          "\"\\\"",
                          "\"a\\",
                          "\"a\" ",
                          " \"a\"",
                          "\"a\x01\"",
                          "\"a\x7f\"",
                          "\"a\nb\"",
                          "\"a\\\x01\"",
                          "\"a\r\"",
                          " ",
                          "\\",
                          "\\\"",
                          "\\\"a\"",
                          "\"a\", \"b\"",
                          "\"a\",",
                          "W/\"a\"",
                          "\"\"a",
                          "\"a\\\n\"",
                          "\"\v\"",
                          "\xe2\x80\x9cz\xe2\x80\x9d",
                          "\"a\\\x7f\"",
                          "\"\\\\\\\"",
                          "`a`"}) {
    EXPECT_EQ(unquote(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(unquote(std::string_view("\"\0\"", 3)), std::nullopt);
}

}  // namespace
}  // namespace forebay::http
