#include "forebay/http/cache_status.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace forebay::http {
namespace {

std::string written(const CacheStatus& status) {
  char out[kMaxCacheStatus];
  const auto size = write_cache_status(out, status);
  EXPECT_LE(size, sizeof out);
  return {out, size};
}

TEST(CacheStatus, AHitHasNoForwardReason) {
  EXPECT_EQ(written({.hit = true}), "forebay; hit");
  EXPECT_EQ(written({.hit = true, .ttl = 376}), "forebay; hit; ttl=376");
  EXPECT_EQ(written({.hit = true, .ttl = -412, .detail = "stale_while_revalidate"}),
            "forebay; hit; ttl=-412; detail=stale_while_revalidate");
}

TEST(CacheStatus, AHitHasNoParametersOfForwarding) {
  EXPECT_EQ(written({.hit = true,
                     .forward = ForwardReason::stale,
                     .forward_status = 304,
                     .ttl = 1,
                     .stored = true,
                     .collapsed = true}),
            "forebay; hit; ttl=1");
}

TEST(CacheStatus, AForwardHasItsReasonAndParametersInOrder) {
  EXPECT_EQ(written({}), "forebay; fwd=uri-miss");
  EXPECT_EQ(written({.forward = ForwardReason::stale, .forward_status = 304, .ttl = 60, .stored = true}),
            "forebay; fwd=stale; fwd-status=304; ttl=60; stored");
  EXPECT_EQ(written({.forward = ForwardReason::vary_miss, .stored = true, .collapsed = true, .detail = "x"}),
            "forebay; fwd=vary-miss; stored; collapsed; detail=x");
}

TEST(CacheStatus, ReasonsAreTheTokensOfTheSpecification) {
  EXPECT_EQ(token(ForwardReason::bypass), "bypass");
  EXPECT_EQ(token(ForwardReason::method), "method");
  EXPECT_EQ(token(ForwardReason::uri_miss), "uri-miss");
  EXPECT_EQ(token(ForwardReason::vary_miss), "vary-miss");
  EXPECT_EQ(token(ForwardReason::miss), "miss");
  EXPECT_EQ(token(ForwardReason::request), "request");
  EXPECT_EQ(token(ForwardReason::stale), "stale");
  EXPECT_EQ(token(ForwardReason::partial), "partial");
}

TEST(CacheStatus, ADetailThatIsNoTokenIsAString) {
  const struct {
    const char* detail;
    const char* expected;
  } rows[] = {
      {"MEMORY", "MEMORY"},
      {"a:b/c", "a:b/c"},
      {"*", "*"},
      {"*x!#$%&'+-.^_`|~1", "*x!#$%&'+-.^_`|~1"},
      {"1st", "\"1st\""},
      {"two words", "\"two words\""},
      {"a,b", "\"a,b\""},
      {"a;b", "\"a;b\""},
      {"say \"x\"", "\"say \\\"x\\\"\""},
      {"back\\slash", "\"back\\\\slash\""},
      {"caf\xc3\xa9", "\"caf??\""},
      {"a\r\nb", "\"a??b\""},
      {"-x", "\"-x\""},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(written({.hit = true, .detail = row.detail}),
              std::string("forebay; hit; detail=") + row.expected);
  }
}

TEST(CacheStatus, ALongDetailIsCut) {
  const std::string detail(48, 'x');
  EXPECT_EQ(written({.hit = true, .detail = detail + "yz"}), "forebay; hit; detail=" + detail);
}

TEST(CacheStatus, TheLargestValueFits) {
  const std::string detail(100, '"');
  const auto text = written({.forward = ForwardReason::vary_miss,
                             .forward_status = std::numeric_limits<int>::min(),
                             .ttl = std::numeric_limits<std::int64_t>::min(),
                             .stored = true,
                             .collapsed = true,
                             .detail = detail});
  EXPECT_NE(text.find("ttl=-999999999999999;"), std::string::npos);  // sf-integer has 15 digits
}

}  // namespace
}  // namespace forebay::http
