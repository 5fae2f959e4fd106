#include "forebay/cache/search_rule.hpp"

#include <gtest/gtest.h>

#include <random>

#include "forebay/cache/key.hpp"
#include "support/search_reference.hpp"

namespace forebay::cache {
namespace {

std::string text_of(std::string_view value) {
  const auto rule = SearchRule::parse(value);
  return rule ? rule->text() : "";
}

std::string counting(std::string_view value, std::string_view query) {
  std::string out;
  SearchScratch scratch;
  SearchRule::parse(value)->append_query(out, query, scratch);
  return out;
}

TEST(SearchRule, IsParsedIntoItsBestForm) {
  struct Row {
    std::string_view value;
    std::string_view text;
  };
  constexpr Row kRows[] = {
      {"key-order", "key-order"},
      {"key-order=?1", "key-order"},
      {"params=(\"a\")", "params=(\"a\")"},
      {"params=(\"b\" \"a\" \"b\")", "params=(\"a\" \"b\")"},
      {"except=(\"x\")", "except=(\"x\")"},
      {"except=()", "except=()"},
      {"except=(\"x\"), key-order", "key-order, except=(\"x\")"},
      {"key-order=?0, params=(\"a\")", "params=(\"a\")"},
      {"key-order, params=()", "key-order"},
      // deployed before the draft had its present form
      {"params", "except=()"},
      {"params=?1", "except=()"},
      {"params, except=(\"x\")", "except=(\"x\")"},
      {"key-order, params, except=()", "key-order, except=()"},
      // what is not known is ignored (§5.1), and so are parameters
      {"params=(\"a\"), more=1", "params=(\"a\")"},
      {"params=(\"a\";x);y=2", "params=(\"a\")"},
      {"params=1, params=(\"a\")", "params=(\"a\")"},
      // names are decoded (§5.3), and written in one way
      {"params=(\"%61\")", "params=(\"a\")"},
      {"params=(\"a+b\")", "params=(\"a+b\")"},
      {"params=(\"a b\" \"a%20b\")", "params=(\"a+b\")"},
      {"params=(\"%C3%A9+%E6%B0%97\")", "params=(\"%C3%A9+%E6%B0%97\")"},
      {"params=(\"%f6\")", "params=(\"%EF%BF%BD\")"},
      {"params=(\"\")", "params=(\"\")"},
      {"params=(\"a\\\"b\")", "params=(\"a%22b\")"},
  };
  for (const auto& row : kRows) EXPECT_EQ(text_of(row.value), row.text) << row.value;
}

// Whatever is malformed, or says nothing, leaves the whole query to count.
TEST(SearchRule, AnythingElseIsNone) {
  constexpr std::string_view kRows[] = {
      "",
      " ",
      "params=()",
      "key-order=?0",
      "key-order=?0, params=()",
      "other",
      "key-order=\"not a boolean\"",
      "key-order=1",
      "key-order=()",
      "key-order=true",
      "key-order=1, params=(\"a\")",
      "params=\"not an inner list\"",
      "params=(not-a-string)",
      "params=(\"a\" b)",
      "params=(\"a\" 1)",
      "params=(:YQ==:)",
      "params=(%\"a\")",
      "params=(?1)",
      "params=?0",
      "params=?0, key-order",
      "params=?0, except=(\"x\")",
      "params=1",
      "params=a",
      "params=(\"a\"), except=(\"x\")",
      "params=(), except=()",
      "params=1, except=(\"x\")",
      "except",
      "except=?1",
      "except=?0",
      "except=\"not an inner list\"",
      "except=(not-a-string)",
      "except=(\"x\" y)",
      "params, except=\"x\"",
      "params, except=?1",
      "params=(\"a\"",
      "params=(\"a)",
      "params=(\"a\"\"b\")",
      "params=(\"a\",\"b\")",
      "params=(\"\xc3\xa9\")",
      "params=(\"a\"),",
      ",params=(\"a\")",
      "params=(\"a\");",
      "params=(\"a\") except=(\"b\")",
      "Params=(\"a\")",
      "key_order",
      "(\"a\")",
      "\"a\"",
  };
  for (const auto value : kRows) EXPECT_FALSE(SearchRule::parse(value)) << value;
}

TEST(SearchRule, IsBounded) {
  std::string names("params=(");
  while (names.size() < SearchRule::kMaxBytes) names.append("\"a\" ");
  EXPECT_FALSE(SearchRule::parse(names.append(")")));
}

TEST(SearchRule, LinesOfTheFieldAreOne) {
  http::Fields fields;
  EXPECT_FALSE(SearchRule::of(fields));
  fields.add("No-Vary-Search", "key-order");
  fields.add("no-vary-search", "params=(\"a\")");
  EXPECT_EQ(SearchRule::of(fields)->text(), "key-order, params=(\"a\")");
  fields.add("No-Vary-Search", "except=(\"b\")");
  EXPECT_FALSE(SearchRule::of(fields));
}

TEST(SearchRule, LeavesOfAQueryWhatCounts) {
  struct Row {
    std::string_view rule;
    std::string_view query;
    std::string_view counts;
  };
  constexpr Row kRows[] = {
      {"params=(\"utm\")", "", ""},
      {"params=(\"utm\")", "utm=1", ""},
      {"params=(\"utm\")", "b=2&utm=1&a=1", "b=2&a=1"},
      {"params=(\"utm\")", "%75tm=1&utm", ""},
      {"params=(\"utm\")", "UTM=1&utm2=2", "UTM=1&utm2=2"},
      {"params=(\"\")", "=1&a=", "a="},
      {"except=(\"id\")", "x=1&id=7&y&id=8", "id=7&id=8"},
      {"except=(\"id\")", "i%64=7&ID=8", "id=7"},
      {"except=()", "a=1&b=2", ""},
      {"key-order", "b=1&a=2&b=0&a=1", "a=2&a=1&b=1&b=0"},
      {"key-order", "a&&&&", "a="},
      {"key-order", "=&=t", "=&=t"},
      {"key-order", "=t&=", "=t&="},
      {"key-order", "a=%26b%3D1&c", "a=%26b%3D1&c="},
      {"key-order", "a=b=c", "a=b%3Dc"},
      {"key-order", "a=%23%25", "a=%23%25"},
      {"key-order", "a=%zz&b=%", "a=%25zz&b=%25"},
      {"key-order", "a=+&b=%20", "a=+&b=+"},
      {"key-order", "a=%2B", "a=%2B"},
      {"key-order", "a=%f6", "a=%EF%BF%BD"},
      {"key-order", "a=%e6%b0&b=%e6%b0%97", "a=%EF%BF%BD&b=%E6%B0%97"},
      {"key-order", "a=%e6%b0x", "a=%EF%BF%BDx"},
      {"key-order", "a=%ed%a0%80", "a=%EF%BF%BD%EF%BF%BD%EF%BF%BD"},
      {"key-order", "a=%f4%90", "a=%EF%BF%BD%EF%BF%BD"},
      {"key-order", "a=%00", "a=%00"},
      {"key-order", "a=%C3%A9", "a=%C3%A9"},
  };
  for (const auto& row : kRows) EXPECT_EQ(counting(row.rule, row.query), row.counts) << row.query;
}

/// Queries made of pieces that tend to mean the same.
class Queries {
 public:
  std::string next() {
    static constexpr std::string_view kPieces[] = {
        "a",  "b",    "%61", "%62", "=",   "&",      "&&",    "a=1&", "b=2&",
        "+",  "%20",  "%2B", "%",   "%6",  "%c3",    "%a9",   "%f6",  "%ef%bf%bd",
        "=1", "=%31", "%26", "%3D", "%e6", "%b0%97", "utm=1", "utm",  "%00"};
    std::string query;
    for (auto left = random_() % 6; left > 0; --left) query += kPieces[random_() % std::size(kPieces)];
    return query;
  }

 private:
  std::mt19937 random_{7};
};

struct Agreement {
  std::string_view value;
  test::VariationConfig config;
};

TEST(SearchRule, EquatesWhatTheDraftEquates) {
  using Names = std::vector<std::string>;
  const Agreement kRules[] = {
      {"key-order", {Names{}, {}, false}},
      {"params=(\"utm\")", {Names{"utm"}, {}, true}},
      {"params=(\"a\" \"%C3%A9\")", {Names{"a", "\xc3\xa9"}, {}, true}},
      {"params=(\"a\"), key-order", {Names{"a"}, {}, false}},
      {"except=(\"a\")", {{}, Names{"a"}, true}},
      {"except=(\"a\" \"b\"), key-order", {{}, Names{"a", "b"}, false}},
      {"except=()", {{}, Names{}, true}},
      {"except=(\"%f6\")", {{}, Names{"\xef\xbf\xbd"}, true}},
  };
  Queries queries;
  int equal = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto a = queries.next();
    const auto b = queries.next();
    for (const auto& [value, config] : kRules) {
      const bool same = counting(value, a) == counting(value, b);
      ASSERT_EQ(same, test::equivalent(a, b, config)) << value << " " << a << " " << b;
      equal += same ? 1 : 0;
    }
  }
  EXPECT_GT(equal, 1000);
}

std::string key_under(std::string_view plain, std::string_view value) {
  std::string out = "was there";
  SearchScratch scratch;
  write_key_under(out, plain, *SearchRule::parse(value), scratch);
  return out;
}

TEST(SearchKey, NamesTheRuleAndWhatCounts) {
  const auto mark = "#search=" + to_hex(digest("params=(\"b\")"));
  EXPECT_EQ(key_under("http://h:80/x?a=1&b=2", "params=(\"b\")"), "http://h:80/x?a=1" + mark);
  EXPECT_EQ(key_under("http://h:80/x?b", "params=(\"b\")"), "http://h:80/x" + mark);
  EXPECT_EQ(key_under("http://h:80/x?", "params=(\"b\")"), "http://h:80/x" + mark);
  EXPECT_EQ(key_under("http://h:80/x", "params=(\"b\")"), "http://h:80/x" + mark);
  EXPECT_EQ(key_under("http://h:80/x?a=?", "params=(\"b\")"), "http://h:80/x?a=?" + mark);
  EXPECT_EQ(key_under("http://h:80/x?a#partition=00", "params=(\"b\")"),
            "http://h:80/x?a=" + mark + "#partition=00");
  EXPECT_NE(key_under("http://h:80/x?a", "params=(\"b\")"), key_under("http://h:80/x?a", "params=(\"c\")"));
}

TEST(SearchKey, TellsItsParts) {
  const auto key = key_under("http://h:80/x?a=1#partition=00", "params=(\"b\")");
  EXPECT_EQ(rule_in(key), to_hex(digest("params=(\"b\")")));
  EXPECT_TRUE(is_under_rule(key));
  EXPECT_FALSE(is_under_rule("http://h:80/x?a=1#partition=00"));
  EXPECT_EQ(path_in(key), "http://h:80/x");
  EXPECT_EQ(path_in("http://h:80/x"), "http://h:80/x");
}

TEST(SearchKey, HasATagThatIsTheSameUnderAllRules) {
  const auto tag = search_tag("http://h:80/x?a=1");
  EXPECT_EQ(search_tag("http://h:80/x"), tag);
  EXPECT_EQ(search_tag(key_under("http://h:80/x?a=2", "except=()")), tag);
  EXPECT_NE(search_tag("http://h:80/y?a=1"), tag);
  EXPECT_NE(search_tag("http://h:80/x?a=1#partition=00"), tag);
  EXPECT_EQ(search_tag(key_under("http://h:80/x?a=2#partition=00", "except=()")),
            search_tag("http://h:80/x?a=1#partition=00"));
}

TEST(SearchKey, ALaterAnswerMayNameAnotherRule) {
  const std::string_view plain = "http://h:80/x?a=1";
  const auto under = key_under(plain, "params=(\"b\")");
  http::Fields fields;
  EXPECT_FALSE(names_another_rule(fields, under));
  EXPECT_FALSE(names_another_rule(fields, plain));
  fields.add("No-Vary-Search", "key-order=?0, params=(\"%62\")");
  EXPECT_FALSE(names_another_rule(fields, under));
  EXPECT_TRUE(names_another_rule(fields, plain));
  std::string query(plain);
  append_query_content(query, {}, "content");
  EXPECT_FALSE(names_another_rule(fields, query));
  fields.clear();
  fields.add("No-Vary-Search", "malformed(");
  EXPECT_TRUE(names_another_rule(fields, under));
  EXPECT_FALSE(names_another_rule(fields, plain));
}

}  // namespace
}  // namespace forebay::cache
