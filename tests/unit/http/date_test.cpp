#include "forebay/http/date.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

namespace forebay::http {
namespace {

using std::chrono::sys_days;
using std::chrono::year;

constexpr WallTime kNow = sys_days{year{2024} / 6 / 15} + std::chrono::hours{12};
constexpr WallTime kExample{seconds{784111777}};  // the example of RFC 9110 §5.6.7

std::string reformatted(std::string_view text, WallTime now = kNow) {
  const auto time = parse_date(text, now);
  return time ? format_date(*time) : "invalid";
}

TEST(Date, ReadsAllThreeForms) {
  EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994", kNow), kExample);
  EXPECT_EQ(parse_date("Wed Nov 16 08:49:37 1994", kNow), kExample + std::chrono::days{10});
}

TEST(Date, ReadsEveryMonthAndDayName) {
  const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const char* days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  const char* long_days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  for (unsigned month = 1; month <= 12; ++month) {
    for (unsigned day = 0; day < 7; ++day) {
      const WallTime expected = sys_days{year{2024} / month / 28};
      const std::string name = months[month - 1];
      EXPECT_EQ(parse_date(days[day] + std::string(", 28 ") + name + " 2024 00:00:00 GMT", kNow), expected);
      EXPECT_EQ(parse_date(long_days[day] + std::string(", 28-") + name + "-24 00:00:00 GMT", kNow),
                expected);
      EXPECT_EQ(parse_date(days[day] + std::string(" ") + name + " 28 00:00:00 2024", kNow), expected);
    }
  }
}

TEST(Date, MatchesNamesInAnyCaseAsACacheShould) {
  EXPECT_EQ(parse_date("sun, 06 nov 1994 08:49:37 gmt", kNow), kExample);
  EXPECT_EQ(parse_date("SUNDAY, 06-NOV-94 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_date("sUN nOV  6 08:49:37 1994", kNow), kExample);
}

TEST(Date, TheDayNameNeedNotBeTheRightOne) {
  EXPECT_EQ(parse_date("Mon, 06 Nov 1994 08:49:37 GMT", kNow), kExample);
}

TEST(Date, KnowsTheLengthsOfMonths) {
  EXPECT_EQ(reformatted("Thu, 29 Feb 2024 00:00:00 GMT"), "Thu, 29 Feb 2024 00:00:00 GMT");
  EXPECT_EQ(reformatted("Tue, 29 Feb 2000 00:00:00 GMT"), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(reformatted("Wed, 29 Feb 2023 00:00:00 GMT"), "invalid");
  EXPECT_EQ(reformatted("Mon, 29 Feb 2100 00:00:00 GMT"), "invalid");
  EXPECT_EQ(reformatted("Wed, 31 Apr 2024 00:00:00 GMT"), "invalid");
  EXPECT_EQ(reformatted("Mon, 30 Sep 2024 00:00:00 GMT"), "Mon, 30 Sep 2024 00:00:00 GMT");
}

TEST(Date, ALeapSecondReadsAsTheSecondBefore) {
  EXPECT_EQ(reformatted("Sat, 31 Dec 2016 23:59:60 GMT"), "Sat, 31 Dec 2016 23:59:59 GMT");
  EXPECT_EQ(reformatted("Sat, 31 Dec 2016 22:59:60 GMT"), "invalid");
}

TEST(Date, ReachesFrom1601To9999) {
  EXPECT_EQ(reformatted("Mon, 01 Jan 1601 00:00:00 GMT"), "Mon, 01 Jan 1601 00:00:00 GMT");
  EXPECT_EQ(reformatted("Fri, 31 Dec 9999 23:59:59 GMT"), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(reformatted("Sun, 31 Dec 1600 23:59:59 GMT"), "invalid");
  EXPECT_EQ(reformatted("Sat, 01 Jan 0000 00:00:00 GMT"), "invalid");
}

// RFC 9110 §5.6.7: more than 50 years in the future is the most recent such year in the past.
TEST(Date, TwoDigitYearsAreAtMostFiftyYearsAhead) {
  const struct {
    const char* text;
    const char* expected;
  } rows[] = {
      {"Saturday, 15-Jun-24 12:00:00 GMT", "Sat, 15 Jun 2024 12:00:00 GMT"},
      {"Friday, 15-Jun-74 12:00:00 GMT", "Fri, 15 Jun 2074 12:00:00 GMT"},  // exactly 50 years
      {"Friday, 15-Jun-74 12:00:01 GMT", "Sat, 15 Jun 1974 12:00:01 GMT"},
      {"Tuesday, 01-Jan-75 00:00:00 GMT", "Wed, 01 Jan 1975 00:00:00 GMT"},
      {"Friday, 31-Dec-99 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:59 GMT"},
      {"Saturday, 01-Jan-00 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"},
      {"Tuesday, 29-Feb-00 00:00:00 GMT", "Tue, 29 Feb 2000 00:00:00 GMT"},
      {"Friday, 29-Feb-80 00:00:00 GMT", "Fri, 29 Feb 1980 00:00:00 GMT"},
      {"Friday, 29-Feb-81 00:00:00 GMT", "invalid"},
  };
  for (const auto& row : rows) EXPECT_EQ(reformatted(row.text), row.expected) << row.text;
}

TEST(Date, TwoDigitYearsNearTheEndOfACenturyReachIntoTheNext) {
  const WallTime now = sys_days{year{2095} / 1 / 1};
  EXPECT_EQ(reformatted("Thursday, 01-Jan-05 00:00:00 GMT", now), "Thu, 01 Jan 2105 00:00:00 GMT");
  EXPECT_EQ(reformatted("Thursday, 01-Jan-46 00:00:00 GMT", now), "Mon, 01 Jan 2046 00:00:00 GMT");
}

TEST(Date, TwoDigitYearsAreReadOnALeapDay) {
  const WallTime now = sys_days{year{2024} / 2 / 29};
  EXPECT_EQ(reformatted("Wednesday, 28-Feb-74 00:00:00 GMT", now), "Wed, 28 Feb 2074 00:00:00 GMT");
  EXPECT_EQ(reformatted("Saturday, 02-Mar-74 00:00:00 GMT", now), "Sat, 02 Mar 1974 00:00:00 GMT");
}

TEST(Date, RefusesAnythingElse) {
  const char* const rows[] = {
      "",
      " ",
      "0",
      "-1",
      "784111777",
      "now",
      "Sun",
      "Sun,",
      "Sun, 06 Nov 1994",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 ",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 EST",
      "Sun, 06 Nov 1994 08:49:37 +0000",
      "Sun, 06 Nov 1994 08:49:37 GMT+1",
      "Sun, 06 Nov 1994 08:49:37GMT",
      "Sun, 06 Nov 1994 08:49:37 GMT ",
      " Sun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
      "Sun 06 Nov 1994 08:49:37 GMT",
      "Sun,06 Nov 1994 08:49:37 GMT",
      "Sun,  06 Nov 1994 08:49:37 GMT",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 006 Nov 1994 08:49:37 GMT",
      "Sun, 06  Nov 1994 08:49:37 GMT",
      "Sun, 06\tNov 1994 08:49:37 GMT",
      "Sun, 06-Nov-1994 08:49:37 GMT",
      "Sun, 06-Nov-94 08:49:37 GMT",
      "Sun, 06 Nov 94 08:49:37 GMT",
      "Sun, 06 Nov 199 08:49:37 GMT",
      "Sun, 06 Nov 19940 08:49:37 GMT",
      "Sun, 06 Nov +994 08:49:37 GMT",
      "Sun, 06 Nov 1994 8:49:37 GMT",
      "Sun, 06 Nov 1994 08:49 GMT",
      "Sun, 06 Nov 1994 08.49.37 GMT",
      "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:60:00 GMT",
      "Sun, 06 Nov 1994 08:49:60 GMT",
      "Sun, 06 Nov 1994 23:59:61 GMT",
      "Sun, 06 Nov 1994 -8:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37.5 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT",
      "Sun, 31 Nov 1994 08:49:37 GMT",
      "Sun, 32 Oct 1994 08:49:37 GMT",
      "Sun, 06 Nuv 1994 08:49:37 GMT",
      "Sun, 06 November 1994 08:49:37 GMT",
      "Sun, 06 11 1994 08:49:37 GMT",
      "San, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06 Nov 1994 08:49:37 GMT",
      "06 Nov 1994 08:49:37 GMT",
      "Sunday 06-Nov-94 08:49:37 GMT",
      "Sunday, 06-Nov-1994 08:49:37 GMT",
      "Sunday, 6-Nov-94 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37",
      "Sunday, 06-Nov-94 08:49:37 PST",
      "Sunday, 06 Nov-94 08:49:37 GMT",
      "Sunday, 00-Nov-94 08:49:37 GMT",
      "Sunday, 99-Nov-94 08:49:37 GMT",
      "Sundae, 06-Nov-94 08:49:37 GMT",
      "Sunda, 06-Nov-94 08:49:37 GMT",
      "Sun Nov 6 08:49:37 1994",
      "Sun Nov 006 08:49:37 1994",
      "Sun Nov   6 08:49:37 1994",
      "Sun Nov  16 08:49:37 1994",
      "Sun Nov  0 08:49:37 1994",
      "Sun Nov 31 08:49:37 1994",
      "Sun Nov  6 08:49:37 94",
      "Sun Nov  6 08:49:37 1994 GMT",
      "Sun Nov  6 08:49:37 GMT 1994",
      "Sun, Nov  6 08:49:37 1994",
      "Sunday Nov  6 08:49:37 1994",
      "1994-11-06T08:49:37Z",
      "1994-11-06 08:49:37",
      "S\xc3\xbcn, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:3\xd9\xa7 GMT",
  };
  for (const auto* row : rows) EXPECT_EQ(parse_date(row, kNow), std::nullopt) << row;
  EXPECT_EQ(parse_date(std::string_view("Sun, 06 Nov 1994 08:49:37 GMT\0", 30), kNow), std::nullopt);
}

// RFC 9111 §4.2
TEST(Date, TheLocalTimeZoneDoesNotMatter) {
  const char* const before = std::getenv("TZ");
  const auto saved = before ? std::optional<std::string>(before) : std::nullopt;
  for (const char* zone : {"UTC0", "CET-1CEST", "EST5EDT", "IST-5:30", "nonsense"}) {
    ::setenv("TZ", zone, 1);
    ::tzset();
    EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kExample) << zone;
    EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994", kNow), kExample) << zone;
    EXPECT_EQ(format_date(kExample), "Sun, 06 Nov 1994 08:49:37 GMT") << zone;
  }
  saved ? ::setenv("TZ", saved->c_str(), 1) : ::unsetenv("TZ");
  ::tzset();
}

TEST(Date, EveryPrefixOfADateIsInvalid) {
  for (const std::string_view whole :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(parse_date(whole.substr(0, size), kNow), std::nullopt) << whole.substr(0, size);
    }
  }
}

TEST(Date, WritesImfFixdate) {
  EXPECT_EQ(format_date(kExample), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_date(WallTime{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_date(WallTime{seconds{951'825'599}}), "Tue, 29 Feb 2000 11:59:59 GMT");
}

TEST(Date, WritesNothingBeyondItsLength) {
  char out[kDateLength + 1];
  out[kDateLength] = '!';
  write_date(out, kExample);
  EXPECT_EQ(std::string_view(out, sizeof out), "Sun, 06 Nov 1994 08:49:37 GMT!");
}

TEST(Date, DropsFractionsOfASecondTowardsThePast) {
  EXPECT_EQ(format_date(WallTime{milliseconds{999}}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_date(WallTime{milliseconds{-1}}), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(Date, WritesTheNearestYearItCanExpress) {
  EXPECT_EQ(format_date(WallTime::max()), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(format_date(WallTime::min()), "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST(Date, WhatIsWrittenReadsBack) {
  for (std::int64_t second = -11'000'000'000; second < 250'000'000'000; second += 86'399'977) {
    const WallTime time{seconds{second}};
    ASSERT_EQ(parse_date(format_date(time), kNow), time) << format_date(time);
  }
}

}  // namespace
}  // namespace forebay::http
