#include "forebay/cache/vary.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "heads.hpp"

namespace forebay::cache {
namespace {

TEST(VaryNames, AreLowerCaseSortedAndUnique) {
  struct Row {
    std::string_view value;
    std::optional<std::string> expected;
  };
  const std::vector<Row> rows{
      {"", ""},
      {" , ,", ""},
      {"Accept-Encoding", "accept-encoding"},
      {"b, A,c , a", "a,b,c"},
      {"X-Foo,\tOrigin", "origin,x-foo"},
      {"*", std::nullopt},
      {"*, accept", std::nullopt},
      {"accept,*", std::nullopt},
      {"a b", std::nullopt},
      {"accept;", std::nullopt},
      {"\"accept\"", std::nullopt},
      {"\"*\"", std::nullopt},
      {"a/b", std::nullopt},
      {"acc\xc3\xa9pt", std::nullopt},
      {"a, \"b", std::nullopt},
      {"a:b", std::nullopt},
      {"accept encoding", std::nullopt},
      {"accept; q=1", std::nullopt},
      {"accept=1", std::nullopt},
      {"(accept)", std::nullopt},
      {"<accept>", std::nullopt},
      {"[accept]", std::nullopt},
      {"{accept}", std::nullopt},
      {"accept@1", std::nullopt},
      {"accept?", std::nullopt},
      {"accept\\", std::nullopt},
      {"accept\"", std::nullopt},
      {"\"accept, origin\"", std::nullopt},
      {"\"\"", std::nullopt},
      {"accept\vorigin", std::nullopt},
      {"accept\norigin", std::nullopt},
      {"accept\x7f", std::nullopt},
      {"accept\x01, origin", std::nullopt},
      {"origin, \xff", std::nullopt},
      {"**, a b", std::nullopt},
      {"\\*", std::nullopt},
      {"a, b c", std::nullopt},
      {"Vary: accept", std::nullopt},
      // tokens that no field is called by select nothing, and are no fault
      {"**", "**"},
      {"none", "none"},
      {"'accept'", "'accept'"},
      {"accept.encoding", "accept.encoding"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(vary_names(fields({{"Vary", row.value}})), row.expected) << row.value;
}

TEST(VaryNames, AreWithoutWhatTheRouteEdits) {
  KeyPolicy policy;
  policy.edited = {"cookie", "x-a"};
  policy.headers = {"X-A"};
  EXPECT_EQ(selecting_names(fields({{"Vary", "Accept, COOKIE"}}), policy), "accept,x-a")
      << "what the key names counts all the same";
  EXPECT_EQ(selecting_names(fields({{"Vary", "Cookie, *"}}), policy), std::nullopt);
}

TEST(VaryNames, OfAResponseWithoutVaryAreNone) { EXPECT_EQ(vary_names({}), ""); }

TEST(VaryNames, JoinLines) {
  EXPECT_EQ(vary_names(fields({{"Vary", "b"}, {"vary", "a"}})), "a,b");
  EXPECT_EQ(vary_names(fields({{"Vary", "b"}, {"Vary", "*"}})), std::nullopt);
}

TEST(VaryNames, AreLimited) {
  const std::string longest(kMaxVaryNames, 'a');
  EXPECT_EQ(vary_names(fields({{"Vary", longest}})), longest);
  EXPECT_EQ(vary_names(fields({{"Vary", longest + "a"}})), std::nullopt);
}

std::string variant(std::string_view names, const http::Fields& request) {
  std::string out;
  append_variant_key(out, names, request);
  return out;
}

TEST(VariantKey, HoldsOneLengthPrefixedTextPerName) {
  struct Row {
    std::string_view names;
    http::Fields request;
    std::string_view expected;
  };
  const std::vector<Row> rows{
      {"", fields({{"Accept", "x"}}), ""},
      {"accept", fields({}), "-"},
      {"accept", fields({{"Accept", ""}}), "0:"},
      {"accept", fields({{"Accept", " , "}}), "0:"},
      {"accept", fields({{"ACCEPT", "text/html"}}), "9:text/html"},
      {"accept,x-foo", fields({{"X-Foo", "1"}}), "-1:1"},
      {"accept,x-foo", fields({{"X-Foo", "1"}, {"Accept", "b"}}), "1:b1:1"},
      {"accept-encoding", fields({{"Accept-Encoding", "gzip ,br,, deflate"}}), "15:gzip,br,deflate"},
      {"accept-encoding", fields({{"Accept-Encoding", "gzip"}, {"Accept-Encoding", "br"}}), "7:gzip,br"},
      {"x-foo", fields({{"X-Foo", "1"}, {"Other", "2"}, {"x-foo", "3"}}), "3:1,3"},
      {"x-foo", fields({{"X-Foo", "\"a, b\" , c"}}), "8:\"a, b\",c"},
      {"x-foo", fields({{"X-Foo", "\"a, b"}}), "5:\"a, b"},
      {"user-agent", fields({{"User-Agent", "Mozilla (X11, like)"}}), "19:Mozilla (X11, like)"},
      {"cookie", fields({{"Cookie", "a=1"}, {"Cookie", "b=2"}}), "7:a=1,b=2"},
      {"cookie", fields({{"Cookie", ""}}), "0:"},
  };
  for (const auto& row : rows) EXPECT_EQ(variant(row.names, row.request), row.expected) << row.expected;
}

TEST(VariantKey, TellsApartWhatMovesBetweenFields) {
  const auto one = variant("a,b", fields({{"a", "x"}, {"b", "yz"}}));
  const auto other = variant("a,b", fields({{"a", "xy"}, {"b", "z"}}));
  const auto imitation = variant("a,b", fields({{"a", "x2:yz"}}));
  EXPECT_NE(one, other);
  EXPECT_NE(one, imitation);
}

TEST(VariantKey, KeepsCaseAndOrderOfValues) {
  const auto one = variant("accept", fields({{"Accept", "a, b"}}));
  EXPECT_NE(one, variant("accept", fields({{"Accept", "b, a"}})));
  EXPECT_NE(one, variant("accept", fields({{"Accept", "A, b"}})));
  EXPECT_EQ(one, variant("accept", fields({{"Accept", "a"}, {"Accept", "b"}})));
}

TEST(VariantKey, IsAppended) {
  std::string out = "key ";
  append_variant_key(out, "accept", fields({{"Accept", "a"}}));
  EXPECT_EQ(out, "key 1:a");
}

TEST(SelectingNames, JoinVaryAndThePolicysKey) {
  KeyPolicy policy;
  policy.headers = {"X-Country", "Accept"};
  policy.cookies = {"theme"};
  EXPECT_EQ(selecting_names(fields({{"Vary", "accept, Origin"}}), policy),
            "accept,cookie=theme,origin,x-country");
  EXPECT_EQ(selecting_names({}, policy), "accept,cookie=theme,x-country");
  EXPECT_EQ(selecting_names(fields({{"Vary", "*"}}), policy), std::nullopt);
}

TEST(VariantKey, HasTheCookiesThatAreNamed) {
  const auto key = [](const Lines& lines) {
    std::string out;
    append_variant_key(out, "cookie=theme", fields(lines));
    return out;
  };
  EXPECT_EQ(key({{"Cookie", "a=1; theme=dark"}}), "4:dark");
  EXPECT_EQ(key({{"Cookie", "theme="}}), "0:");
  EXPECT_EQ(key({{"Cookie", "themes=dark"}}), "-");
  EXPECT_EQ(key({}), "-");
}

}  // namespace
}  // namespace forebay::cache
