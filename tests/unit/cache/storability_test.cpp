#include "forebay/cache/storability.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "heads.hpp"

namespace forebay::cache {
namespace {

std::string_view verdict(const http::RequestHead& request, const http::ResponseHead& head,
                         const Policy& policy = {}) {
  return name(storability(request, head, parse_response_cache_control(head.fields), policy, kNow, kNow));
}

std::string_view verdict(const Lines& lines, int status = 200) {
  return verdict(get(), response(status, lines));
}

TEST(Storability, OfAFreshResponse) {
  EXPECT_EQ(verdict({{"Cache-Control", "max-age=60"}}), "stored");
  EXPECT_EQ(verdict({{"Cache-Control", "s-maxage=60"}}), "stored");
  EXPECT_EQ(verdict({{"Expires", kMinuteLaterText}}), "stored");
  EXPECT_EQ(verdict({{"Last-Modified", kHourAgoText}}), "stored");
}

TEST(Storability, WithinAPartition) {
  Policy policy;
  policy.key.partition.header = "Authorization";
  const auto within = [&](Sharing sharing, std::string_view control) {
    const auto head = response(200, {{"Cache-Control", control}});
    return name(storability(get({{"Authorization", "x"}}), head, parse_response_cache_control(head.fields),
                            policy, kNow, kNow, sharing));
  };
  EXPECT_EQ(within(Sharing::credentials, "max-age=60"), "stored");
  EXPECT_EQ(within(Sharing::partition, "max-age=60"), "authorization");
  EXPECT_EQ(within(Sharing::everybody, "max-age=60"), "authorization");
  EXPECT_EQ(within(Sharing::partition, "max-age=60, public"), "stored");
  EXPECT_EQ(within(Sharing::credentials, "max-age=60, private"), "private");
  policy.key.partition.stores_private = true;
  EXPECT_EQ(within(Sharing::credentials, "max-age=60, private"), "stored");
  EXPECT_EQ(within(Sharing::everybody, "max-age=60, private"), "private");
  EXPECT_EQ(within(Sharing::credentials, "max-age=60, private, no-store"), "no_store");
}

TEST(Storability, NeedsARouteThatCaches) {
  Policy policy;
  policy.enabled = false;
  EXPECT_EQ(verdict(get(), response(200, {{"Cache-Control", "max-age=60"}}), policy), "disabled");
}

TEST(Storability, IsForGetOnly) {
  for (const std::string_view method :
       {"HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY", "get", "X"}) {
    EXPECT_EQ(verdict(request(method, "/", {}), response(200, {{"Cache-Control", "max-age=60"}})), "method")
        << method;
  }
}

TEST(Storability, IsForQueryWhereTheRouteSaysSo) {
  Policy policy;
  policy.query_method.enabled = true;
  const auto fresh = response(200, {{"Cache-Control", "max-age=60"}});
  EXPECT_EQ(verdict(request("QUERY", "/", {}), fresh, policy), "stored");
  EXPECT_EQ(verdict(get(), fresh, policy), "stored");
  EXPECT_EQ(verdict(request("QUERY", "/", {}), response(200, {{"Cache-Control", "no-store"}}), policy),
            "no_store");
  EXPECT_EQ(verdict(request("QUERY", "/", {}), response(206, {{"Cache-Control", "max-age=60"}}), policy),
            "status");
  EXPECT_EQ(verdict(request("POST", "/", {}), fresh, policy), "method");
}

TEST(Storability, DependsOnTheStatus) {
  for (const int status :
       {200, 203, 204, 299, 300, 301, 302, 307, 308, 400, 403, 404, 410, 499, 500, 503, 599}) {
    EXPECT_EQ(verdict({{"Cache-Control", "max-age=60"}}, status), "stored") << status;
  }
  for (const int status : {100, 101, 103, 206, 304, 412, 416, 428, 429, 431, 511, 600, 999}) {
    EXPECT_EQ(verdict({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}}, status), "status") << status;
  }
}

TEST(Storability, HonoursNoStoreOfBothSides) {
  EXPECT_EQ(verdict({{"Cache-Control", "no-store, max-age=60"}}), "no_store");
  EXPECT_EQ(verdict(get({{"Cache-Control", "no-store"}}), response(200, {{"Cache-Control", "max-age=60"}})),
            "request_no_store");
  EXPECT_EQ(verdict(get({{"Cache-Control", "no-cache"}}), response(200, {{"Cache-Control", "max-age=60"}})),
            "stored");
}

TEST(Storability, MustUnderstandLiftsNoStoreFromUnderstoodStatuses) {
  EXPECT_EQ(verdict({{"Cache-Control", "must-understand, no-store, max-age=60"}}), "stored");
  EXPECT_EQ(verdict({{"Cache-Control", "must-understand, no-store, max-age=60"}}, 499), "status");
  EXPECT_EQ(verdict({{"Cache-Control", "must-understand, max-age=60"}}, 499), "status");
  EXPECT_EQ(verdict({{"Cache-Control", "must-understand, private, no-store, max-age=60"}}), "private");
}

TEST(Storability, DoesNotShareWhatIsForOne) {
  EXPECT_EQ(verdict({{"Cache-Control", "private, max-age=60"}}), "private");
  EXPECT_EQ(verdict({{"Cache-Control", "private=\"x\", max-age=60"}}), "private");
  EXPECT_EQ(verdict({{"Cache-Control", "public, private, s-maxage=60"}}), "private");
  EXPECT_EQ(verdict({{"Cache-Control", "public, max-age=60"}, {"Set-Cookie", "a=1"}}), "set_cookie");
}

TEST(Storability, OfWhatIsBornStaleMayComeOfItsStaleWindows) {
  EXPECT_EQ(verdict({{"Cache-Control", "max-age=0"}}), "born_stale");
  EXPECT_EQ(verdict({{"Cache-Control", "max-age=0, stale-while-revalidate=60"}}), "stored");
  EXPECT_EQ(verdict({{"Cache-Control", "max-age=0, stale-if-error=60"}}), "stored");
  EXPECT_EQ(verdict({{"Cache-Control", "max-age=0, stale-if-error=60, must-revalidate"}}), "born_stale");
}

TEST(Storability, OfAnErrorThatTheRequestMayHaveCaused) {
  const auto refused = [](const http::RequestHead& request, int status) {
    return verdict(request, response(status, {{"Cache-Control", "max-age=60"}}));
  };
  const std::string long_value(3000, 'x');
  const std::string part(1500, 'x');
  for (const int status : {400, 405, 413, 414, 501}) {
    EXPECT_EQ(refused(get(), status), "stored") << status;
    EXPECT_EQ(refused(get({{"X-Long", long_value}}), status), "odd_request") << status;
    EXPECT_EQ(refused(get({{"A", part}, {"B", part}, {"C", part}}), status), "odd_request") << status;
    EXPECT_EQ(refused(get({{"X-Odd", "\x01"}}), status), "odd_request") << status;
    EXPECT_EQ(refused(get({{"X-Odd", "\xc3\xa4"}}), status), "odd_request") << status;
  }
  EXPECT_EQ(refused(get({{"X-Long", long_value}}), 200), "stored");
  EXPECT_EQ(refused(get({{"X-Long", long_value}}), 404), "stored");
}

TEST(Storability, OfAResponseThatSetsACookieIsThePolicysChoice) {
  const auto sets_cookie = response(200, {{"Cache-Control", "max-age=60"}, {"Set-Cookie", "a=1"}});
  Policy policy;
  EXPECT_EQ(verdict(get(), sets_cookie, policy), "set_cookie");
  policy.set_cookie = SetCookie::strip;
  EXPECT_EQ(verdict(get(), sets_cookie, policy), "stored");
  policy.set_cookie = SetCookie::keep;
  EXPECT_EQ(verdict(get(), sets_cookie, policy), "stored");
  EXPECT_EQ(verdict(get(), response(200, {{"Cache-Control", "private"}, {"Set-Cookie", "a=1"}}), policy),
            "private");
}

TEST(Storability, OfAnAuthorizedRequestNeedsPermission) {
  const auto authorized = get({{"Authorization", "Basic x"}});
  for (const std::string_view allowed :
       {"public, max-age=60", "must-revalidate, max-age=60", "s-maxage=60"}) {
    EXPECT_EQ(verdict(authorized, response(200, {{"Cache-Control", allowed}})), "stored") << allowed;
  }
  for (const std::string_view silent :
       {"max-age=60", "proxy-revalidate, max-age=60", "immutable, max-age=60", "public=1, max-age=60"}) {
    EXPECT_EQ(verdict(authorized, response(200, {{"Cache-Control", silent}})), "authorization") << silent;
  }
}

TEST(Storability, NeedsAVaryThatCanMatch) {
  EXPECT_EQ(verdict({{"Cache-Control", "max-age=60"}, {"Vary", "Accept"}}), "stored");
  EXPECT_EQ(verdict({{"Cache-Control", "max-age=60"}, {"Vary", "*"}}), "vary_any");
  EXPECT_EQ(verdict({{"Cache-Control", "max-age=60"}, {"Vary", "a b"}}), "vary_any");
}

TEST(Storability, NeedsALifetimeOrAValidator) {
  EXPECT_EQ(verdict({}), "no_lifetime");
  EXPECT_EQ(verdict({{"Cache-Control", "public"}}), "no_lifetime");
  EXPECT_EQ(verdict({{"ETag", "\"a\""}}), "stored");
  EXPECT_EQ(verdict({{"ETag", "W/\"a\""}}), "stored");
  EXPECT_EQ(verdict({{"ETag", "a"}}), "no_lifetime");
  EXPECT_EQ(verdict({{"Last-Modified", kNowText}}), "stored");
  EXPECT_EQ(verdict({{"Last-Modified", "bad"}}), "no_lifetime");
  Policy policy;
  policy.default_ttl = seconds{5};
  EXPECT_EQ(verdict(get(), response(200, {}), policy), "stored");
  EXPECT_EQ(verdict(get(), response(500, {}), policy), "no_lifetime");
}

TEST(Storability, OfAStatusThatIsNotCacheableOnItsOwnNeedsExplicitFreshness) {
  EXPECT_EQ(verdict({{"ETag", "\"a\""}}, 302), "no_lifetime");
  EXPECT_EQ(verdict({{"ETag", "\"a\""}, {"Cache-Control", "no-cache"}}, 302), "no_lifetime");
  EXPECT_EQ(verdict({{"ETag", "\"a\""}, {"Cache-Control", "public"}}, 302), "stored");
  EXPECT_EQ(verdict({{"ETag", "\"a\""}, {"Cache-Control", "max-age=0"}}, 302), "stored");
}

TEST(Storability, OfWhatIsAlwaysValidatedNeedsAValidator) {
  EXPECT_EQ(verdict({{"Cache-Control", "no-cache, max-age=60"}}), "no_lifetime");
  EXPECT_EQ(verdict({{"Cache-Control", "no-cache"}, {"ETag", "\"a\""}}), "stored");
}

TEST(Storability, OfWhatIsBornStaleNeedsAValidator) {
  const std::vector<Lines> rows{
      {{"Cache-Control", "max-age=0"}},
      {{"Cache-Control", "max-age=x"}},
      {{"Cache-Control", "max-age=60"}, {"Age", "60"}},
      {{"Cache-Control", "max-age=60"}, {"Date", kHourAgoText}},
      {{"Expires", "0"}},
      {{"Expires", kHourAgoText}},
  };
  for (const auto& lines : rows) {
    auto head = response(200, lines);
    EXPECT_EQ(verdict(get(), head), "born_stale");
    head.fields.add("ETag", "\"a\"");
    EXPECT_EQ(verdict(get(), head), "stored");
  }
}

TEST(StoreVerdict, HasOneNamePerValue) {
  std::set<std::string_view> names;
  constexpr int count = static_cast<int>(StoreVerdict::invalidated) + 1;
  for (int value = 0; value < count; ++value) names.insert(name(static_cast<StoreVerdict>(value)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(count));
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace forebay::cache
