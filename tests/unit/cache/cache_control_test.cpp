#include "forebay/cache/cache_control.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "heads.hpp"

namespace forebay::cache {
namespace {

using Request = RequestCacheControl;
using Response = ResponseCacheControl;

struct RequestRow {
  std::string_view value;
  Request expected;
};

TEST(RequestCacheControl, ReadsDirectives) {
  const std::vector<RequestRow> rows{
      {"no-cache", {.no_cache = true}},
      {"No-Cache", {.no_cache = true}},
      {"no-store, no-transform", {.no_store = true, .no_transform = true}},
      {"only-if-cached", {.only_if_cached = true}},
      {"max-age=0", {.max_age = seconds{0}}},
      {"max-age=\"5\"", {.max_age = seconds{5}}},
      {"max-age=7, min-fresh=3", {.max_age = seconds{7}, .min_fresh = seconds{3}}},
      {"max-stale", {.max_stale = kMaxDelta}},
      {"max-stale=10", {.max_stale = seconds{10}}},
      {"max-age=99999999999999999999", {.max_age = kMaxDelta}},
      // odd
      {"", {}},
      {", ,", {}},
      {"max-age", {}},
      {"max-age=", {}},
      {"max-age=-1", {}},
      {"max-age=1.5", {}},
      {"max-age=1s", {}},
      {"max-age = 5", {}},
      {"max-age=\"5", {}},
      {"max-stale=", {}},
      {"max-stale=abc", {}},
      {"max-stale=\"\"", {}},
      {"min-fresh", {}},
      {"no-cache=x", {.no_cache = true}},
      {"max-age=9, max-age=3", {.max_age = seconds{3}}},
      {"min-fresh=9, min-fresh=3", {.min_fresh = seconds{9}}},
      {"max-stale, max-stale=3", {.max_stale = seconds{3}}},
      {"max-age=x, max-age=3", {.max_age = seconds{3}}},
      {"unknown, other=\"no-cache, no-store\"", {}},
      {"no-cachet", {}},
      {"=5", {}},
      {"s-maxage=5, public, private", {}},
      {"max-age=0x5", {}},
      {"max-age=1e3", {}},
      {"max-age=5=5", {}},
      {"max-age='5'", {}},
      {"max-age=\"5\\0\"", {}},
      {"max-age=\" 5\"", {}},
      {"max-age:5", {}},
      {"max_age=5", {}},
      {"max-age=5;min-fresh=3", {}},
      {"min-fresh=-3", {}},
      {"min-fresh=\"\"", {}},
      {"max-stale =5", {}},
      {"max-stale=5 no-store", {}},
      {"stale-if-error", {}},
      {"stale-if-error=x", {}},
      {"no cache", {}},
      {"no-cache no-store", {}},
      {"no-cache; no-store", {}},
      {"\"no-cache\"", {}},
      {"no-store=\"a, only-if-cached\"", {.no_store = true}},
      {"x=\"y, no-store", {}},
      {"only-if-cached=0", {.only_if_cached = true}},
      {"n\xc3\xb6-cache, no-store", {.no_store = true}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(parse_request_cache_control(fields({{"Cache-Control", row.value}})), row.expected) << row.value;
  }
}

TEST(RequestCacheControl, JoinsLines) {
  const auto control =
      parse_request_cache_control(fields({{"cache-control", "no-store"}, {"CACHE-CONTROL", "max-age=1"}}));
  EXPECT_EQ(control, (Request{.no_store = true, .max_age = seconds{1}}));
}

TEST(RequestCacheControl, IsAbsentMostOfTheTime) {
  EXPECT_EQ(parse_request_cache_control({}), Request{});
  EXPECT_EQ(parse_request_cache_control(fields({{"Accept", "no-cache"}})), Request{});
}

TEST(RequestCacheControl, PragmaCountsOnlyWithoutCacheControl) {
  EXPECT_TRUE(parse_request_cache_control(fields({{"Pragma", "x, No-Cache"}})).no_cache);
  EXPECT_FALSE(parse_request_cache_control(fields({{"Pragma", "cache"}})).no_cache);
  EXPECT_FALSE(
      parse_request_cache_control(fields({{"Pragma", "no-cache"}, {"Cache-Control", "max-age=1"}})).no_cache);
}

struct ResponseRow {
  std::string_view value;
  Response expected;
};

void check(const std::vector<ResponseRow>& rows) {
  for (auto row : rows) {
    row.expected.present = true;
    EXPECT_EQ(parse_response_cache_control(fields({{"Cache-Control", row.value}})), row.expected)
        << row.value;
  }
}

TEST(ResponseCacheControl, ReadsFlags) {
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
      {"PUBLIC,\tImmutable", {.is_public = true, .immutable = true}},
      {" ,,public,, private ,", {.is_public = true, .is_private = true}},
  });
}

TEST(ResponseCacheControl, ReadsDeltaSeconds) {
  check({
      {"max-age=60", {.max_age = seconds{60}}},
      {"Max-Age=\"60\"", {.max_age = seconds{60}}},
      {"max-age=007", {.max_age = seconds{7}}},
      {"s-maxage=0, max-age=60", {.max_age = seconds{60}, .s_maxage = seconds{0}}},
      {"max-age=60, max-age=60", {.max_age = seconds{60}}},
      {"max-age=2147483648", {.max_age = kMaxDelta}},
      {"max-age=18446744073709551616", {.max_age = kMaxDelta}},
      {"stale-while-revalidate=5, stale-if-error=9",
       {.stale_while_revalidate = seconds{5}, .stale_if_error = seconds{9}}},
  });
}

TEST(ResponseCacheControl, MarksInvalidFreshness) {
  const Response invalid{.has_invalid_freshness = true};
  check({
      {"max-age", invalid},
      {"max-age=", invalid},
      {"max-age=\"\"", invalid},
      {"max-age=-1", invalid},
      {"max-age=+1", invalid},
      {"max-age=1.0", invalid},
      {"max-age=0x10", invalid},
      {"max-age=1 0", invalid},
      {"max-age=ten", invalid},
      {"max-age =10", invalid},
      {"max-age= 10", invalid},
      {"max-age='10'", invalid},
      {"max-age=\"1\\0\"", invalid},
      {"max-age=10;", invalid},
      {"max-age=1=1", invalid},
      {"s-maxage=x", invalid},
      {"s-maxage", invalid},
      {"max-age=1, max-age=2", {.has_invalid_freshness = true, .max_age = seconds{1}}},
      {"max-age=2, max-age=1", {.has_invalid_freshness = true, .max_age = seconds{2}}},
      {"max-age=x, max-age=2", {.has_invalid_freshness = true, .max_age = seconds{2}}},
      {"max-age=60, s-maxage=x", {.has_invalid_freshness = true, .max_age = seconds{60}}},
  });
}

TEST(ResponseCacheControl, ReadsOddDirectivesStrictly) {
  check({
      {"", {}},
      {",", {}},
      {"=", {}},
      {"=60", {}},
      {"\"no-store\"", {}},
      {"no-storex", {}},
      {"x-no-store", {}},
      {"no_store", {}},
      {"unknown=1, x=\"private, no-store\"", {}},
      {"x=\"a\\\", no-store\", public", {.is_public = true}},
      {"no-store=1", {.no_store = true}},
      {"no-store =\"x\"", {.no_store = true}},
      {"private=\"Set-Cookie\"", {.is_private = true}},
      {"private=", {.is_private = true}},
      {"must-revalidate=0", {.must_revalidate = true}},
      {"public=1", {}},
      {"public=", {}},
      {"immutable=yes", {}},
      {"must-understand=1, no-store", {.no_store = true}},
      {"max-age=5 public", {.has_invalid_freshness = true}},
      {"max-age=5; private", {.has_invalid_freshness = true}},
      {"stale-while-revalidate=x", {}},
      {"stale-if-error", {}},
      {"stale-if-error=9, stale-if-error=3", {.stale_if_error = seconds{3}}},
  });
}

TEST(ResponseCacheControl, TellsQualifiedNoCacheApart) {
  check({
      {"no-cache=\"Set-Cookie\"", {.no_cache_fields = "set-cookie"}},
      {"no-cache=\"A, b ,,C\"", {.no_cache_fields = "a,b,c"}},
      {"no-cache=a", {.no_cache_fields = "a"}},
      {"no-cache=\"a\", no-cache=\"b\"", {.no_cache_fields = "a,b"}},
      {"no-cache=\"a\", no-cache", {.no_cache = true, .no_cache_fields = "a"}},
      {"no-cache=", {.no_cache = true}},
      {"no-cache=\"\"", {.no_cache = true}},
      {"no-cache=\"a b\"", {.no_cache = true}},
      {"no-cache=\"a, b:\"", {.no_cache = true}},
  });
}

TEST(ResponseCacheControl, TakesWhatAnOpenQuoteSwallowsForPrivate) {
  check({
      {"max-age=60, x=\"y, private", {.is_private = true, .max_age = seconds{60}}},
      {"max-age=\"60", {.is_private = true, .has_invalid_freshness = true}},
      {"no-cache=\"a, public", {.no_cache = true, .is_private = true}},
      {"x=\"a\\\"", {.is_private = true}},
  });
}

TEST(ResponseCacheControl, JoinsLines) {
  const auto control =
      parse_response_cache_control(fields({{"Cache-Control", "public"}, {"cache-control", "max-age=1"}}));
  EXPECT_EQ(control, (Response{.present = true, .is_public = true, .max_age = seconds{1}}));
}

TEST(ResponseCacheControl, DoesNotLookAtPragma) {
  EXPECT_EQ(parse_response_cache_control(fields({{"Pragma", "no-cache"}})), Response{});
}

}  // namespace
}  // namespace forebay::cache
