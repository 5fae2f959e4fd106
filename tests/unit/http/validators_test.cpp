#include "forebay/http/validators.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forebay::http {
namespace {

bool listed(std::initializer_list<std::string_view> lines, std::optional<std::string_view> tag,
            Comparison how) {
  Fields fields;
  fields.add("Host", "example.com");
  for (const auto line : lines) fields.add("If-None-Match", line);
  return lists_tag(fields, FieldId::if_none_match, tag ? parse_entity_tag(*tag) : std::nullopt, how);
}
bool listed(std::string_view line, std::optional<std::string_view> tag) {
  return listed({line}, tag, Comparison::weak);
}

TEST(EntityTag, IsAQuotedOpaqueTextWithOrWithoutWeakness) {
  const struct {
    const char* text;
    bool weak;
    const char* opaque;
  } rows[] = {{"\"xyzzy\"", false, "\"xyzzy\""},
              {"W/\"xyzzy\"", true, "\"xyzzy\""},
              {"\"\"", false, "\"\""},
              {"W/\"\"", true, "\"\""},
              {"\"a,b\"", false, "\"a,b\""},
              {"\"a\\\"", false, "\"a\\\""},
              {"\"W/\"", false, "\"W/\""},
              {"\"*\"", false, "\"*\""},
              {"\"!#$%&'()*+-./:;<=>?@[]^_`{|}~\"", false, "\"!#$%&'()*+-./:;<=>?@[]^_`{|}~\""},
              {"\"\x80\xff\"", false, "\"\x80\xff\""}};
  for (const auto& row : rows) {
    const auto tag = parse_entity_tag(row.text);
    ASSERT_TRUE(tag) << row.text;
    EXPECT_EQ(tag->weak, row.weak) << row.text;
    EXPECT_EQ(tag->opaque, row.opaque) << row.text;
  }
}

TEST(EntityTag, AnythingElseIsNone) {
  const char* const rows[] = {
      "",
      "\"",
      "a",
      "xyzzy",
      "*",
      "W/",
      "W/\"",
      "W/a",
      "W\"a\"",
      "w/\"a\"",
      "/\"a\"",
      "W/W/\"a\"",
      "W/ \"a\"",
      "W /\"a\"",
      " \"a\"",
      "\"a\" ",
      "\"a",
      "a\"",
      "\"a\"b",
      "b\"a\"",
      "\"a\"\"b\"",
      "\"a\"b\"",
      "\"a b\"",
      "\"a\tb\"",
      "\"a\x7f\"",
      "\"a\x01\"",
      "\"a\r\"",
      "\"a\nb\"",
      "'a'",
      "\"a\",\"b\"",
      "\"a\", \"b\"",
      "\"\"\"",
      "W/\"a\" ",
      "X/\"a\"",
      "\"a\";w",
      "1",
      "W/'a'",
      "\xe2\x80\x9cv\xe2\x80\x9d",
  };
  for (const auto* row : rows) EXPECT_FALSE(parse_entity_tag(row)) << row;
  EXPECT_FALSE(parse_entity_tag(std::string_view("\"a\0\"", 4)));
}

// RFC 9110 §8.8.3.2, table 3.
TEST(EntityTag, ComparesStronglyAndWeakly) {
  const struct {
    const char* a;
    const char* b;
    bool strong;
    bool weak;
  } rows[] = {{"W/\"1\"", "W/\"1\"", false, true},
              {"W/\"1\"", "W/\"2\"", false, false},
              {"W/\"1\"", "\"1\"", false, true},
              {"\"1\"", "\"1\"", true, true},
              {"\"a\"", "\"A\"", false, false}};
  for (const auto& row : rows) {
    const auto a = *parse_entity_tag(row.a);
    const auto b = *parse_entity_tag(row.b);
    EXPECT_EQ(strongly_equal(a, b), row.strong) << row.a << " " << row.b;
    EXPECT_EQ(strongly_equal(b, a), row.strong) << row.b << " " << row.a;
    EXPECT_EQ(weakly_equal(a, b), row.weak) << row.a << " " << row.b;
    EXPECT_EQ(weakly_equal(b, a), row.weak) << row.b << " " << row.a;
  }
}

TEST(EntityTags, AnyMemberOfAnyLineMayMatch) {
  EXPECT_TRUE(listed("\"a\"", "\"a\""));
  EXPECT_TRUE(listed("\"a\", \"b\", \"c\"", "\"c\""));
  EXPECT_TRUE(listed("\"a\",\"b\"", "\"b\""));
  EXPECT_TRUE(listed({"\"a\"", "\"b\""}, "\"b\"", Comparison::strong));
  EXPECT_FALSE(listed("\"a\", \"b\"", "\"c\""));
  EXPECT_FALSE(listed({}, "\"a\"", Comparison::weak));
}

TEST(EntityTags, WeakComparisonIgnoresTheWeaknessFlag) {
  EXPECT_TRUE(listed({"W/\"a\""}, "\"a\"", Comparison::weak));
  EXPECT_TRUE(listed({"\"a\""}, "W/\"a\"", Comparison::weak));
  EXPECT_TRUE(listed({"W/\"a\""}, "W/\"a\"", Comparison::weak));
}

TEST(EntityTags, StrongComparisonNeverMatchesAWeakTag) {
  EXPECT_FALSE(listed({"W/\"a\""}, "\"a\"", Comparison::strong));
  EXPECT_FALSE(listed({"\"a\""}, "W/\"a\"", Comparison::strong));
  EXPECT_FALSE(listed({"W/\"a\""}, "W/\"a\"", Comparison::strong));
  EXPECT_TRUE(listed({"W/\"a\", \"a\""}, "\"a\"", Comparison::strong));
}

TEST(EntityTags, TheAsteriskMatchesEvenWithoutATag) {
  EXPECT_TRUE(listed("*", "\"a\""));
  EXPECT_TRUE(listed("*", std::nullopt));
  EXPECT_FALSE(listed("\"a\"", std::nullopt));
  EXPECT_FALSE(listed("\"*\"", "\"a\""));
}

TEST(EntityTags, CommasAndBackslashesInsideATagAreItsOwn) {
  EXPECT_TRUE(listed("\"a,b\", \"c\"", "\"a,b\""));
  EXPECT_TRUE(listed("\"a,b\", \"c\"", "\"c\""));
  EXPECT_FALSE(listed("\"a,b\"", "\"a\""));
  EXPECT_TRUE(listed("\"a\\\", \"b\"", "\"b\""));
  EXPECT_TRUE(listed("\"a\\\", \"b\"", "\"a\\\""));
}

TEST(EntityTags, EmptyMembersAreIgnored) {
  EXPECT_TRUE(listed(", ,\"a\",, ", "\"a\""));
  EXPECT_FALSE(listed("", "\"a\""));
  EXPECT_FALSE(listed(",", "\"a\""));
}

TEST(EntityTags, AMalformedMemberMatchesNothingAndSparesTheOthers) {
  const char* const malformed[] = {
      "a",       "w/\"a\"", "W/a",       "\"a\"x",  "x\"a\"",    "\"a\" \"a\"", "'a'",      "*, x",
      "x, *",    "*,*",     "\"a b\"",   "\"a\"\"", "\"\"a\"\"", "W/ \"a\"",    "W /\"a\"", "a=\"a\"",
      "\"a\";q", "(\"a\")", "\"a\x7f\"", "\"a\t\"", "\"a",       "a\"",         "W/",       "W",
      "\"A\"",   "\"a \"",  "\" a\"",    "0",       "\"\\\"a\"", "W/W/\"a\"",
  };
  for (const std::string line : malformed) {
    EXPECT_FALSE(listed(line, "\"a\"")) << line;
    EXPECT_TRUE(listed("\"a\", " + line, "\"a\"")) << line;
  }
  EXPECT_TRUE(listed("x, \"a\"", "\"a\""));
  EXPECT_TRUE(listed("*, \"a\"", "\"a\""));
}

TEST(EntityTags, OnlyTheNamedFieldIsLookedAt) {
  Fields fields;
  fields.add("If-Match", "\"a\"");
  const auto tag = parse_entity_tag("\"a\"");
  EXPECT_TRUE(lists_tag(fields, FieldId::if_match, tag, Comparison::strong));
  EXPECT_FALSE(lists_tag(fields, FieldId::if_none_match, tag, Comparison::weak));
}

}  // namespace
}  // namespace forebay::http
