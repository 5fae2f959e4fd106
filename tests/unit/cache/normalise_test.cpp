#include "forebay/cache/normalise.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace forebay::cache {
namespace {

const std::vector<std::string> kLanguages{"de", "en", "fr-CA", "zh-Hant"};

http::Fields accepting(std::string_view value) {
  http::Fields fields;
  fields.add("Accept-Language", value);
  return fields;
}

TEST(BestLanguage, IsTheOneWithTheGreatestWeight) {
  struct Row {
    std::string_view accept;
    std::string_view best;
  };
  constexpr Row kRows[] = {
      {"en", "en"},
      {"EN", "en"},
      {"en, de", "de"},  // equal weights: the declared order
      {"de, en", "de"},
      {"fr;q=0.5, de;q=1.0", "de"},
      {"de;q=0.5, en;q=0.6", "en"},
      {"en-GB", "en"},  // served with the more general one
      {"fr", "fr-CA"},
      {"fr-FR", "de"},
      {"zh-Hant-TW, en;q=0.1", "zh-Hant"},
      {"zh", "zh-Hant"},
      {"e", "de"},
      {"en-", "en"},
      {"*", "de"},
      {"de;q=0, *", "en"},
      {"*;q=0.1, en;q=0.2", "en"},
      {"en;q=0", "de"},  // nothing acceptable: the first
      {"ja", "de"},
      {"", "de"},
      {"en;q=x, fr-CA;q=0.1", "fr-CA"},  // what is malformed says nothing
      {",, en ,", "en"},
  };
  for (const auto& row : kRows)
    EXPECT_EQ(best_language(accepting(row.accept), kLanguages), row.best) << row.accept;
  EXPECT_EQ(best_language({}, kLanguages), "de");
}

// A member that is malformed says nothing; the others count.
TEST(BestLanguage, OfMalformedMembersIsTheFirst) {
  for (const std::string_view member :
       {";",        ";q=1",    "en;q=",    "en;q=2",     "en;q=-1", "en;q=1.1",  "en;q=0.1234", "en;q=x",
        "en;q=0,5", "en;q=.5", "en;q=1e0", "en;q=\"1\"", "en;q= 1", "en;q=00",   "en;q=1;q=9",  "\"en\"",
        "'en'",     "en en",   "en_GB",    "(en)",       "e",       "-en",       "e-n",         "en=1",
        "en/GB",    "en:1",    "en,q=0",   "\"en",       "en\"",    "e\xc3\xb1", "en\v",        "eng",
        "english",  "**",      "en*",      "*-en",       "q=1"}) {
    const std::string alone(member);
    if (member != "en,q=0") EXPECT_EQ(best_language(accepting(alone), kLanguages), "de") << member;
    if (member.find('"') == std::string_view::npos)
      EXPECT_EQ(best_language(accepting(alone + ", fr-CA;q=0.1"), {&kLanguages[2], 1}), "fr-CA") << member;
  }
}

TEST(Normalise, ReplacesAcceptLanguage) {
  EffectiveUri uri;
  QueryScratch scratch;
  http::RequestHead request;
  request.fields = accepting("en-GB, en;q=0.5");
  request.fields.add("Accept-Language", "fr");
  Policy policy;
  normalise(request, uri, policy, scratch);
  EXPECT_EQ(request.fields.count(http::FieldId::accept_language), 2u);
  policy.languages = kLanguages;
  normalise(request, uri, policy, scratch);
  EXPECT_EQ(request.fields.count(http::FieldId::accept_language), 1u);
  EXPECT_EQ(request.fields.find(http::FieldId::accept_language), "en");
}

TEST(Normalise, GivesARequestWithoutOneTheFirst) {
  EffectiveUri uri;
  QueryScratch scratch;
  http::RequestHead request;
  Policy policy;
  policy.languages = kLanguages;
  normalise(request, uri, policy, scratch);
  EXPECT_EQ(request.fields.find(http::FieldId::accept_language), "de");
}

TEST(Normalise, AcceptEncodingBecomesTheCodingThatSuitsBest) {
  using enum http::Coding;
  struct Row {
    std::vector<std::string_view> lines;
    std::vector<http::Coding> encodings;
    std::string_view becomes;
  };
  const Row rows[] = {
      {{"gzip, deflate, br, zstd"}, {zstd, br, gzip}, "zstd"},
      {{"gzip, deflate, br, zstd"}, {br, gzip}, "br"},
      {{"gzip, br"}, {gzip, br}, "gzip"},
      {{"gzip, br;q=0.9"}, {br, gzip}, "gzip"},
      {{"gzip", "br"}, {br, gzip}, "br"},
      {{"X-GZIP"}, {gzip}, "gzip"},
      {{"*"}, {br, gzip}, "br"},
      {{"br;q=0, *;q=0.1"}, {br, gzip}, "gzip"},
      {{"deflate"}, {br, gzip}, "identity"},
      {{"gzip;q=0"}, {br, gzip}, "identity"},
      {{"gzip;q =0"}, {gzip}, "identity"},
      {{"identity, gzip;q=0.5"}, {gzip}, "identity"},
      {{"identity;q=0, gzip;q=0.1"}, {gzip}, "gzip"},
      {{"identity;q=0"}, {gzip}, "identity"},
      {{""}, {gzip}, "identity"},
      {{}, {gzip}, "identity"},
  };
  for (const auto& row : rows) {
    EffectiveUri uri;
    QueryScratch scratch;
    http::RequestHead request;
    for (const auto line : row.lines) request.fields.add("Accept-Encoding", line);
    Policy policy;
    policy.encodings = row.encodings;
    normalise(request, uri, policy, scratch);
    ASSERT_EQ(request.fields.count(http::FieldId::accept_encoding), 1u);
    EXPECT_EQ(request.fields.find(http::FieldId::accept_encoding), row.becomes)
        << (row.lines.empty() ? "" : row.lines[0]);
  }
}

TEST(Normalise, LeavesAcceptEncodingAloneWithoutEncodings) {
  EffectiveUri uri;
  QueryScratch scratch;
  http::RequestHead request;
  request.fields.add("Accept-Encoding", "gzip, br;q=0.5");
  normalise(request, uri, {}, scratch);
  EXPECT_EQ(request.fields.find(http::FieldId::accept_encoding), "gzip, br;q=0.5");
}

TEST(Normalise, MakesTheQueryWhatCounts) {
  EffectiveUri uri{.query = "b=1&a=2&utm_source=x", .has_query = true};
  QueryScratch scratch;
  http::RequestHead request;
  Policy policy;
  normalise(request, uri, policy, scratch);
  EXPECT_EQ(uri.query, "b=1&a=2&utm_source=x");
  policy.key.query.sort = policy.key.query.drop_tracking = true;
  normalise(request, uri, policy, scratch);
  EXPECT_EQ(uri.query, "a=2&b=1");
  EXPECT_TRUE(uri.has_query);
  policy.key.query.allow = std::vector<std::string>{"c"};
  normalise(request, uri, policy, scratch);
  EXPECT_FALSE(uri.has_query) << "nothing is left of it";
}

}  // namespace
}  // namespace forebay::cache
