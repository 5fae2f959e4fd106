#include "forebay/cache/name_pattern.hpp"

#include <gtest/gtest.h>

namespace forebay::cache {
namespace {

TEST(NamePattern, IsANameOrABeginning) {
  EXPECT_TRUE(fits("page", "page"));
  EXPECT_FALSE(fits("page", "pages"));
  EXPECT_FALSE(fits("page", "pag"));
  EXPECT_FALSE(fits("page", "Page"));
  EXPECT_TRUE(fits("utm_*", "utm_source"));
  EXPECT_TRUE(fits("utm_*", "utm_"));
  EXPECT_FALSE(fits("utm_*", "utm"));
  EXPECT_FALSE(fits("utm_*", "UTM_source"));
  EXPECT_TRUE(fits("*", ""));
  EXPECT_FALSE(fits("", "a"));
  EXPECT_TRUE(fits("", ""));
}

TEST(NamePattern, MayIgnoreCase) {
  EXPECT_TRUE(fits("X-Debug-*", "x-debug-level", Case::ignored));
  EXPECT_TRUE(fits("x-preview", "X-Preview", Case::ignored));
  EXPECT_FALSE(fits("x-preview", "X-Previews", Case::ignored));
}

TEST(NamePattern, AnyOfSeveral) {
  EXPECT_TRUE(fits_any({"a", "b*"}, "bc"));
  EXPECT_FALSE(fits_any({"a", "b*"}, "c"));
  EXPECT_FALSE(fits_any({}, "c"));
  const std::vector<std::string> patterns{"a", "B*", "bc"};
  EXPECT_EQ(find_fit(patterns, "bc"), &patterns[2]);
  EXPECT_EQ(find_fit(patterns, "bc", Case::ignored), &patterns[1]);
  EXPECT_EQ(find_fit(patterns, "c"), nullptr);
}

}  // namespace
}  // namespace forebay::cache
