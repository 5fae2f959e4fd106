#include "forebay/cache/tags.hpp"

#include <gtest/gtest.h>

#include "forebay/cache/search_rule.hpp"

#include <algorithm>
#include <string>

#include "heads.hpp"

namespace forebay::cache {
namespace {

constexpr std::string_view kKey = "http://a:80/x?y";

std::vector<Digest> tags(const Lines& lines, const Policy& policy = {}) {
  return tags_of(kKey, fields(lines), policy).value_or(std::vector<Digest>{{9, 9}});
}
std::vector<Digest> of(std::initializer_list<std::string_view> names) {
  std::vector<Digest> out;
  for (const auto name : names) out.push_back(tag_digest(name));
  std::sort(out.begin(), out.end());
  return out;
}

TEST(Tags, EachFieldHasItsOwnSeparators) {
  const auto ab = of({"a", "b"});
  EXPECT_EQ(tags({{"Surrogate-Key", "a b"}}), ab);
  EXPECT_EQ(tags({{"surrogate-key", "  a\t b "}}), ab);
  EXPECT_EQ(tags({{"Surrogate-Key", "a,b"}}), of({"a,b"}));
  EXPECT_EQ(tags({{"Cache-Tag", "a, b"}}), ab);
  EXPECT_EQ(tags({{"Cache-Tag", ",a,,b,"}}), ab);
  EXPECT_EQ(tags({{"Cache-Tag", "a b"}}), of({"a b"}));
  EXPECT_EQ(tags({{"X-Cache-Tags", "a,b"}}), ab);
  EXPECT_EQ(tags({{"xkey", "a, b"}}), ab);
  EXPECT_EQ(tags({{"xkey", "a b"}}), ab);
  EXPECT_EQ(tags({{"xkey", "a"}, {"xkey", "b"}}), ab);
  EXPECT_EQ(tags({{"Cache-Tag", "a"}, {"Surrogate-Key", "b a"}}), ab) << "a tag is one whatever named it";
  EXPECT_EQ(tags({{"Cache-Tag", "A"}}), of({"A"}));
  EXPECT_NE(tags({{"Cache-Tag", "A"}}), of({"a"}));
  EXPECT_TRUE(tags({{"Cache-Tag", " , ,"}, {"Surrogate-Key", " "}, {"xkey", ""}}).empty());
  EXPECT_TRUE(tags({{"X-Tags", "a"}}).empty());
}

TEST(Tags, TheRouteNamesTheFields) {
  Policy policy;
  policy.tag_fields = {"X-Tags"};
  EXPECT_EQ(tags({{"X-Tags", "a,b"}, {"Cache-Tag", "c"}}, policy), of({"a", "b"}));
  EXPECT_TRUE(is_tag_field("x-tags", policy));
  EXPECT_FALSE(is_tag_field("Cache-Tag", policy));
  policy.passes_tag_fields = true;
  EXPECT_FALSE(is_tag_field("X-Tags", policy));
}

TEST(Tags, MoreThanThereMayBeAreNone) {
  std::string many;
  for (std::size_t i = 0; i < kMaxTags; ++i) many += std::to_string(i) + " ";
  EXPECT_EQ(tags({{"Surrogate-Key", many}}).size(), kMaxTags);
  EXPECT_EQ(tags({{"Surrogate-Key", many + many}}).size(), kMaxTags) << "each once";
  many += "more";
  EXPECT_FALSE(tags_of(kKey, fields({{"Surrogate-Key", many}}), {}));
}

TEST(Groups, AreThoseOfTheOrigin) {
  const auto group = tags({{"Cache-Groups", "\"scripts\", \"x\";q=1"}});
  std::vector<Digest> expected{group_digest(kKey, "scripts"), group_digest(kKey, "x")};
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(group, expected);
  EXPECT_EQ(group_digest(kKey, "x"), group_digest("http://a:80/another", "x"));
  EXPECT_NE(group_digest(kKey, "x"), group_digest("http://b:80/x?y", "x"));
  EXPECT_NE(group_digest(kKey, "x"), group_digest("https://a:80/x?y", "x"));
  EXPECT_NE(group_digest(kKey, "x"), group_digest("http://a:81/x?y", "x"));
  EXPECT_NE(group_digest(kKey, "x"), group_digest(kKey, "X"));
  EXPECT_NE(group_digest(kKey, "x"), tag_digest("x"));
}

TEST(Groups, AMalformedListIsNone) {
  for (
      const auto* value :
      {"scripts",   "\"a",       "a\"",      "\"a\" \"b\"",  "\"a\",",   ",\"a\"", "\"a\",,\"b\"", "\"a\\x\"",
       "'a'",       "(\"a\"",    "(\"a\")",  "\"a\"; Q",     "\"a\";=1", "1",      "?1",           ":YQ==:",
       "a=\"b\"",   "\"a\";Q=1", "\"\x7f\"", "\"\xc3\xa4\"", "\"a\"\t;", "1.",     "@1",           "%\"a\"",
       "\"a\" ;q=", "=",         ";",        "\\",           "\"",       "-",      "a b"}) {
    EXPECT_TRUE(tags({{"Cache-Groups", value}}).empty()) << value;
  }
  EXPECT_EQ(tags({{"Cache-Groups", "a, \"b\", 1"}}), std::vector{group_digest(kKey, "b")})
      << "members of other types are no groups";
  EXPECT_EQ(tags({{"Cache-Groups", "\"b\""}, {"Cache-Groups", "\"b\""}}),
            std::vector{group_digest(kKey, "b")});
  EXPECT_TRUE(tags({{"Cache-Groups", "\"b\""}, {"Cache-Groups", "\"c"}}).empty()) << "one field, two lines";
}

TEST(Groups, OnlyUnsafeRequestsThatSucceedInvalidate) {
  const auto invalidated = [](std::string_view method, int status) {
    return groups_to_invalidate(request(method, "/", {}), kKey,
                                response(status, {{"Cache-Group-Invalidation", "\"a\", \"b\""}}))
        .size();
  };
  EXPECT_EQ(invalidated("POST", 200), 2u);
  EXPECT_EQ(invalidated("DELETE", 303), 2u);
  EXPECT_EQ(invalidated("UNKNOWN", 204), 2u);
  EXPECT_EQ(invalidated("GET", 200), 0u) << "RFC 9875 §3";
  EXPECT_EQ(invalidated("HEAD", 200), 0u);
  EXPECT_EQ(invalidated("QUERY", 200), 0u);
  EXPECT_EQ(invalidated("POST", 500), 0u);
}

TEST(Tags, AfterA304BothCount) {
  const auto old = of({"a", "b"});
  EXPECT_EQ(tags_after(old, kKey, fields({{"Cache-Tag", "c"}}), {}), of({"a", "b", "c"}));
  EXPECT_EQ(tags_after(old, kKey, fields({}), {}), old);
  std::string many;
  for (std::size_t i = 0; i < kMaxTags; ++i) many += std::to_string(i) + " ";
  EXPECT_EQ(tags_after(old, kKey, fields({{"Surrogate-Key", many}}), {}).size(), kMaxTags);
}

TEST(Tags, WhatIsStoredUnderARuleHasOneForItsPath) {
  const std::string key = "http://h:80/x?a=1#search=00000000000000000000000000000000";
  EXPECT_EQ(tags_of(key, {}, {}), std::vector{search_tag(key)});
  EXPECT_EQ(tags_after({}, key, {}, {}), std::vector{search_tag(key)});
  EXPECT_TRUE(tags_of("http://h:80/x?a=1", {}, {})->empty());
}

}  // namespace
}  // namespace forebay::cache
