#include "ranges.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace forebay::proxy {
namespace {

std::vector<cache::Slice> slices_of(std::initializer_list<std::string_view> texts) {
  std::vector<cache::Slice> slices;
  for (const auto text : texts) {
    auto chunk = cache::Chunk::allocate(static_cast<std::uint32_t>(text.size()));
    std::memcpy(chunk->data(), text.data(), text.size());
    slices.push_back({chunk, 0, static_cast<std::uint32_t>(text.size())});
  }
  return slices;
}

std::string text_of(const std::vector<cache::Slice>& slices) {
  std::string text;
  for (const auto& slice : slices) text += slice.view();
  return text;
}

TEST(Cut, LeavesWhatLiesInTheRange) {
  const std::string whole = "0123456789";
  for (std::uint64_t first = 0; first < 10; ++first) {
    for (std::uint64_t last = first; last < 12; ++last) {
      auto slices = slices_of({"012", "3", "4567", "89"});
      std::uint64_t at = 0;
      cut(slices, at, {first, last});
      EXPECT_EQ(text_of(slices), whole.substr(first, last - first + 1)) << first << "-" << last;
      EXPECT_EQ(at, 10u);
      for (const auto& slice : slices) EXPECT_GT(slice.size, 0u);
    }
  }
}

TEST(Cut, GoesOnWhereTheLastSlicesEnded) {
  std::string text;
  std::uint64_t at = 0;
  for (const auto piece : {"0123", "4567", "89"}) {
    auto slices = slices_of({piece});
    cut(slices, at, {2, 8});
    text += text_of(slices);
  }
  EXPECT_EQ(text, "2345678");
}

TEST(Cut, KeepsEverythingOfAnEndlessRange) {
  auto slices = slices_of({"012", "345"});
  std::uint64_t at = 0;
  cut(slices, at, {0, UINT64_MAX - 1});
  EXPECT_EQ(text_of(slices), "012345");
}

http::RequestHead get(std::string_view range) {
  http::RequestHead request{.method = http::Method::get};
  request.fields.add("Range", range);
  return request;
}

TEST(WantsTheBeginning, WithoutAnUsableRangeOrFromZeroOn) {
  EXPECT_TRUE(wants_the_beginning(http::RequestHead{.method = http::Method::get}));
  EXPECT_TRUE(wants_the_beginning(get("bytes=0-")));
  EXPECT_TRUE(wants_the_beginning(get("nonsense")));
  EXPECT_TRUE(wants_the_beginning(get("bytes=0-1")));
  EXPECT_FALSE(wants_the_beginning(get("bytes=1-")));
  EXPECT_FALSE(wants_the_beginning(get("bytes=-5")));
  EXPECT_FALSE(wants_the_beginning(get("bytes=0-,5-")));
  auto head = get("bytes=1-");
  head.method = http::Method::head;
  EXPECT_TRUE(wants_the_beginning(head));
}

}  // namespace
}  // namespace forebay::proxy
