#include "forebay/cache/effective_control.hpp"

#include <gtest/gtest.h>

#include "heads.hpp"

namespace forebay::cache {
namespace {

constexpr seconds kNone{-1};

/// The lifetime that the fields give, kNone for none.
seconds lifetime(const Lines& lines, const Policy& policy) {
  const auto control = effective_control(fields(lines), policy, kNow);
  return control.s_maxage.value_or(control.max_age.value_or(kNone));
}

TEST(EffectiveControl, ATargetedFieldReplacesCacheControl) {
  const Policy policy;
  EXPECT_EQ(lifetime({{"Cache-Control", "max-age=1"}}, policy), seconds{1});
  EXPECT_EQ(lifetime({{"Cache-Control", "s-maxage=1"}, {"CDN-Cache-Control", "max-age=2"}}, policy),
            seconds{2});
  EXPECT_EQ(lifetime({{"Cache-Control", "max-age=1"}, {"CDN-Cache-Control", "public"}}, policy), kNone);
  const auto control = effective_control(
      fields({{"Cache-Control", "no-store"}, {"CDN-Cache-Control", "max-age=60"}}), policy, kNow);
  EXPECT_EQ(control.source, ControlSource::targeted);
  EXPECT_FALSE(control.no_store);
  EXPECT_EQ(effective_control(fields({{"Cache-Control", "no-store"}}), policy, kNow).source,
            ControlSource::cache_control);
}

TEST(EffectiveControl, AnInvalidOrEmptyTargetedFieldIsNone) {
  const Policy policy;
  for (const std::string_view value : {"", "max-age=60, &&", "Max-Age=60", "max-age=", "=60", "max-age=60;"})
    EXPECT_EQ(lifetime({{"Cache-Control", "max-age=1"}, {"CDN-Cache-Control", value}}, policy), seconds{1})
        << value;
}

TEST(EffectiveControl, LooksAtTargetedFieldsInTheirOrder) {
  Policy policy;
  policy.targeted_fields = {"My-Cache-Control", "CDN-Cache-Control"};
  EXPECT_EQ(lifetime({{"CDN-Cache-Control", "max-age=2"}, {"My-Cache-Control", "max-age=3"}}, policy),
            seconds{3});
  EXPECT_EQ(lifetime({{"CDN-Cache-Control", "max-age=2"}, {"My-Cache-Control", ""}}, policy), seconds{2});
  policy.targeted_fields.clear();
  EXPECT_EQ(lifetime({{"CDN-Cache-Control", "max-age=2"}, {"Cache-Control", "max-age=4"}}, policy),
            seconds{4});
}

TEST(EffectiveControl, SurrogateControlOnRequest) {
  Policy policy;
  const auto with = [&](std::string_view value) {
    return lifetime({{"Surrogate-Control", value}, {"Cache-Control", "max-age=1"}}, policy);
  };
  EXPECT_EQ(with("max-age=60"), seconds{1});
  policy.surrogate_control = true;
  struct Row {
    std::string_view value;
    seconds lifetime;
  };
  const Row rows[] = {
      {"max-age=60", seconds{60}},
      {"MAX-AGE=60", seconds{60}},
      {"max-age=60+30", seconds{60}},
      {"max-age=99999999999", kMaxDelta},
      {"content=\"ESI/1.0\", max-age=60", seconds{60}},
      {"max-age=60;forebay", seconds{60}},
      {"max-age=60; Forebay ;other", seconds{60}},
      {"max-age=60;other", seconds{1}},
      {"max-age=60;", seconds{1}},
      {"max-age=9;other, max-age=60", seconds{60}},
      {"no-store", kNone},
      {"max-age =60", kNone},
      {"max-age", kNone},
      {"", seconds{1}},
  };
  for (const auto& row : rows) EXPECT_EQ(with(row.value), row.lifetime) << row.value;
  const auto control = effective_control(fields({{"Surrogate-Control", "max-age=60+30"}}), policy, kNow);
  EXPECT_EQ(control.stale_while_revalidate, seconds{30});
  EXPECT_TRUE(effective_control(fields({{"Surrogate-Control", "no-store"}}), policy, kNow).no_store);
  for (const std::string_view value :
       {"max-age=x",      "max-age=-1",          "max-age=",         "max-age=+5",    "max-age=6 0",
        "max-age=60s",    "max-age=1.5",         "max-age=.5",       "max-age=1e3",   "max-age=0x10",
        "max-age=\"60\"", "max-age='60'",        "max-age==60",      "max-age= 60",   "max-age=60=",
        "max-age=60:",    "max-age=(60)",        "max-age=ten",      "max-age=60-30", "max-age=60 +3",
        "max-age=x+30",   "max-age=+",           "max-age=\xd9\xa5", "max-age=60\v",  "max-age=*",
        "max-age=60/2",   "max-age=60 no-store", "max-age=-0",       "max-age=_60",   "max-age=\\60",
        "max-age=60%",    "max-age=x;forebay"})
    EXPECT_TRUE(effective_control(fields({{"Surrogate-Control", value}}), policy, kNow).has_invalid_freshness)
        << value;
}

TEST(EffectiveControl, XAccelExpiresOnRequest) {
  Policy policy;
  const auto with = [&](std::string_view value) {
    return lifetime({{"X-Accel-Expires", value}, {"Cache-Control", "max-age=1"}}, policy);
  };
  EXPECT_EQ(with("60"), seconds{1});
  policy.x_accel_expires = true;
  EXPECT_EQ(with("60"), seconds{60});
  EXPECT_EQ(with("@1704067260"), seconds{60});  // a minute after now
  EXPECT_EQ(with("@1704067199"), seconds{0});
  EXPECT_EQ(with("99999999999"), kMaxDelta);
  for (const std::string_view value : {"",      "x",          "-1",
                                       "@",     "@x",         "1.5",
                                       "60s",   "@-1",        " ",
                                       "+60",   "-0",         "6 0",
                                       "60 ;x", "0x3c",       "1e3",
                                       "60,",   "60, 60",     "\"60\"",
                                       "'60'",  "@@1",        "@ 1",
                                       "1@",    "@1.5",       "off",
                                       "epoch", "max-age=60", "Mon, 01 Jan 2024 00:01:00 GMT",
                                       "60%",   "\xd9\xa5",   "60\v",
                                       "(60)",  "@+1"})
    EXPECT_EQ(with(value), seconds{1}) << value;
  EXPECT_TRUE(effective_control(fields({{"X-Accel-Expires", "0"}}), policy, kNow).no_store);
}

TEST(EffectiveControl, NothingWhereThePolicyIgnoresIt) {
  Policy policy;
  policy.ignore_cache_control = true;
  const auto control = effective_control(
      fields({{"Cache-Control", "private, max-age=1"}, {"CDN-Cache-Control", "no-store"}}), policy, kNow);
  EXPECT_FALSE(control.is_private);
  EXPECT_FALSE(control.no_store);
  EXPECT_FALSE(control.max_age);
  EXPECT_EQ(control.source, ControlSource::policy) << "so that Expires does not count either";
}

}  // namespace
}  // namespace forebay::cache
