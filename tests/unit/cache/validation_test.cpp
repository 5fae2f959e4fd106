#include "forebay/cache/validation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "heads.hpp"

namespace forebay::cache {
namespace {

constexpr std::string_view kStatusLine = "HTTP/1.1 200 OK\r\n";
constexpr auto kLater = kNow + seconds{60};  // when the 304 arrives, at kMinuteLaterText

std::string head_with(std::string_view lines) { return std::string(kStatusLine) + std::string(lines); }

// ---- Asking --------------------------------------------------------------------------------------

TEST(Validation, AsksWithEveryValidator) {
  struct Row {
    std::string_view lines, expected;
  };
  const std::vector<Row> rows{
      {"", ""},
      {"ETag: \"a\"\r\n", "If-None-Match: \"a\"\r\n"},
      {"ETag: W/\"a\"\r\n", "If-None-Match: W/\"a\"\r\n"},
      {"Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n",
       "If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT\r\n"},
      {"Last-Modified: Monday, 01-Jan-24 00:00:00 GMT\r\nETag: \"a\"\r\n",
       "If-None-Match: \"a\"\r\nIf-Modified-Since: Monday, 01-Jan-24 00:00:00 GMT\r\n"},
      {"ETag: a\r\nLast-Modified: yesterday\r\n", ""},
      {"ETag: \r\n", ""},
  };
  for (const auto& row : rows) {
    const auto stored = stored_with(head_with(row.lines));
    std::string out;
    append_validation_fields(out, *stored);
    EXPECT_EQ(out, row.expected);
    EXPECT_EQ(can_validate(*stored), !row.expected.empty()) << row.lines;
  }
}

// ---- Selecting -----------------------------------------------------------------------------------

TEST(Validation, SelectsByTheValidatorsOfThe304) {
  constexpr std::string_view strong = "ETag: \"a\"\r\n";
  constexpr std::string_view weak = "ETag: W/\"a\"\r\n";
  constexpr std::string_view dated = "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n";
  constexpr std::string_view both = "ETag: \"a\"\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n";
  struct Row {
    std::string_view stored;
    Lines received;
    bool selected;
  };
  const std::vector<Row> rows{
      // a strong tag decides alone, by strong comparison
      {strong, {{"ETag", "\"a\""}}, true},
      {strong, {{"ETag", "\"b\""}}, false},
      {weak, {{"ETag", "\"a\""}}, false},
      {dated, {{"ETag", "\"a\""}}, false},
      {"", {{"ETag", "\"a\""}}, false},
      {both, {{"ETag", "\"a\""}, {"Last-Modified", kHourAgoText}}, true},
      {both, {{"ETag", "\"b\""}, {"Last-Modified", kNowText}}, false},
      // weak validators have to correspond
      {weak, {{"ETag", "W/\"a\""}}, true},
      {strong, {{"ETag", "W/\"a\""}}, true},
      {weak, {{"ETag", "W/\"b\""}}, false},
      {dated, {{"ETag", "W/\"a\""}}, false},
      {dated, {{"Last-Modified", kNowText}}, true},
      {dated, {{"Last-Modified", "Monday, 01-Jan-24 00:00:00 GMT"}}, true},
      {dated, {{"Last-Modified", kHourAgoText}}, false},
      {both, {{"Last-Modified", kNowText}}, true},
      {both, {{"ETag", "W/\"a\""}, {"Last-Modified", kHourAgoText}}, false},
      {strong, {{"Last-Modified", kNowText}}, false},
      // none at all, or nothing that is one
      {strong, {}, true},
      {dated, {}, true},
      {"", {}, true},
      {strong, {{"ETag", "a"}}, true},
      {dated, {{"Last-Modified", "now"}}, true},
  };
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto stored = stored_with(head_with(rows[at].stored));
    EXPECT_EQ(selects(response(304, rows[at].received), *stored), rows[at].selected) << "row " << at;
  }
}

TEST(Validation, JudgesHeadResponses) {
  const auto stored =
      stored_with(head_with("ETag: \"a\"\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n"));
  struct Row {
    int status;
    Lines lines;
    HeadVerdict verdict;
  };
  const std::vector<Row> rows{
      {200, {{"ETag", "\"a\""}}, HeadVerdict::freshens},
      {200, {{"ETag", "\"a\""}, {"Content-Length", "5"}}, HeadVerdict::freshens},
      {200, {{"Last-Modified", kNowText}}, HeadVerdict::freshens},
      {200, {{"Content-Length", "5"}}, HeadVerdict::freshens},
      {200, {{"ETag", "\"b\""}}, HeadVerdict::invalidates},
      {200, {{"ETag", "\"a\""}, {"Last-Modified", kHourAgoText}}, HeadVerdict::invalidates},
      {200, {{"ETag", "\"a\""}, {"Content-Length", "6"}}, HeadVerdict::invalidates},
      {200, {{"ETag", "\"a\""}, {"Content-Length", "x"}}, HeadVerdict::invalidates},
      {200, {}, HeadVerdict::says_nothing},
      {304, {{"ETag", "\"b\""}}, HeadVerdict::says_nothing},
      {404, {}, HeadVerdict::says_nothing},
      {500, {{"ETag", "\"b\""}}, HeadVerdict::says_nothing},
  };
  for (std::size_t at = 0; at < rows.size(); ++at) {
    EXPECT_EQ(judge_head(response(rows[at].status, rows[at].lines), *stored), rows[at].verdict)
        << "row " << at;
  }
}

// ---- The kept head -------------------------------------------------------------------------------

std::string kept(const http::ResponseHead& head, const Policy& policy = {}) {
  std::string out;
  append_kept_head(out, head, policy, kNow);
  return out;
}

TEST(KeptHead, HoldsEndToEndFields) {
  EXPECT_EQ(kept(response(200, {{"Date", kHourAgoText},
                                {"Connection", "close, X-Hop"},
                                {"X-Hop", "1"},
                                {"Keep-Alive", "timeout=5"},
                                {"Transfer-Encoding", "chunked"},
                                {"Upgrade", "h2c"},
                                {"Proxy-Authenticate", "Basic"},
                                {"Age", "7"},
                                {"Content-Length", "5"},
                                {"content-type", "text/plain"},
                                {"Via", "1.0 other"},
                                {"Cache-Status", "other; hit"},
                                {"X-Empty", ""}})),
            "HTTP/1.1 200 OK\r\nDate: Sun, 31 Dec 2023 23:00:00 GMT\r\ncontent-type: text/plain\r\n"
            "Via: 1.0 other\r\nCache-Status: other; hit\r\nX-Empty: \r\nVia: 1.1 forebay\r\n");
}

TEST(KeptHead, KeepsAnyStatusAndReason) {
  auto head = response(299, {{"Date", kNowText}});
  head.reason = "Quite OK";
  EXPECT_TRUE(kept(head).starts_with("HTTP/1.1 299 Quite OK\r\n"));
}

TEST(KeptHead, AddsAMissingOrMalformedDate) {
  const std::string expected =
      "HTTP/1.1 204 No Content\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nVia: 1.1 forebay\r\n";
  EXPECT_EQ(kept(response(204, {})), expected);
  EXPECT_EQ(kept(response(204, {{"Date", "bad"}})), expected);
  EXPECT_EQ(kept(response(204, {{"Date", ""}})), expected);
  EXPECT_EQ(kept(response(204, {{"Date", kNowText}, {"Date", kHourAgoText}})), expected);
}

TEST(KeptHead, NamesTheProtocolThatWasReceived) {
  auto head = response(204, {{"Date", kNowText}});
  head.minor_version = 0;
  EXPECT_TRUE(kept(head).ends_with("\r\nVia: 1.0 forebay\r\n"));
}

TEST(KeptHead, TellsClientsWhatThePolicySays) {
  Policy policy;
  policy.client_cache_control = "public, max-age=9";
  const Lines lines{{"Date", kNowText}, {"Cache-Control", "max-age=1"}, {"Expires", "0"}, {"Pragma", "x"}};
  EXPECT_EQ(kept(response(200, lines), policy),
            "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nCache-Control: public, max-age=9\r\n"
            "Via: 1.1 forebay\r\n");
  EXPECT_NE(
      kept(response(404, lines), policy).find("Cache-Control: max-age=1\r\nExpires: 0\r\nPragma: x\r\n"),
      std::string::npos);
}

TEST(KeptHead, IsStrippedOfCookiesWhereThePolicySaysSo) {
  const auto head = response(200, {{"Date", kNowText}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b=1"}});
  Policy policy;
  EXPECT_NE(kept(head, policy).find("Set-Cookie: a=1\r\nSet-Cookie: b=1\r\n"), std::string::npos);
  policy.set_cookie = SetCookie::strip;
  EXPECT_EQ(kept(head, policy),
            "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nVia: 1.1 forebay\r\n");
}

TEST(KeptHead, DoesNotMakePrivateResponsesPublic) {
  Policy policy;
  policy.client_cache_control = "public, max-age=9";
  for (const std::string_view control : {"private", "no-store"}) {
    const auto head = kept(response(200, {{"Cache-Control", control}}), policy);
    EXPECT_NE(head.find(control), std::string::npos);
    EXPECT_EQ(head.find("public"), std::string::npos);
  }
  EXPECT_EQ(kept(response(200, {{"Set-Cookie", "a=1"}}), policy).find("public"), std::string::npos);
}

TEST(KeptHead, IsEditedLast) {
  Policy policy;
  policy.client_cache_control = "public, max-age=9";
  policy.response_edits = {
      .set = {{"Cache-Control", "no-cache"}}, .add = {{"X-A", "2"}}, .remove = {"Server"}};
  const auto head = response(200, {{"Date", kNowText}, {"Server", "x"}, {"X-A", "1"}});
  const std::string expected =
      "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nX-A: 1\r\n"
      "Cache-Control: no-cache\r\nX-A: 2\r\nVia: 1.1 forebay\r\n";
  EXPECT_EQ(kept(head, policy), expected);
  std::string passed;
  append_passed_head(passed, head, policy, kNow);
  EXPECT_EQ(passed, expected);
}

// ---- Freshening ----------------------------------------------------------------------------------

/// Stores a response as the lifecycle does.
StoredResponsePtr store(const Lines& lines, const Policy& policy = {}, int status = 200) {
  const auto head = response(status, lines);
  std::string text;
  append_kept_head(text, head, policy, kNow);
  http::append_field(text, "Content-Length", "5");
  return stored_with(text, "hello",
                     assess(head, parse_response_cache_control(head.fields), policy, kNow, kNow));
}

StoredResponsePtr freshened(const StoredResponse& stored, const http::ResponseHead& update,
                            const Policy& policy = {}) {
  return freshen(stored, update, policy, kLater, kLater, 9, 0);
}

TEST(Freshen, ReplacesStoredFields) {
  const auto stored = store({{"Date", kNowText},
                             {"Cache-Control", "max-age=1"},
                             {"ETag", "\"a\""},
                             {"X-Many", "1"},
                             {"X-Many", "2"},
                             {"X-Kept", "k"}});
  const auto fresh = freshened(*stored, response(304, {{"Date", kMinuteLaterText},
                                                       {"cache-control", "max-age=2"},
                                                       {"x-many", "3"},
                                                       {"X-New", "n"},
                                                       {"ETag", "\"a\""}}));
  EXPECT_EQ(
      fresh->head(),
      "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:01:00 GMT\r\nX-Kept: k\r\ncache-control: max-age=2\r\n"
      "x-many: 3\r\nX-New: n\r\nETag: \"a\"\r\nVia: 1.1 forebay\r\nContent-Length: 5\r\n");
  EXPECT_EQ(fresh->freshness(), (Freshness{.response_time = kLater, .lifetime = StoredSeconds{2}}));
}

TEST(Freshen, KeepsWhatTheResponseIs) {
  StoredParts parts;
  parts.key = "http://h:80/";
  parts.vary_names = "accept";
  parts.variant_key = "1:a";
  parts.status = 404;
  parts.head = "HTTP/1.1 404 Gone Fishing\r\nVary: Accept\r\nVia: 1.1 forebay\r\n";
  parts.position = 3;
  parts.body = Body::from(std::string_view("hello"));
  const auto fresh = freshened(*StoredResponse::make(parts), response(304, {}));
  EXPECT_EQ(fresh->key(), parts.key);
  EXPECT_EQ(fresh->vary_names(), "accept");
  EXPECT_EQ(fresh->variant_key(), "1:a");
  EXPECT_EQ(fresh->status(), 404);
  EXPECT_EQ(fresh->position(), 9u);
  EXPECT_EQ(fresh->body(), parts.body);
  EXPECT_EQ(fresh->head(),
            "HTTP/1.1 404 Gone Fishing\r\nDate: Mon, 01 Jan 2024 00:01:00 GMT\r\nVary: Accept\r\n"
            "Via: 1.1 forebay\r\n");
}

TEST(Freshen, LeavesOutWhatIsNotForTheStore) {
  const auto stored = store({{"Date", kNowText}, {"Content-Encoding", "gzip"}, {"Content-Type", "a/b"}});
  const auto fresh = freshened(*stored, response(304, {{"Content-Length", "0"},
                                                       {"Content-Encoding", "br"},
                                                       {"Content-Range", "bytes 0-1/2"},
                                                       {"Content-Type", "c/d"},
                                                       {"Set-Cookie", "a=1"},
                                                       {"Connection", "X-Hop"},
                                                       {"X-Hop", "1"},
                                                       {"Transfer-Encoding", "chunked"},
                                                       {"Age", "4"}}));
  EXPECT_EQ(fresh->head(),
            "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:01:00 GMT\r\nContent-Encoding: gzip\r\n"
            "Content-Type: c/d\r\nVia: 1.1 forebay\r\nContent-Length: 5\r\n");
}

TEST(Freshen, LeavesTheBodysDigestsAsTheyAre) {
  const auto stored = store({{"Date", kNowText}, {"Content-MD5", "a"}, {"Repr-Digest", "b"}});
  const auto fresh = freshened(
      *stored,
      response(304,
               {{"content-md5", "c"}, {"Repr-Digest", "d"}, {"Content-Digest", "e"}, {"Digest-Of", "f"}}));
  EXPECT_EQ(fresh->head(),
            "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:01:00 GMT\r\nContent-MD5: a\r\nRepr-Digest: b\r\n"
            "Digest-Of: f\r\nVia: 1.1 forebay\r\nContent-Length: 5\r\n");
}

TEST(Freshen, TakesCookiesOverWhereThePolicyKeepsThem) {
  Policy policy;
  policy.set_cookie = SetCookie::keep;
  const auto stored = store({{"Date", kNowText}, {"Set-Cookie", "a=1"}});
  const auto fresh = freshened(*stored, response(304, {{"Set-Cookie", "a=2"}}), policy);
  EXPECT_NE(fresh->head().find("Set-Cookie: a=2\r\n"), std::string::npos);
  EXPECT_EQ(fresh->head().find("a=1"), std::string::npos);
}

TEST(Freshen, ATargetedFieldCountsWhereClientsAreToldSomethingElse) {
  Policy policy;
  policy.client_cache_control = "public, max-age=9";
  const auto head = response(200, {{"Date", kNowText}, {"Cache-Control", "max-age=60"}});
  const auto stored =
      stored_with(kept(head, policy), "hello",
                  assess(head, parse_response_cache_control(head.fields), policy, kNow, kNow));
  EXPECT_TRUE(freshened(*stored, response(304, {{"CDN-Cache-Control", "no-cache"}}), policy)
                  ->freshness()
                  .always_validate);
}

TEST(Freshen, AJitteredLifetimeThatIsCarriedOverIsNotShortenedAgain) {
  Policy policy;
  policy.client_cache_control = "public, max-age=9";
  policy.ttl_jitter = 50;
  const auto head = response(200, {{"Date", kNowText}, {"Cache-Control", "max-age=1000"}});
  auto freshness = assess(head, parse_response_cache_control(head.fields), policy, kNow, kNow);
  freshness.lifetime = StoredSeconds{600};
  const auto stored = stored_with(kept(head, policy), "hello", freshness);
  EXPECT_EQ(freshen(*stored, response(304, {}), policy, kLater, kLater, 9, 1.0)->freshness().lifetime.count(),
            600);
}

TEST(Freshen, CountsByATargetedField) {
  const auto stored = store({{"Date", kNowText}, {"Cache-Control", "max-age=1"}});
  const auto fresh = freshened(*stored, response(304, {{"CDN-Cache-Control", "max-age=7"}}));
  EXPECT_EQ(fresh->freshness().lifetime.count(), 7);
}

TEST(Freshen, CountsAgeFromTheAnswer) {
  const auto stored = store({{"Date", kHourAgoText}, {"Age", "500"}, {"Cache-Control", "max-age=600"}});
  EXPECT_EQ(stored->freshness().initial_age, seconds{3600});
  // a 304 without Date was made when it arrived
  EXPECT_EQ(freshened(*stored, response(304, {}))->freshness().initial_age, seconds{0});
  EXPECT_EQ(freshened(*stored, response(304, {{"Date", "bad"}}))->freshness().initial_age, seconds{0});
  EXPECT_EQ(freshened(*stored, response(304, {{"Date", kNowText}}))->freshness().initial_age, seconds{60});
  EXPECT_EQ(freshened(*stored, response(304, {{"Age", "7"}}))->freshness().initial_age, seconds{7});
  EXPECT_EQ(freshened(*stored, response(304, {}))->freshness().lifetime, seconds{600});
}

TEST(Freshen, HasOurViaOnce) {
  const auto stored = store({{"Date", kNowText}, {"Via", "1.1 forebay"}, {"Via", "1.0 other"}});
  constexpr std::string_view all = "Via: 1.1 forebay\r\nVia: 1.0 other\r\nVia: 1.1 forebay\r\n";
  EXPECT_NE(stored->head().find(all), std::string_view::npos);
  const auto once = freshened(*stored, response(304, {}));
  const auto twice = freshened(*once, response(304, {}));
  EXPECT_EQ(twice->head(), once->head());
  EXPECT_NE(twice->head().find(all), std::string_view::npos);
  const auto other_way = freshened(*once, response(304, {{"Via", "1.1 x"}}));
  EXPECT_NE(other_way->head().find("Via: 1.1 x\r\nVia: 1.1 forebay\r\n"), std::string_view::npos);
  EXPECT_EQ(other_way->head().find("other"), std::string_view::npos);
}

TEST(Freshen, DoesNotCountByWhatClientsAreTold) {
  Policy policy;
  policy.client_cache_control = "public, max-age=31536000";
  const auto stored = store({{"Date", kNowText}, {"Cache-Control", "s-maxage=60"}}, policy);
  EXPECT_EQ(stored->freshness().lifetime, seconds{60});

  const auto silent = freshened(*stored, response(304, {}), policy);
  EXPECT_EQ(silent->freshness().lifetime, seconds{60});
  EXPECT_TRUE(silent->freshness().never_stale);
  EXPECT_NE(silent->head().find("Cache-Control: public, max-age=31536000\r\n"), std::string_view::npos);

  const auto told = freshened(*silent, response(304, {{"Cache-Control", "max-age=5"}}), policy);
  EXPECT_EQ(told->freshness().lifetime, seconds{5});
  EXPECT_FALSE(told->freshness().never_stale);
  EXPECT_EQ(told->head().find("max-age=5"), std::string_view::npos);

  const auto expiring = freshened(*stored, response(304, {{"Expires", "0"}}), policy);
  EXPECT_EQ(expiring->freshness().lifetime, seconds{0});
}

TEST(Freshen, SurvivesAPolicyThatIsTakenBack) {
  Policy policy;
  policy.client_cache_control = "public, max-age=31536000";
  const auto stored = store({{"Date", kNowText}, {"Cache-Control", "max-age=60"}}, policy);
  const auto fresh = freshened(*stored, response(304, {}), Policy{});
  EXPECT_EQ(fresh->head().find("31536000"), std::string_view::npos);
  const auto again = freshened(*fresh, response(304, {}), Policy{});
  EXPECT_EQ(again->freshness().lifetime, seconds{60});
}

TEST(Freshen, MakesStaleWhatMayNoLongerBeStored) {
  const auto stored = store({{"Date", kNowText}, {"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
  struct Row {
    Lines lines;
    std::string_view verdict;
  };
  const std::vector<Row> rows{
      {{{"Cache-Control", "max-age=60"}}, "stored"},
      {{{"Cache-Control", "must-understand, no-store, max-age=60"}}, "stored"},
      {{{"Vary", ""}}, "stored"},
      {{{"Cache-Control", "no-store, max-age=60"}}, "no_store"},
      {{{"Cache-Control", "private, max-age=60"}}, "private"},
      {{{"Vary", "Accept"}}, "vary_any"},
      {{{"Vary", "*"}}, "vary_any"},
  };
  for (const auto& row : rows) {
    const auto update = response(304, row.lines);
    EXPECT_EQ(name(storability_after(update, *stored, {}, kNow)), row.verdict);
    const bool keeps = row.verdict == "stored";
    const auto freshness = freshened(*stored, update)->freshness();
    EXPECT_EQ(freshness.lifetime, seconds{keeps ? 60 : 0}) << row.verdict;
    EXPECT_EQ(freshness.always_validate, !keeps) << row.verdict;
  }
}

TEST(Freshen, WhatTheRouteEditedIsNotTheOrigins) {
  Policy policy;
  policy.response_edits.set = {{"CDN-Cache-Control", "max-age=7"}};
  const auto stored = store({{"Date", kNowText}, {"Cache-Control", "max-age=60"}}, policy);
  EXPECT_TRUE(stored->freshness().control_edited);
  const auto quiet = freshened(*stored, response(304, {{"Date", kMinuteLaterText}}), policy);
  EXPECT_EQ(quiet->freshness().lifetime.count(), 60);
  EXPECT_NE(quiet->head().find("Cache-Control: max-age=60\r\nCDN-Cache-Control: max-age=7\r\n"),
            std::string_view::npos)
      << quiet->head();
  const auto told =
      freshened(*quiet, response(304, {{"Date", kMinuteLaterText}, {"Cache-Control", "max-age=30"}}), policy);
  EXPECT_EQ(told->freshness().lifetime.count(), 30) << "not the 7 that clients are told";
}

TEST(Freshen, AMadeETagIsNotTheUpstreams) {
  const auto stored =
      stored_with("HTTP/1.1 200 OK\r\nETag: \"a\"\r\n", "hello", {.response_time = kNow, .made_etag = true});
  EXPECT_FALSE(can_validate(*stored));
  EXPECT_EQ(judge_head(response(200, {{"ETag", "\"b\""}}), *stored), HeadVerdict::invalidates);
  const auto fresh = freshened(*stored, response(200, {{"Content-Length", "5"}}));
  EXPECT_EQ(fresh->etag(), "\"a\"");
  EXPECT_FALSE(can_validate(*fresh));
}

}  // namespace
}  // namespace forebay::cache
