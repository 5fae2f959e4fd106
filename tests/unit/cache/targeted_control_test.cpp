#include "forebay/cache/targeted_control.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace forebay::cache {
namespace {

using Control = ResponseCacheControl;

struct Row {
  std::string_view value;
  Control expected;
};

void check(const std::vector<Row>& rows) {
  for (auto row : rows) {
    row.expected.present = true;
    const auto control = parse_targeted_control(row.value);
    ASSERT_TRUE(control) << row.value;
    EXPECT_EQ(*control, row.expected) << row.value;
  }
}

TEST(TargetedControl, ReadsFlags) {
  check({
      {"no-cache", {.no_cache = true}},
      {"no-store", {.no_store = true}},
      {"no-transform", {.no_transform = true}},
      {"must-revalidate", {.must_revalidate = true}},
      {"proxy-revalidate", {.proxy_revalidate = true}},
      {"must-understand", {.must_understand = true}},
      {"public", {.is_public = true}},
      {"private", {.is_private = true}},
      {"immutable", {.immutable = true}},
      {"no-store=?1", {.no_store = true}},
      {"public=?1", {.is_public = true}},
      {" public,\tno-transform ", {.no_transform = true, .is_public = true}},
  });
}

TEST(TargetedControl, ReadsDeltaSeconds) {
  check({
      {"max-age=60", {.max_age = seconds{60}}},
      {"max-age=0", {.max_age = seconds{0}}},
      {"max-age=-0", {.max_age = seconds{0}}},
      {"max-age=007", {.max_age = seconds{7}}},
      {"s-maxage=0, max-age=60", {.max_age = seconds{60}, .s_maxage = seconds{0}}},
      {"max-age=2147483647", {.max_age = kMaxDelta}},
      {"max-age=2147483648", {.max_age = kMaxDelta}},
      {"max-age=999999999999999", {.max_age = kMaxDelta}},
      {"stale-while-revalidate=5, stale-if-error=9",
       {.stale_while_revalidate = seconds{5}, .stale_if_error = seconds{9}}},
      {"stale-if-error=999999999999999", {.stale_if_error = kMaxDelta}},
  });
}

// RFC 9213 §2.1, §2.2: such a field counts as absent.
TEST(TargetedControl, IsIgnoredWhenEmptyOrMalformed) {
  for (const std::string_view value : {
           "",
           " ",
           "   ",
           "\t",
           ",",
           ", ,",
           "max-age=60,",
           "max-age=60, ",
           ",max-age=60",
           "max-age=60,,public",
           "max-age=60, &&&&",
           "max-age=&&&&",
           "MaX-aGe=60",
           "Max-Age=60",
           "max-age=60, No-Store",
           "PUBLIC",
           "max-age =60",
           "max-age= 60",
           "max-age=",
           "max-age=60 public",
           "max-age=60; Public",
           "max-age=60;",
           "max-age=\"60",
           "max-age='60'",
           "max-age=+60",
           "max-age=60s",
           "max-age=60.",
           "max-age=.5",
           "max-age=1000000000000000",
           "max-age=(60",
           "max-age=60)",
           "max-age=?",
           "max-age=?2",
           "max-age==60",
           "=60",
           "60",
           "\"no-store\"",
           "(no-store)",
           "no-store, ?1",
           "no_cache=:a:",
           "no-cache=\"set-cookie\xc3\xbc\"",
           "no-cache=\"a\\b\"",
           "no-store\n",
           "private, no-store, x=1 2",
       }) {
    EXPECT_FALSE(parse_targeted_control(value)) << value;
  }
}

// RFC 9213 §3.1: a way to lift Cache-Control without saying anything else.
TEST(TargetedControl, AppliesWithUnknownDirectivesAlone) {
  check({
      {"none", {}},
      {"foobar, x=1, y=(a b);z", {}},
      {"no_store", {}},
      {"no-storex", {}},
      {"x-no-store", {}},
      {"*=no-store", {}},
      {"x=\"no-store, private\"", {}},
      {"x=no-store", {}},
      {"x;no-store", {}},
      {"x=(no-store private)", {}},
  });
}

TEST(TargetedControl, IgnoresParameters) {
  check({
      {"max-age=60;x=1;no-store", {.max_age = seconds{60}}},
      {"public;max-age=60", {.is_public = true}},
      {"no-store;x=?0", {.no_store = true}},
      {"no-cache=\"a\";b", {.no_cache_fields = "a"}},
  });
}

TEST(TargetedControl, TakesTheLastOfARepeatedDirective) {
  check({
      {"max-age=1, max-age=2", {.max_age = seconds{2}}},
      {"max-age=x, max-age=2", {.max_age = seconds{2}}},
      {"max-age=2, max-age=x", {.has_invalid_freshness = true}},
      {"no-store, no-store=?0", {}},
      {"no-cache=\"a\", no-cache=\"b\"", {.no_cache_fields = "b"}},
      {"no-cache, no-cache=\"b\"", {.no_cache_fields = "b"}},
      {"stale-if-error=3, stale-if-error=9", {.stale_if_error = seconds{9}}},
  });
}

TEST(TargetedControl, ALifetimeOfAnotherTypeIsInvalid) {
  const Control invalid{.has_invalid_freshness = true};
  check({
      {"max-age", invalid},
      {"max-age=?0", invalid},
      {"max-age=-1", invalid},
      {"max-age=60.0", invalid},
      {"max-age=\"60\"", invalid},
      {"max-age=\"\"", invalid},
      {"max-age=ten", invalid},
      {"max-age=:YQ==:", invalid},
      {"max-age=@60", invalid},
      {"max-age=%\"60\"", invalid},
      {"max-age=(60)", invalid},
      {"max-age=()", invalid},
      {"s-maxage", invalid},
      {"s-maxage=\"60\"", invalid},
      {"max-age=60, s-maxage=x", {.has_invalid_freshness = true, .max_age = seconds{60}}},
      {"max-age=x, s-maxage=60", {.has_invalid_freshness = true, .s_maxage = seconds{60}}},
  });
}

TEST(TargetedControl, AStaleWindowOfAnotherTypeIsIgnored) {
  check({
      {"stale-while-revalidate", {}},
      {"stale-while-revalidate=-1", {}},
      {"stale-while-revalidate=5.0", {}},
      {"stale-while-revalidate=\"5\"", {}},
      {"stale-while-revalidate=(5)", {}},
      {"stale-if-error=x", {}},
      {"stale-if-error=@5", {}},
      {"stale-if-error=?1", {}},
  });
}

TEST(TargetedControl, ADirectiveThatRestrictsTakesEffectWithAnyValueButFalse) {
  check({
      {"no-store=1", {.no_store = true}},
      {"no-store=0", {.no_store = true}},
      {"no-store=\"\"", {.no_store = true}},
      {"no-store=false", {.no_store = true}},
      {"no-store=()", {.no_store = true}},
      {"private=\"Set-Cookie\"", {.is_private = true}},
      {"private=(a b)", {.is_private = true}},
      {"must-revalidate=0", {.must_revalidate = true}},
      {"proxy-revalidate=x", {.proxy_revalidate = true}},
      {"no-transform=1.0", {.no_transform = true}},
      {"no-store=?0, private=?0, must-revalidate=?0, proxy-revalidate=?0, no-transform=?0, no-cache=?0", {}},
  });
}

TEST(TargetedControl, ADirectiveThatPermitsTakesEffectWithTrueOnly) {
  check({
      {"public=1", {}},
      {"public=\"\"", {}},
      {"public=true", {}},
      {"public=?0", {}},
      {"immutable=yes", {}},
      {"immutable=?0", {}},
      {"must-understand=(a), no-store", {.no_store = true}},
  });
}

TEST(TargetedControl, TellsQualifiedNoCacheApart) {
  check({
      {"no-cache=\"Set-Cookie\"", {.no_cache_fields = "set-cookie"}},
      {"no-cache=\"A, b ,,C\"", {.no_cache_fields = "a,b,c"}},
      {"no-cache=\"\"", {.no_cache = true}},
      {"no-cache=\" , \"", {.no_cache = true}},
      {"no-cache=\"a b\"", {.no_cache = true}},
      {"no-cache=\"a, b:\"", {.no_cache = true}},
      {"no-cache=\"\\\"a\\\"\"", {.no_cache = true}},
      // of another type than §2.1 says
      {"no-cache=a", {.no_cache = true}},
      {"no-cache=1", {.no_cache = true}},
      {"no-cache=(\"a\" \"b\")", {.no_cache = true}},
      {"no-cache=(a b)", {.no_cache = true}},
      {"no-cache=%\"a\"", {.no_cache = true}},
  });
}

}  // namespace
}  // namespace forebay::cache
