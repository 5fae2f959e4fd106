#include "config/expand.hpp"

#include <gtest/gtest.h>

#include "loading.hpp"

namespace forebay::config {
namespace {

const Environment& environment() {
  static const Environment variables = environment_of(
      {{"A", "one"}, {"_b2", "two"}, {"EMPTY", ""}, {"TRICKY", "${A} $$"}, {"LONG", std::string(4096, 'x')}});
  return variables;
}

TEST(Expand, ReplacesVariables) {
  struct Row {
    std::string_view text, expanded;
  };
  constexpr Row kRows[] = {
      {"", ""},
      {"plain", "plain"},
      {"${A}", "one"},
      {"x${A}y${_b2}z", "xoneytwoz"},
      {"${EMPTY}", ""},
      {"${A:-d}", "one"},
      {"${EMPTY:-d}", "d"},
      {"${NONE:-d}", "d"},
      {"${NONE:-}", ""},
      {"${NONE:-a:-b}", "a:-b"},
      {"${NONE:-http://h:1/}", "http://h:1/"},
      {"$$", "$"},
      {"$${A}", "${A}"},
      {"$$$", "$$"},
      {"$", "$"},
      {"$A", "$A"},
      {"a$", "a$"},
      {"}", "}"},
      {"${TRICKY}", "${A} $$"},  // what a variable holds is not expanded again
  };
  for (const Row& row : kRows) {
    const auto result = expand(row.text, environment());
    ASSERT_TRUE(result) << row.text << ": " << result.error().detail;
    EXPECT_EQ(*result, row.expanded) << row.text;
  }
}

TEST(Expand, RefusesWhatIsNotAVariable) {
  struct Row {
    std::string_view text, error;
  };
  constexpr Row kRows[] = {
      {"${NONE}", "the environment variable `NONE` is not set; `${NONE:-default}` needs none"},
      {"${A", "`${` without its `}`"},
      {"a${", "`${` without its `}`"},
      {"${}", "expected `${NAME}` or `${NAME:-default}`, found `${}`"},
      {"${:-x}", "expected `${NAME}` or `${NAME:-default}`, found `${:-x}`"},
      {"${1A}", "expected `${NAME}` or `${NAME:-default}`, found `${1A}`"},
      {"${A B}", "expected `${NAME}` or `${NAME:-default}`, found `${A B}`"},
      {"${A-x}", "expected `${NAME}` or `${NAME:-default}`, found `${A-x}`"},
      {"${A:?x}", "expected `${NAME}` or `${NAME:-default}`, found `${A:?x}`"},
      {"${NONE:-${A}}", "expected `${NAME}` or `${NAME:-default}`, found `${NONE:-${A}`"},
  };
  for (const Row& row : kRows) {
    const auto result = expand(row.text, environment());
    ASSERT_FALSE(result) << row.text;
    EXPECT_EQ(result.error().detail, row.error);
  }
}

TEST(Expand, IsBounded) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "${LONG}";
  const auto result = expand(many, environment());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail, "longer than 64KiB");
}

}  // namespace
}  // namespace forebay::config
