#include "forebay/cache/recoded.hpp"

#include <gtest/gtest.h>

#include "forebay/cache/keep.hpp"
#include "forebay/cache/validation.hpp"
#include "heads.hpp"

namespace forebay::cache {
namespace {

using enum http::Coding;

constexpr CodingPlan kToBr{identity, br, true};

Policy coding() {
  Policy policy;
  policy.encodings = {br, gzip};
  return policy;
}

/// "Name: value|…" of what is left after the plan.
std::string after(const Lines& lines, const CodingPlan& plan) {
  std::string tag;
  const auto before = response(200, lines);
  std::string out;
  for (const auto& field : recoded_head(before, plan, tag).fields)
    out.append(field.name).append(": ").append(field.value).append("|");
  return out;
}

TEST(RecodedHead, SaysWhatTheContentIsNow) {
  EXPECT_EQ(after({{"ETag", "\"a\""}, {"Content-Length", "9"}, {"X", "1"}}, kToBr),
            "X: 1|ETag: \"a~br\"|Content-Encoding: br|Vary: Accept-Encoding|");
  EXPECT_EQ(after({{"Content-Encoding", "gzip"}, {"ETag", "\"a\""}}, {gzip, identity, true}),
            "ETag: \"a~identity\"|Vary: Accept-Encoding|");
  EXPECT_EQ(after({{"ETag", "W/\"a\""}}, kToBr), "ETag: W/\"a\"|Content-Encoding: br|Vary: Accept-Encoding|");
}

TEST(RecodedHead, WhatOthersGetCodedVaries) {
  const CodingPlan plan{identity, identity, true};
  EXPECT_EQ(after({{"ETag", "\"a\""}}, plan), "ETag: \"a\"|Vary: Accept-Encoding|");
  EXPECT_EQ(after({{"Vary", "Accept"}}, plan), "Vary: Accept|Vary: Accept-Encoding|");
  EXPECT_EQ(after({{"Vary", "accept-ENCODING, Accept"}}, plan), "Vary: accept-ENCODING, Accept|");
  EXPECT_EQ(after({{"Vary", "*"}}, plan), "Vary: *|");
  EXPECT_EQ(after({{"Vary", "Accept"}}, {}), "Vary: Accept|");
}

TEST(HeadAsCoded, VariesWhereClientsGetOthers) {
  const auto vary = [](const Lines& lines, const Policy& policy) {
    const auto before = response(200, lines);
    return std::string(head_as_coded(before, policy).fields.find(http::FieldId::vary).value_or("-"));
  };
  EXPECT_EQ(vary({{"Content-Encoding", "gzip"}}, coding()), "Accept-Encoding");
  EXPECT_EQ(vary({{"Content-Encoding", "unknown"}}, coding()), "Accept-Encoding");
  EXPECT_EQ(vary({{"Content-Encoding", "gzip"}, {"Vary", "accept-encoding"}}, coding()), "accept-encoding");
  EXPECT_EQ(vary({}, coding()), "-");
  EXPECT_EQ(vary({{"Content-Encoding", "gzip"}}, {}), "-");
}

StoredResponsePtr kept(const Lines& lines, const CodingPlan& plan, std::string_view accept) {
  std::string tag;
  const auto before = response(200, lines);
  const auto head = recoded_head(before, plan, tag);
  const auto control = parse_response_cache_control(head.fields);
  const auto asked = fields({{"Accept-Encoding", accept}});
  const auto policy = coding();
  Arrived arrived{asked, head, control, policy, kNow, kNow, 1.0};
  if (plan.changes()) arrived.recoded_from = plan.from;
  return with_body(*keep_head("http://h:80/", arrived, true, 7), Body::from(std::string_view("coded")));
}

const Lines kOrigins = {{"Date", kNowText}, {"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}};

TEST(AboutStored, TheOriginsTagFreshensWhatIsCoded) {
  auto lines = kOrigins;
  lines.emplace_back("Vary", "Accept-Language");
  const auto stored = kept(lines, kToBr, "br");
  ASSERT_EQ(stored->recoded_from(), identity);
  std::string asked;
  append_validation_fields(asked, *stored);
  EXPECT_EQ(asked, "If-None-Match: \"a\"\r\n");
  for (const std::string_view tag : {"\"a\"", "W/\"a\""}) {
    const auto said = response(304, {{"ETag", tag},
                                     {"Vary", "Accept-Language"},
                                     {"Content-Encoding", "deflate"},
                                     {"Content-Length", "99"},
                                     {"Cache-Control", "max-age=30"}});
    const auto understood = about_stored(said, *stored, coding());
    EXPECT_TRUE(selects(understood, *stored));
    const auto fresh = freshen(*stored, understood, coding(), kNow, kNow, 9, 1);
    EXPECT_EQ(fresh->etag(), "\"a~br\"");
    EXPECT_EQ(fresh->recoded_from(), identity);
    EXPECT_EQ(fresh->freshness().lifetime.count(), 30);
    const auto now = http::fields_of(fresh->head());
    EXPECT_EQ(now.find(http::FieldId::content_encoding), "br");
    EXPECT_EQ(now.find(http::FieldId::content_length), "5");
    EXPECT_EQ(now.count(http::FieldId::vary), 2u);
  }
}

TEST(AboutStored, TheSameVaryIsNoOther) {
  const auto stored = kept(kOrigins, {identity, identity, true}, "identity");
  EXPECT_EQ(stored->vary_names(), "accept-encoding");
  const auto said = response(304, {{"ETag", "\"a\""}, {"Vary", "Accept-Encoding"}});
  EXPECT_EQ(storability_after(about_stored(said, *stored, coding()), *stored, coding(), kNow),
            StoreVerdict::stored);
  const auto silent = response(304, {{"ETag", "\"a\""}});
  EXPECT_FALSE(about_stored(silent, *stored, coding()).fields.has(http::FieldId::vary));
}

TEST(AboutStored, AnotherTagIsAnotherResponse) {
  const auto stored = kept(kOrigins, kToBr, "br");
  for (const std::string_view tag : {"\"b\"", "\"a~gzip\"", "\"\""})
    EXPECT_FALSE(selects(about_stored(response(304, {{"ETag", tag}}), *stored, coding()), *stored)) << tag;
}

TEST(AboutStored, TheAnswerToAHeadFreshensIt) {
  const auto stored = kept(kOrigins, kToBr, "br");
  const auto said = response(200, {{"ETag", "\"a\""}, {"Content-Length", "1000"}});
  EXPECT_EQ(judge_head(said, *stored), HeadVerdict::invalidates);
  EXPECT_EQ(judge_head(about_stored(said, *stored, coding()), *stored), HeadVerdict::freshens);
}

TEST(AboutStored, WhatIsTheOriginsOwnIsLeftAsItIs) {
  const auto stored = kept({{"ETag", "\"a~br\""}, {"Content-Encoding", "br"}}, {br, br, false}, "br");
  EXPECT_FALSE(stored->recoded_from());
  const auto said = about_stored(response(304, {{"ETag", "\"a~br\""}}), *stored, coding());
  EXPECT_TRUE(selects(said, *stored));
  EXPECT_FALSE(selects(about_stored(response(304, {{"ETag", "\"a\""}}), *stored, coding()), *stored));
}

TEST(Recoded, AVariantHasAllButTheCodingOfTheOther) {
  const auto stored = kept(kOrigins, {identity, identity, true}, "identity");
  const auto made = recoded(*stored, kToBr, fields({{"Accept-Encoding", "br"}}));
  EXPECT_EQ(made->key(), stored->key());
  EXPECT_EQ(made->variant_key(), "2:br");
  EXPECT_EQ(made->freshness(), stored->freshness());
  EXPECT_EQ(made->position(), 7u);
  EXPECT_EQ(made->etag(), "\"a~br\"");
  EXPECT_EQ(made->recoded_from(), identity);
  EXPECT_EQ(made->head(),
            "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nCache-Control: max-age=60\r\n"
            "Vary: Accept-Encoding\r\nVia: 1.1 forebay\r\nETag: \"a~br\"\r\nContent-Encoding: br\r\n");
}

TEST(Recoded, TheOriginsOwnBytesHaveTheOriginsTag) {
  const auto coded = kept(kOrigins, kToBr, "br");
  const auto back = recoded(*coded, {br, identity, true}, fields({{"Accept-Encoding", "identity"}}));
  EXPECT_EQ(back->etag(), "\"a\"");
  EXPECT_FALSE(back->recoded_from());
  const auto other = recoded(*coded, {br, gzip, true}, fields({{"Accept-Encoding", "gzip"}}));
  EXPECT_EQ(other->etag(), "\"a~gzip\"");
  EXPECT_EQ(other->recoded_from(), identity);
}

TEST(Recoded, WhatIsCodedAgainIsNotTheOrigins) {
  const auto decoded =
      kept({{"ETag", "\"a\""}, {"Content-Encoding", "gzip"}}, {gzip, identity, true}, "identity");
  EXPECT_EQ(decoded->etag(), "\"a~identity\"");
  const auto again = recoded(*decoded, {identity, gzip, true}, fields({{"Accept-Encoding", "gzip"}}));
  EXPECT_EQ(again->etag(), "\"a~gzip\"");
  EXPECT_EQ(again->recoded_from(), gzip);
}

}  // namespace
}  // namespace forebay::cache
