#include "miss_counts.hpp"

#include <gtest/gtest.h>

namespace forebay::tier {
namespace {

std::uint64_t name(std::uint64_t place, std::uint64_t whose) { return whose << 32U | place; }

TEST(MissCounts, CountsFromOne) {
  MissCounts counts(16);
  EXPECT_EQ(counts.add(name(3, 7)), 1u);
  EXPECT_EQ(counts.add(name(3, 7)), 2u);
  EXPECT_EQ(counts.add(name(4, 7)), 1u);
  EXPECT_EQ(counts.add(name(3, 7)), 3u);
}

TEST(MissCounts, StopsAtTheMost) {
  MissCounts counts(16);
  for (int i = 0; i < 1000; ++i) counts.add(name(3, 7));
  EXPECT_EQ(counts.add(name(3, 7)), MissCounts::kMost);
}

TEST(MissCounts, TheNewerTakesThePlace) {
  MissCounts counts(16);
  counts.add(name(3, 7));
  EXPECT_EQ(counts.add(name(3, 8)), 1u);
  EXPECT_EQ(counts.add(name(3, 7)), 1u);
  EXPECT_EQ(counts.add(name(3 + 16, 7)), 2u) << "the same place, and the same mark";
}

TEST(MissCounts, ForgetsOneAlone) {
  MissCounts counts(16);
  counts.add(name(3, 7));
  counts.forget(name(3, 8));
  EXPECT_EQ(counts.add(name(3, 7)), 2u);
  counts.forget(name(3, 7));
  EXPECT_EQ(counts.add(name(3, 7)), 1u);
}

TEST(MissCounts, TakesAPowerOfTwoOfPlaces) {
  EXPECT_EQ(MissCounts(0).table_bytes(), 4u);
  EXPECT_EQ(MissCounts(1000).table_bytes(), 4096u);
}

}  // namespace
}  // namespace forebay::tier
