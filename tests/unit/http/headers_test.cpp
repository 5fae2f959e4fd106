#include "forebay/http/headers.hpp"

#include <gtest/gtest.h>

namespace forebay::http {
namespace {

Fields sample() {
  Fields fields;
  fields.add("Host", "example.com");
  fields.add("X-Custom", "1");
  fields.add("vary", "Accept");
  fields.add("Vary", "Cookie");
  fields.add("x-custom", "2");
  return fields;
}

TEST(Fields, KeepTheirOrderAndSpelling) {
  const auto fields = sample();
  ASSERT_EQ(fields.size(), 5U);
  EXPECT_FALSE(fields.empty());
  const auto third = *(fields.begin() + 2);
  EXPECT_EQ(third.id, FieldId::vary);
  EXPECT_EQ(third.name, "vary");
  EXPECT_EQ(third.value, "Accept");
}

TEST(Fields, FindYieldsTheFirstLine) {
  const auto fields = sample();
  EXPECT_EQ(fields.find(FieldId::vary), "Accept");
  EXPECT_EQ(fields.find("X-CUSTOM"), "1");
  EXPECT_EQ(fields.find("VARY"), "Accept");
  EXPECT_EQ(fields.find(FieldId::age), std::nullopt);
  EXPECT_EQ(fields.find("age"), std::nullopt);
  EXPECT_EQ(fields.find(""), std::nullopt);
}

TEST(Fields, AnEmptyValueIsNotAMissingField) {
  Fields fields;
  fields.add("Accept", "");
  EXPECT_EQ(fields.find(FieldId::accept), "");
  EXPECT_TRUE(fields.has(FieldId::accept));
}

TEST(Fields, CountsLinesNotMembers) {
  const auto fields = sample();
  EXPECT_EQ(fields.count(FieldId::vary), 2U);
  EXPECT_EQ(fields.count(FieldId::host), 1U);
  EXPECT_EQ(fields.count(FieldId::age), 0U);
  EXPECT_EQ(fields.count(FieldId::other), 2U);
}

TEST(Fields, KnowWhichIdsArePresent) {
  const auto fields = sample();
  EXPECT_TRUE(fields.has(FieldId::host));
  EXPECT_FALSE(fields.has(FieldId::range));
  EXPECT_TRUE(fields.has_any({FieldId::range, FieldId::host}));
  EXPECT_FALSE(fields.has_any({FieldId::range, FieldId::age}));
}

TEST(Fields, ClearForgetsLinesAndPresence) {
  auto fields = sample();
  fields.clear();
  EXPECT_TRUE(fields.empty());
  EXPECT_FALSE(fields.has(FieldId::host));
  EXPECT_EQ(fields.begin(), fields.end());
}

}  // namespace
}  // namespace forebay::http
