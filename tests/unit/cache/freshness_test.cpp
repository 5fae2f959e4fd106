#include "forebay/cache/freshness.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "heads.hpp"

namespace forebay::cache {
namespace {

constexpr std::string_view kYearsAgoText = "Wed, 01 Jan 2014 00:00:00 GMT";

Lifetime lifetime(const http::ResponseHead& head, const Policy& policy = {}) {
  return freshness_lifetime(head, parse_response_cache_control(head.fields), policy, kNow);
}

struct Row {
  http::ResponseHead head;
  seconds value;
  LifetimeSource source;
};

void check(const std::vector<Row>& rows, const Policy& policy = {}) {
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto found = lifetime(rows[at].head, policy);
    EXPECT_EQ(found.value, rows[at].value) << "row " << at;
    EXPECT_EQ(name(found.source), name(rows[at].source)) << "row " << at;
  }
}

TEST(FreshnessLifetime, SharedMaxAgeWinsOverMaxAgeWinsOverExpires) {
  check({
      {response(200, {{"Cache-Control", "max-age=5, s-maxage=9"}, {"Expires", kMinuteLaterText}}), seconds{9},
       LifetimeSource::s_maxage},
      {response(200, {{"Cache-Control", "max-age=9, s-maxage=0"}}), seconds{0}, LifetimeSource::s_maxage},
      {response(200, {{"Cache-Control", "max-age=5"}, {"Expires", kMinuteLaterText}}), seconds{5},
       LifetimeSource::max_age},
      {response(200, {{"Cache-Control", "max-age=0"}, {"Expires", kMinuteLaterText}}), seconds{0},
       LifetimeSource::max_age},
      {response(200, {{"Cache-Control", "public"}, {"Expires", kMinuteLaterText}, {"Date", kNowText}}),
       seconds{60}, LifetimeSource::expires},
      {response(500, {{"Cache-Control", "max-age=5"}}), seconds{5}, LifetimeSource::max_age},
  });
}

TEST(FreshnessLifetime, InvalidExplicitInformationIsStale) {
  check({
      {response(200, {{"Cache-Control", "max-age=x"}, {"Expires", kMinuteLaterText}}), seconds{0},
       LifetimeSource::invalid},
      {response(200, {{"Cache-Control", "max-age=1, max-age=2"}}), seconds{0}, LifetimeSource::invalid},
      {response(200, {{"Cache-Control", "s-maxage=60, max-age=1.5"}}), seconds{0}, LifetimeSource::invalid},
      {response(200, {{"Cache-Control", "max-age=9"}, {"Cache-Control", "max-age=8"}}), seconds{0},
       LifetimeSource::invalid},
      {response(200, {{"Cache-Control", "max-age=9"}, {"Cache-Control", "max-age=9"}}), seconds{9},
       LifetimeSource::max_age},
  });
}

TEST(FreshnessLifetime, SaturatesHugeValues) {
  check({
      {response(200, {{"Cache-Control", "max-age=2147483648"}}), kMaxDelta, LifetimeSource::max_age},
      {response(200, {{"Cache-Control", "s-maxage=999999999999999999999999"}}), kMaxDelta,
       LifetimeSource::s_maxage},
      {response(200, {{"Expires", "Fri, 31 Dec 9999 23:59:59 GMT"}, {"Date", kNowText}}), kMaxDelta,
       LifetimeSource::expires},
  });
  Policy policy;
  policy.default_ttl = seconds::max();
  check({{response(200, {}), kMaxDelta, LifetimeSource::default_ttl}}, policy);
}

TEST(FreshnessLifetime, OfMalformedExpiresIsOver) {
  for (const std::string_view text :
       {"0", "-1", "", "now", "60", "Mon, 01 Jan 2024 00:01:00", "Mon, 01 Jan 2024 00:01:00 UTC",
        "Mon, 01 Jan 2024 00:01:00 +0000", "Mon, 32 Jan 2024 00:01:00 GMT", "Mon, 01 Jan 2024 25:01:00 GMT",
        "Mon, 01 Jan 2024 00:01:00 GMT, Mon, 01 Jan 2024 00:01:00 GMT", "2024-01-01T00:01:00Z"}) {
    check({{response(200, {{"Expires", text}, {"Last-Modified", kTenDaysAgoText}}), seconds{0},
            LifetimeSource::expires}});
  }
}

TEST(FreshnessLifetime, ExpiresIsCountedFromDate) {
  check({
      {response(200, {{"Expires", kMinuteLaterText}, {"Date", kNowText}}), seconds{60},
       LifetimeSource::expires},
      {response(200, {{"Expires", kMinuteLaterText}, {"Date", kHourAgoText}}), seconds{3660},
       LifetimeSource::expires},
      {response(200, {{"Expires", kNowText}, {"Date", kNowText}}), seconds{0}, LifetimeSource::expires},
      {response(200, {{"Expires", kHourAgoText}, {"Date", kNowText}}), seconds{0}, LifetimeSource::expires},
      // without a valid Date it is the time of arrival
      {response(200, {{"Expires", kMinuteLaterText}}), seconds{60}, LifetimeSource::expires},
      {response(200, {{"Expires", kMinuteLaterText}, {"Date", "bad"}}), seconds{60}, LifetimeSource::expires},
      {response(200, {{"Expires", kMinuteLaterText}, {"Date", ""}}), seconds{60}, LifetimeSource::expires},
      // of several Date lines the first
      {response(200, {{"Expires", kMinuteLaterText}, {"Date", kNowText}, {"Date", kHourAgoText}}),
       seconds{60}, LifetimeSource::expires},
      // obsolete forms
      {response(200, {{"Expires", "Monday, 01-Jan-24 00:01:00 GMT"}}), seconds{60}, LifetimeSource::expires},
      {response(200, {{"Expires", "Mon Jan  1 00:01:00 2024"}}), seconds{60}, LifetimeSource::expires},
  });
}

TEST(FreshnessLifetime, SeveralExpiresHaveToAgree) {
  check({
      {response(200, {{"Expires", kMinuteLaterText}, {"Expires", kMinuteLaterText}}), seconds{60},
       LifetimeSource::expires},
      {response(200, {{"Expires", kMinuteLaterText}, {"Expires", kHourAgoText}}), seconds{0},
       LifetimeSource::invalid},
      {response(200, {{"Expires", kMinuteLaterText}, {"Expires", "0"}}), seconds{0}, LifetimeSource::invalid},
      {response(200, {{"Cache-Control", "max-age=3"}, {"Expires", kNowText}, {"Expires", "0"}}), seconds{3},
       LifetimeSource::max_age},
  });
}

TEST(FreshnessLifetime, DefaultTtlSpeaksForSilentResponsesOnly) {
  Policy policy;
  policy.default_ttl = seconds{30};
  check(
      {
          {response(200, {}), seconds{30}, LifetimeSource::default_ttl},
          {response(200, {{"Last-Modified", kTenDaysAgoText}}), seconds{30}, LifetimeSource::default_ttl},
          {response(404, {}), seconds{30}, LifetimeSource::default_ttl},
          {response(200, {{"Cache-Control", "max-age=0"}}), seconds{0}, LifetimeSource::max_age},
          {response(200, {{"Expires", "0"}}), seconds{0}, LifetimeSource::expires},
          {response(200, {{"Cache-Control", "max-age=x"}}), seconds{0}, LifetimeSource::invalid},
          // §4.2.2: neither for codes that are not cacheable on their own
          {response(500, {}), seconds{0}, LifetimeSource::none},
          {response(302, {}), seconds{0}, LifetimeSource::none},
          {response(302, {{"Cache-Control", "public"}}), seconds{30}, LifetimeSource::default_ttl},
      },
      policy);
}

TEST(FreshnessLifetime, StatusesMayHaveTheirOwn) {
  Policy policy;
  policy.status_ttl = {{"404", seconds{7}}, {"5xx", seconds{2}}, {"503", seconds{9}}};
  policy.default_ttl = seconds{60};
  check(
      {
          {response(404, {}), seconds{7}, LifetimeSource::status_ttl},
          {response(500, {}), seconds{2}, LifetimeSource::status_ttl},  // not cacheable by itself
          {response(503, {}), seconds{2}, LifetimeSource::status_ttl},  // the first that fits
          {response(404, {{"Cache-Control", "max-age=5"}}), seconds{5}, LifetimeSource::max_age},
          {response(200, {}), seconds{60}, LifetimeSource::default_ttl},
      },
      policy);
}

TEST(FreshnessLifetime, HeuristicIsAPartOfTheTimeSinceLastModified) {
  check({
      {response(200, {{"Last-Modified", kTenDaysAgoText}}), seconds{86400}, LifetimeSource::heuristic},
      {response(200, {{"Last-Modified", kHourAgoText}, {"Date", kNowText}}), seconds{360},
       LifetimeSource::heuristic},
      {response(404, {{"Last-Modified", kHourAgoText}}), seconds{360}, LifetimeSource::heuristic},
      {response(200, {{"Last-Modified", kYearsAgoText}}), seconds{86400}, LifetimeSource::heuristic},
      {response(403, {{"Last-Modified", kHourAgoText}, {"Cache-Control", "public"}}), seconds{360},
       LifetimeSource::heuristic},
      // no ground for a guess
      {response(200, {}), seconds{0}, LifetimeSource::none},
      {response(200, {{"Last-Modified", kNowText}}), seconds{0}, LifetimeSource::none},
      {response(200, {{"Last-Modified", kMinuteLaterText}}), seconds{0}, LifetimeSource::none},
      {response(200, {{"Last-Modified", "bad"}}), seconds{0}, LifetimeSource::none},
      {response(403, {{"Last-Modified", kHourAgoText}}), seconds{0}, LifetimeSource::none},
      {response(200, {{"Last-Modified", kHourAgoText}, {"Expires", "0"}}), seconds{0},
       LifetimeSource::expires},
  });
}

TEST(FreshnessLifetime, HeuristicFollowsThePolicy) {
  const auto head = response(200, {{"Last-Modified", kHourAgoText}});
  Policy policy;
  policy.heuristic_percent = 50;
  EXPECT_EQ(lifetime(head, policy).value, seconds{1800});
  policy.heuristic_max = seconds{100};
  EXPECT_EQ(lifetime(head, policy).value, seconds{100});
  policy.heuristic_max = seconds{0};
  EXPECT_EQ(lifetime(head, policy).source, LifetimeSource::none);
  policy.heuristic_max = seconds{100};
  policy.heuristic_percent = 0;
  EXPECT_EQ(lifetime(head, policy).source, LifetimeSource::none);
}

TEST(ReceivedAge, IsTheFirstMemberOfTheFirstLine) {
  const auto age = [](const Lines& lines) { return received_age(fields(lines)); };
  EXPECT_EQ(age({{"Age", "0"}}), seconds{0});
  EXPECT_EQ(age({{"Age", "007"}}), seconds{7});
  EXPECT_EQ(age({{"Age", "5, 9"}}), seconds{5});
  EXPECT_EQ(age({{"Age", ", 5 ,x"}}), seconds{5});
  EXPECT_EQ(age({{"Age", "5"}, {"Age", "x"}}), seconds{5});
  EXPECT_EQ(age({{"Age", "2147483648"}}), kMaxDelta);
  EXPECT_EQ(age({{"Age", "99999999999999999999999"}}), kMaxDelta);
  EXPECT_EQ(age({}), std::nullopt);
}

// RFC 9111 §5.1: ignored.
TEST(ReceivedAge, IsNoneWhenMalformed) {
  for (const std::string_view value :
       {"",      " ",        ",",        ", ,",   "-1",    "-0",    "+1",    "1.0",
        "1.",    ".5",       "1e3",      "0x10",  "1_000", "1 000", "1s",    "60 seconds",
        "ten",   "\"5\"",    "\"5, 6\"", "'5'",   "5;q=1", "=5",    "age=5", "x, 5",
        "-1, 5", "5\v",      "5\r",      "5\n",   "(5)",   "*",     "NaN",   "infinity",
        "00:05", "\xd9\xa5", "１",       "5\x80", "5\"",   "\"5",   "\\5",   "99999999999999999999999x"}) {
    EXPECT_EQ(received_age(fields({{"Age", value}})), std::nullopt) << value;
  }
  EXPECT_EQ(received_age(fields({{"Age", std::string_view("5\0", 2)}})), std::nullopt);
  EXPECT_EQ(received_age(fields({{"Age", "x"}, {"Age", "5"}})), std::nullopt) << "the first line decides";
}

TEST(InitialAge, IsTheGreaterOfApparentAndCorrectedAge) {
  struct AgeRow {
    Lines lines;
    seconds delay;
    seconds expected;
  };
  const std::vector<AgeRow> rows{
      {{}, seconds{0}, seconds{0}},
      {{}, seconds{2}, seconds{2}},
      {{{"Age", "10"}}, seconds{2}, seconds{12}},
      {{{"Date", kHourAgoText}}, seconds{2}, seconds{3600}},
      {{{"Date", kHourAgoText}, {"Age", "3599"}}, seconds{2}, seconds{3601}},
      {{{"Date", kHourAgoText}, {"Age", "10"}}, seconds{2}, seconds{3600}},
      {{{"Date", kMinuteLaterText}}, seconds{0}, seconds{0}},
      {{{"Date", kMinuteLaterText}, {"Age", "7"}}, seconds{0}, seconds{7}},
      {{{"Date", "bad"}}, seconds{0}, seconds{0}},
      {{{"Date", "0"}, {"Age", "3"}}, seconds{1}, seconds{4}},
      {{{"Age", "5, 9"}}, seconds{0}, seconds{5}},
      {{{"Age", "5"}, {"Age", "9"}}, seconds{0}, seconds{5}},
      {{{"Age", "-5"}}, seconds{1}, seconds{1}},
      {{{"Age", "5.5"}}, seconds{0}, seconds{0}},
      {{{"Age", "5s"}}, seconds{0}, seconds{0}},
      {{{"Age", ""}}, seconds{0}, seconds{0}},
      {{{"Age", ","}}, seconds{0}, seconds{0}},
      {{{"Age", "\"5\""}}, seconds{0}, seconds{0}},
      {{{"Age", "abc, 5"}}, seconds{0}, seconds{0}},
      {{{"Age", "abc"}, {"Age", "5"}}, seconds{0}, seconds{0}},
      {{{"Age", "2147483647"}}, seconds{9}, kMaxDelta},
      {{{"Age", "99999999999999999999999"}}, seconds{9}, kMaxDelta},
      {{}, seconds{-5}, seconds{0}},  // the clock was set back meanwhile
      {{{"Age", "4"}}, seconds{-5}, seconds{4}},
  };
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto head = response(200, rows[at].lines);
    EXPECT_EQ(corrected_initial_age(head, kNow - rows[at].delay, kNow), rows[at].expected) << "row " << at;
  }
}

Freshness assessed(const Lines& lines, const Policy& policy = {}, int status = 200) {
  const auto head = response(status, lines);
  return assess(head, parse_response_cache_control(head.fields), policy, kNow - seconds{1}, kNow);
}

TEST(Assess, KeepsTimes) {
  const auto found = assessed({{"Cache-Control", "max-age=60"}, {"Age", "10"}});
  EXPECT_EQ(found.response_time, kNow);
  EXPECT_EQ(found.initial_age.count(), 11);
  EXPECT_EQ(found.lifetime.count(), 60);
  EXPECT_EQ(found.fetch_time.count(), 1000);
  EXPECT_TRUE(assessed({{"Last-Modified", kHourAgoText}}).heuristic);
}

TEST(Assess, KeepsTheLargestTimes) {
  const auto found = assessed({{"Cache-Control", "max-age=99999999999"}, {"Age", "99999999999"}});
  EXPECT_EQ(found.lifetime, kMaxDelta);
  EXPECT_EQ(found.initial_age, kMaxDelta);
}

TEST(Assess, KnowsWhatMustBeValidated) {
  EXPECT_TRUE(assessed({{"Cache-Control", "no-cache"}}).always_validate);
  EXPECT_TRUE(assessed({{"Cache-Control", "no-cache=\"x\""}}).always_validate);
  EXPECT_FALSE(assessed({{"Cache-Control", "must-revalidate"}}).always_validate);
  for (const std::string_view text : {"must-revalidate", "proxy-revalidate", "s-maxage=9"}) {
    EXPECT_TRUE(assessed({{"Cache-Control", text}}).never_stale) << text;
  }
  EXPECT_FALSE(assessed({{"Cache-Control", "max-age=9"}}).never_stale);
}

TEST(Assess, KnowsWhoseCacheControlClientsAreTold) {
  Policy policy;
  EXPECT_FALSE(assessed({}, policy).control_replaced);
  policy.client_cache_control = "public, max-age=60";
  EXPECT_TRUE(assessed({}, policy).control_replaced);
  EXPECT_TRUE(assessed({}, policy, 301).control_replaced);
  EXPECT_FALSE(assessed({}, policy, 404).control_replaced);
  EXPECT_FALSE(assessed({}, policy, 500).control_replaced);
  EXPECT_FALSE(assessed({{"Cache-Control", "private"}}, policy).control_replaced);
  EXPECT_FALSE(assessed({{"Cache-Control", "no-store"}}, policy).control_replaced);
  EXPECT_FALSE(assessed({{"Set-Cookie", "a=1"}}, policy).control_replaced);
}

TEST(CurrentAge, GrowsWithResidentTime) {
  const Freshness freshness{
      .response_time = kNow, .initial_age = StoredSeconds{10}, .lifetime = StoredSeconds{60}};
  EXPECT_EQ(current_age(freshness, kNow), seconds{10});
  EXPECT_EQ(current_age(freshness, kNow + milliseconds{999}), seconds{10});
  EXPECT_EQ(current_age(freshness, kNow + milliseconds{1000}), seconds{11});
  EXPECT_EQ(remaining(freshness, kNow), seconds{50});
  EXPECT_EQ(remaining(freshness, kNow + seconds{50}), seconds{0});
  EXPECT_EQ(remaining(freshness, kNow + seconds{51}), seconds{-1});
}

TEST(CurrentAge, IgnoresAClockThatWentBackwards) {
  const Freshness freshness{.response_time = kNow, .initial_age = StoredSeconds{10}};
  EXPECT_EQ(current_age(freshness, kNow - seconds{100}), seconds{10});
}

TEST(CurrentAge, Saturates) {
  const Freshness freshness{.response_time = kNow, .initial_age = kMaxDelta, .lifetime = kMaxDelta};
  EXPECT_EQ(current_age(freshness, kNow + kMaxDelta), kMaxDelta);
  EXPECT_EQ(remaining(freshness, kNow + kMaxDelta), seconds{0});
  const Freshness never{.response_time = kNow};
  EXPECT_EQ(remaining(never, WallTime::max()), -kMaxDelta);
}

Freshness assessed(std::string_view cache_control, const Policy& policy = {}) {
  const auto head = response(200, {{"Cache-Control", cache_control}, {"Date", kNowText}});
  return assess(head, parse_response_cache_control(head.fields), policy, kNow - milliseconds{250}, kNow);
}

TEST(Assess, KeepsTheStaleWindows) {
  Policy policy;
  policy.stale_while_revalidate = seconds{7};
  policy.stale_if_error = seconds{8};
  struct Windows {
    std::string_view cache_control;
    int while_revalidate;
    int if_error;
  };
  constexpr Windows kRows[] = {
      {"max-age=9, stale-while-revalidate=30, stale-if-error=60", 30, 60},
      {"max-age=9, stale-while-revalidate=0, stale-if-error=0", 0, 0},
      {"max-age=9", 7, 8},
      {"max-age=9, stale-while-revalidate=x", 7, 8},
      {"max-age=9, stale-while-revalidate=30, must-revalidate", 0, 0},
      {"max-age=9, stale-if-error=30, proxy-revalidate", 0, 0},
      {"max-age=9, stale-while-revalidate=30, no-cache", 0, 0},
      {"max-age=9, no-cache=\"a\"", 0, 0},
      {"s-maxage=9", 0, 0},
      {"s-maxage=9, stale-while-revalidate=30", 30, 0},  // said by the same response
  };
  for (const auto& row : kRows) {
    const auto freshness = assessed(row.cache_control, policy);
    EXPECT_EQ(freshness.stale_while_revalidate.count(), row.while_revalidate) << row.cache_control;
    EXPECT_EQ(freshness.stale_if_error.count(), row.if_error) << row.cache_control;
  }
}

TEST(Assess, KeepsWhatTheFetchTook) { EXPECT_EQ(assessed("max-age=9").fetch_time.count(), 250); }

TEST(Assess, KeepsLifetimesWithinThePolicysBounds) {
  Policy policy;
  policy.min_ttl = seconds{10};
  policy.max_ttl = seconds{100};
  EXPECT_EQ(assessed("max-age=5", policy).lifetime.count(), 10);
  EXPECT_EQ(assessed("max-age=50", policy).lifetime.count(), 50);
  EXPECT_EQ(assessed("max-age=500", policy).lifetime.count(), 100);
  EXPECT_EQ(assessed("max-age=x", policy).lifetime.count(), 0) << "invalid stays stale";
  EXPECT_EQ(assessed("max-age=5, no-cache", policy).lifetime.count(), 5);
  EXPECT_EQ(assessed("public", policy).lifetime.count(), 0) << "none is no short one";
}

TEST(Jittered, ShortensByAtMostSoManyPercent) {
  Policy policy;
  EXPECT_EQ(jittered(StoredSeconds{100}, policy, 0.99).count(), 100);
  policy.ttl_jitter = 20;
  EXPECT_EQ(jittered(StoredSeconds{100}, policy, 0).count(), 100);
  EXPECT_EQ(jittered(StoredSeconds{100}, policy, 0.5).count(), 90);
  EXPECT_EQ(jittered(StoredSeconds{100}, policy, 1).count(), 80);
  EXPECT_EQ(jittered(StoredSeconds{0}, policy, 1).count(), 0);
}

TEST(IsDueEarly, FollowsTheXFetchRule) {
  Policy policy;
  policy.early_refresh = 100;
  const Freshness freshness{.response_time = kNow,
                            .lifetime = StoredSeconds{60},
                            .fetch_time = std::chrono::duration<std::int32_t, std::milli>{1000}};
  const auto due = [&](int ms_left, double random, int beta = 100) {
    policy.early_refresh = beta;
    return is_due_early(freshness, policy, kNow + seconds{60} - milliseconds{ms_left}, random);
  };
  EXPECT_TRUE(due(1000, 0.36));   // -ln(0.36) = 1.02
  EXPECT_FALSE(due(1000, 0.37));  // -ln(0.37) = 0.99
  EXPECT_FALSE(due(1000, 1));
  EXPECT_TRUE(due(1, 0.9));
  EXPECT_TRUE(due(1000, 0.6, 200));
  EXPECT_FALSE(due(1000, 0.6, 100));
  EXPECT_FALSE(due(1, 0.001, 0)) << "switched off";
  EXPECT_TRUE(due(2000, 1e-9));
  EXPECT_FALSE(due(2001, 1e-9)) << "earlier than two fetch times before the end";
}

TEST(IsDueEarly, NeverInTheFirstHalf) {
  Policy policy;
  policy.early_refresh = 100;
  const Freshness freshness{.response_time = kNow,
                            .lifetime = StoredSeconds{2},
                            .fetch_time = std::chrono::duration<std::int32_t, std::milli>{5000}};
  EXPECT_FALSE(is_due_early(freshness, policy, kNow + milliseconds{999}, 1e-9));
  EXPECT_TRUE(is_due_early(freshness, policy, kNow + milliseconds{1000}, 1e-9));
  EXPECT_FALSE(is_due_early({}, policy, kNow, 1e-9));
}

}  // namespace
}  // namespace forebay::cache
