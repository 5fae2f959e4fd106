#include "forebay/base/running_digest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace forebay {
namespace {

TEST(RunningDigest, OfNothingIsThatOfAnEmptyText) { EXPECT_EQ(RunningDigest().value(), digest("")); }

TEST(RunningDigest, IsTheSameHoweverTheBytesCome) {
  const std::string text(100'000, 'x');
  for (const std::size_t piece : {1UL, 7UL, 240UL, 65'536UL, 200'000UL}) {
    RunningDigest running;
    for (std::size_t at = 0; at < text.size(); at += piece)
      running.add(std::string_view(text).substr(at, piece));
    EXPECT_EQ(running.value(), digest(text)) << piece;
  }
}

TEST(RunningDigest, GoesOnAfterItWasAsked) {
  RunningDigest running;
  running.add("ab");
  EXPECT_EQ(running.value(), digest("ab"));
  auto moved = std::move(running);
  moved.add("c");
  EXPECT_EQ(moved.value(), digest("abc"));
}

}  // namespace
}  // namespace forebay
