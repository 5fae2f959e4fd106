#include "forebay/base/result.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace forebay {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorKind::invalid_value, "odd");
  return value / 2;
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_TRUE(half(4).has_value());
  EXPECT_EQ(*half(4), 2);
  const auto failed = half(3);
  ASSERT_TRUE(failed.has_error());
  EXPECT_EQ(failed.error(), (Error{ErrorKind::invalid_value, "odd"}));
}

TEST(Result, ValueOfAFailedResultThrowsTheDescription) {
  try {
    static_cast<void>(half(3).value());
    FAIL() << "did not throw";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "a value could not be understood: odd");
  }
}

TEST(Result, OfVoidHasNoValueButMayFail) {
  const Result<void> good;
  EXPECT_TRUE(good.has_value());
  const Result<void> bad = fail(ErrorKind::cancelled);
  EXPECT_EQ(bad.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace forebay
