#include "body_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "forebay/tier/budget.hpp"

namespace forebay::tier {
namespace {

std::string text_of(const cache::Body& body) {
  std::string text;
  for (const auto& slice : body.slices()) text += slice.view();
  return text;
}

std::string pattern(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  text.resize(size);
  return text;
}

TEST(BodyBuilder, MakesABodyOfWhatItIsGiven) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{65535}, std::size_t{65536}, std::size_t{200'000}}) {
    const auto text = pattern(size);
    for (const std::size_t step : {std::size_t{997}, std::size_t{70'000}, size}) {
      BodyBuilder builder(size);
      for (std::size_t at = 0; at < size; at += step) builder.append(std::string_view(text).substr(at, step));
      EXPECT_EQ(builder.missing(), 0u);
      EXPECT_EQ(text_of(*builder.finish()), text) << size << " by " << step;
    }
  }
}

TEST(BodyBuilder, GivesRoomForWhatIsMissingOnly) {
  BodyBuilder builder(65'540);
  EXPECT_EQ(builder.room().size(), 65'536u);
  std::fill_n(builder.room().data(), 65'536, 'x');
  builder.filled(65'536);
  EXPECT_EQ(builder.missing(), 4u);
  EXPECT_EQ(builder.room().size(), 4u);
  builder.filled(4);
  EXPECT_TRUE(builder.room().empty());
}

TEST(BodyBuilder, ABodyWithoutBytesIsNone) { EXPECT_FALSE(BodyBuilder(0).finish()); }

TEST(BodyBuilder, KnowsBeforehandWhatTheBodyWillBeCharged) {
  for (const std::uint64_t size : {1u, 65'536u, 65'537u, 300'000u}) {
    Budget budget(1 << 20);
    {
      BodyBuilder builder(size, &budget);
      builder.append(std::string(size, 'x'));
      const auto body = builder.finish();
      EXPECT_EQ(budget.used(), BodyBuilder::charge_of(size)) << size;
      EXPECT_EQ(builder.charged(), BodyBuilder::charge_of(size)) << size;
    }
    EXPECT_EQ(budget.used(), 0u) << size;
  }
}

}  // namespace
}  // namespace forebay::tier
