#include "forebay/proxy/phase.hpp"

#include <gtest/gtest.h>

#include <set>

namespace forebay::proxy {
namespace {

TEST(Phase, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Phase::done); ++i) names.insert(name(static_cast<Phase>(i)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Phase::done) + 1);
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(name(Phase::classify), "classify");
  EXPECT_EQ(name(Phase::done), "done");
}

}  // namespace
}  // namespace forebay::proxy
