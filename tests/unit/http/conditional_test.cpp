#include "forebay/http/conditional.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "forebay/http/date.hpp"

namespace forebay::http {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr WallTime kModified{seconds{784111777}};  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr WallTime kNow = kModified + std::chrono::hours{1000};
const char* const kSame = "Sun, 06 Nov 1994 08:49:37 GMT";
const char* const kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
const char* const kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";

const SelectedRepresentation kBoth{"\"v1\"", kModified, kModified};
const SelectedRepresentation kTagOnly{"\"v1\"", std::nullopt};
const SelectedRepresentation kDateOnly{"", kModified};
const SelectedRepresentation kNeither{"", std::nullopt};

Precondition evaluated(Method method, const Lines& lines, const SelectedRepresentation& selected = kBoth) {
  Fields fields;
  for (const auto& [name, value] : lines) fields.add(name, value);
  return evaluate(method, fields, selected, kNow);
}
Precondition get(const Lines& lines, const SelectedRepresentation& selected = kBoth) {
  const auto result = evaluated(Method::get, lines, selected);
  EXPECT_EQ(evaluated(Method::head, lines, selected), result) << "HEAD is answered like GET";
  return result;
}

TEST(Preconditions, WithoutAnyTheRequestProceeds) {
  EXPECT_EQ(get({}), Precondition::proceed);
  EXPECT_EQ(get({{"Accept", "*/*"}, {"If-Range", "\"v1\""}, {"Range", "bytes=0-1"}}), Precondition::proceed);
}

TEST(Preconditions, IfNoneMatchComparesWeakly) {
  EXPECT_EQ(get({{"If-None-Match", "\"v1\""}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-None-Match", "W/\"v1\""}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-None-Match", "\"v0\", \"v1\""}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-None-Match", "\"v1\""}}, {"W/\"v1\"", std::nullopt}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-None-Match", "\"v0\""}, {"If-None-Match", "\"v1\""}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-None-Match", "\"v2\""}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-None-Match", "\"v1\""}}, kDateOnly), Precondition::proceed);
}

TEST(Preconditions, IfNoneMatchAsteriskMatchesWhateverIsThere) {
  EXPECT_EQ(get({{"If-None-Match", "*"}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-None-Match", "*"}}, kNeither), Precondition::not_modified);
  EXPECT_EQ(evaluated(Method::put, {{"If-None-Match", "*"}}), Precondition::failed);
}

TEST(Preconditions, IfNoneMatchFailsOtherMethods) {
  for (const auto method : {Method::post, Method::put, Method::delete_, Method::patch, Method::other}) {
    EXPECT_EQ(evaluated(method, {{"If-None-Match", "\"v1\""}}), Precondition::failed);
    EXPECT_EQ(evaluated(method, {{"If-None-Match", "\"v2\""}}), Precondition::proceed);
  }
}

TEST(Preconditions, AConditionalQueryIsAnsweredLikeAGet) {
  EXPECT_EQ(evaluated(Method::query, {{"If-None-Match", "\"v1\""}}), Precondition::not_modified);
  EXPECT_EQ(evaluated(Method::query, {{"If-Modified-Since", kSame}}), Precondition::proceed);
}

TEST(Preconditions, IfModifiedSinceComparesTheModificationDate) {
  EXPECT_EQ(get({{"If-Modified-Since", kSame}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-Modified-Since", kAfter}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-Modified-Since", kBefore}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-Modified-Since", "Sun Nov  6 08:49:37 1994"}}), Precondition::not_modified);
}

TEST(Preconditions, IfModifiedSinceIsForGetAndHeadOnly) {
  for (const auto method : {Method::post, Method::put, Method::delete_, Method::patch, Method::other}) {
    EXPECT_EQ(evaluated(method, {{"If-Modified-Since", kSame}}), Precondition::proceed);
  }
}

TEST(Preconditions, IfModifiedSinceIsIgnoredBesideIfNoneMatch) {
  EXPECT_EQ(get({{"If-None-Match", "\"v2\""}, {"If-Modified-Since", kSame}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-None-Match", "\"v1\""}, {"If-Modified-Since", kBefore}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-None-Match", ""}, {"If-Modified-Since", kSame}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-None-Match", "\"v1\""}, {"If-Modified-Since", kSame}}, kDateOnly),
            Precondition::proceed);
}

TEST(Preconditions, IfModifiedSinceFallsBackToTheDateOfTheResponse) {
  const SelectedRepresentation dated{"", std::nullopt, kModified + milliseconds{250}};
  EXPECT_EQ(get({{"If-Modified-Since", kSame}}, dated), Precondition::not_modified);
  EXPECT_EQ(get({{"If-Modified-Since", kBefore}}, dated), Precondition::proceed);
  EXPECT_EQ(get({{"If-Unmodified-Since", kBefore}}, dated), Precondition::proceed);
}

TEST(Preconditions, WithoutAModificationDateTheDatesAreIgnored) {
  EXPECT_EQ(get({{"If-Modified-Since", kAfter}}, kTagOnly), Precondition::proceed);
  EXPECT_EQ(get({{"If-Unmodified-Since", kBefore}}, kTagOnly), Precondition::proceed);
}

TEST(Preconditions, AnInvalidDateIsIgnored) {
  for (const char* bad :
       {"", "0", "yesterday", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z", "784111777",
        "Sun, 31 Feb 2050 00:00:00 GMT"}) {
    EXPECT_EQ(get({{"If-Modified-Since", bad}}), Precondition::proceed) << bad;
    EXPECT_EQ(get({{"If-Unmodified-Since", bad}}), Precondition::proceed) << bad;
  }
}

TEST(Preconditions, SeveralLinesWithADateAreIgnored) {
  EXPECT_EQ(get({{"If-Modified-Since", kSame}, {"If-Modified-Since", kSame}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-Unmodified-Since", kBefore}, {"If-Unmodified-Since", kBefore}}), Precondition::proceed);
}

TEST(Preconditions, IfMatchComparesStrongly) {
  EXPECT_EQ(get({{"If-Match", "\"v1\""}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-Match", "\"v0\", \"v1\""}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-Match", "*"}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-Match", "*"}}, kNeither), Precondition::proceed);
  EXPECT_EQ(get({{"If-Match", "\"v2\""}}), Precondition::failed);
  EXPECT_EQ(get({{"If-Match", "W/\"v1\""}}), Precondition::failed);
  EXPECT_EQ(get({{"If-Match", "\"v1\""}}, {"W/\"v1\"", std::nullopt}), Precondition::failed);
  EXPECT_EQ(get({{"If-Match", "\"v1\""}}, kNeither), Precondition::failed);
  EXPECT_EQ(get({{"If-Match", ""}}), Precondition::failed);
}

TEST(Preconditions, IfUnmodifiedSinceFailsWhatChangedLater) {
  EXPECT_EQ(get({{"If-Unmodified-Since", kSame}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-Unmodified-Since", kAfter}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-Unmodified-Since", kBefore}}), Precondition::failed);
  EXPECT_EQ(evaluated(Method::put, {{"If-Unmodified-Since", kBefore}}), Precondition::failed);
}

TEST(Preconditions, IfUnmodifiedSinceIsIgnoredBesideIfMatch) {
  EXPECT_EQ(get({{"If-Match", "\"v1\""}, {"If-Unmodified-Since", kBefore}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-Match", "\"v2\""}, {"If-Unmodified-Since", kSame}}), Precondition::failed);
}

// RFC 9110 §13.2.2: steps 1 and 2 come before 3 and 4, and both must hold.
TEST(Preconditions, LostUpdateChecksComeFirst) {
  EXPECT_EQ(get({{"If-Match", "\"v2\""}, {"If-None-Match", "\"v1\""}}), Precondition::failed);
  EXPECT_EQ(get({{"If-Match", "\"v1\""}, {"If-None-Match", "\"v1\""}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-Match", "\"v1\""}, {"If-None-Match", "\"v2\""}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-Unmodified-Since", kBefore}, {"If-None-Match", "\"v1\""}}), Precondition::failed);
  EXPECT_EQ(get({{"If-Unmodified-Since", kSame}, {"If-Modified-Since", kSame}}), Precondition::not_modified);
  EXPECT_EQ(get({{"If-Match", "\"v1\""}, {"If-Modified-Since", kSame}}), Precondition::not_modified);
}

TEST(Preconditions, MethodsThatSelectNothingIgnoreThemAll) {
  for (const auto method : {Method::connect, Method::options, Method::trace}) {
    EXPECT_EQ(evaluated(method, {{"If-Match", "\"v2\""}, {"If-None-Match", "*"}}), Precondition::proceed);
  }
}

TEST(Preconditions, AMalformedListMatchesNothing) {
  EXPECT_EQ(get({{"If-None-Match", "v1"}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-None-Match", "*, \"v2\""}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-None-Match", "\"v1"}}), Precondition::proceed);
  EXPECT_EQ(get({{"If-Match", "v1"}}), Precondition::failed);
}

}  // namespace
}  // namespace forebay::http
