#include "forebay/http/cookie.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forebay::http {
namespace {

std::string all_of(std::initializer_list<std::string_view> lines) {
  Fields fields;
  for (const auto line : lines) fields.add("Cookie", line);
  std::string out;
  for_each_cookie(fields, [&](std::string_view name, std::string_view value) {
    out.append("[").append(name).append("|").append(value).append("]");
    return true;
  });
  return out;
}

TEST(Cookie, ReadsPairs) {
  struct Row {
    std::string_view line;
    std::string_view pairs;
  };
  constexpr Row kRows[] = {
      {"a=1", "[a|1]"},
      {"a=1; b=2", "[a|1][b|2]"},
      {"a=1;b=2", "[a|1][b|2]"},
      {" a = 1 ;\tb\t=\t2", "[a|1][b|2]"},
      {"a=", "[a|]"},
      {"a", "[a|]"},
      {"a=b=c", "[a|b=c]"},
      {"a=\"x\"", "[a|\"x\"]"},
      {"a=\"x;y\"", "[a|\"x][y\"|]"},  // no quoting in RFC 6265
      {"a=1, b=2", "[a|1, b=2]"},
      {"$Version=1; a=1", "[$Version|1][a|1]"},
      {"", ""},
      {";", ""},
      {";;  ;", ""},
      {"=1", ""},
      {" =1; a=2", "[a|2]"},
      {"a=1; a=2", "[a|1][a|2]"},
      {"A=1; a=2", "[A|1][a|2]"},
      {"a=1;", "[a|1]"},
      {"=", ""},
      {"==", ""},
      {"a b=1", "[a b|1]"},
      {"a=1;;b=2", "[a|1][b|2]"},
      {"; a=1", "[a|1]"},
      {"a=1 b=2", "[a|1 b=2]"},
      {"a=1,b=2;c=3", "[a|1,b=2][c|3]"},
      {"a: 1", "[a: 1|]"},
      {"a=\"x; b=2", "[a|\"x][b|2]"},
      {"a=\\; b=2", "[a|\\][b|2]"},
      {"a=1\\; b=2", "[a|1\\][b|2]"},
      {"\"a\"=1", "[\"a\"|1]"},
      {"a=1; =; b=2", "[a|1][b|2]"},
      {"a=1; ==x; b=2", "[a|1][b|2]"},
      {"a==", "[a|=]"},
      {"\t;\t=\t;\t", ""},
      {"a\t=\t1\t", "[a|1]"},
      {"a=%3B; b=2", "[a|%3B][b|2]"},
      {"a=\xc3\xa4; \xff=1", "[a|\xc3\xa4][\xff|1]"},
      {"a=1; Path=/; HttpOnly", "[a|1][Path|/][HttpOnly|]"},
      {"Cookie: a=1", "[Cookie: a|1]"},
      {"a=1&b=2", "[a|1&b=2]"},
      {"a=1\v; b", "[a|1\v][b|]"},
  };
  for (const auto& row : kRows) EXPECT_EQ(all_of({row.line}), row.pairs) << row.line;
  EXPECT_EQ(all_of({"a=1", "b=2"}), "[a|1][b|2]");
  EXPECT_EQ(all_of({}), "");
}

TEST(Cookie, FindsTheFirstOfAName) {
  Fields fields;
  fields.add("Cookie", "b=1; a=2");
  fields.add("Cookie", "a=3; c");
  EXPECT_EQ(find_cookie(fields, "a"), "2");
  EXPECT_EQ(find_cookie(fields, "c"), "");
  EXPECT_EQ(find_cookie(fields, "A"), std::nullopt);
  EXPECT_EQ(find_cookie({}, "a"), std::nullopt);
}

}  // namespace
}  // namespace forebay::http
