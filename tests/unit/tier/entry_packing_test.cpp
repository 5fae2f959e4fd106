#include "entry_packing.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace forebay::tier {
namespace {

const std::string kText = [] {
  std::string text;
  for (int i = 0; text.size() < 100'000; ++i) text += "line " + std::to_string(i) + " of many\n";
  return text;
}();

std::string noise(std::size_t size) {
  std::minstd_rand random(1);
  std::string text(size, '\0');
  for (auto& c : text) c = static_cast<char>(random());
  return text;
}

/// The text in slices of this size.
std::vector<cache::Slice> sliced(std::string_view text, std::size_t size) {
  std::vector<cache::Slice> slices;
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    const auto body = cache::Body::from(text.substr(0, size));
    slices.push_back(body->slices()[0]);
  }
  return slices;
}

std::string body_of(std::string_view frame, std::uint64_t length) {
  BodyBuilder builder(length);
  if (!decompress(frame, length, builder)) return "malformed";
  std::string text;
  if (const auto body = builder.finish())
    for (const auto& slice : body->slices()) text += slice.view();
  return text;
}

TEST(EntryPacking, GivesBackWhatWasCompressed) {
  for (const std::size_t size : {std::size_t{1000}, std::size_t{65'536}, kText.size()}) {
    const auto frame = compressed(sliced(kText, size));
    ASSERT_TRUE(frame);
    EXPECT_LT(frame->size(), kText.size() / 2);
    EXPECT_EQ(body_of(*frame, kText.size()), kText);
  }
}

TEST(EntryPacking, LeavesAloneWhatDoesNotBecomeSmaller) {
  for (const std::size_t size : {0u, 1u, 40u, 10'000u, 200'000u})
    EXPECT_FALSE(compressed(sliced(noise(size), 65'536))) << size;
}

TEST(EntryPacking, TakesNothingButTheWholeFrameOfThatLength) {
  const auto frame = *compressed(sliced(kText, 65'536));
  auto flipped = frame;
  flipped[flipped.size() / 2] ^= 1;
  const struct {
    std::string frame;
    std::uint64_t length;
  } rows[] = {
      {frame, kText.size() - 1},                          // more than it should be
      {frame, kText.size() + 1},                          // less
      {frame, 0},                                         // nothing is expected
      {"", kText.size()},                                 // no frame
      {"", 0},                                            // nor here
      {frame.substr(0, frame.size() - 1), kText.size()},  // ends early
      {frame.substr(0, frame.size() / 2), kText.size()},
      {frame + "x", kText.size()},  // bytes behind the end
      {"x" + frame, kText.size()},
      {flipped, kText.size()},
      {noise(100), 100},
      {std::string(100, '\0'), 100},
  };
  for (const auto& row : rows)
    EXPECT_EQ(body_of(row.frame, row.length), "malformed") << row.frame.size() << ' ' << row.length;
}

/// A frame of a few bytes may hold very much.
TEST(EntryPacking, NeverDecodesMoreThanTheLength) {
  const auto frame = *compressed(sliced(std::string(std::size_t{1} << 22, 'x'), 65'536));
  EXPECT_LT(frame.size(), 2000u);
  BodyBuilder body(1000);
  EXPECT_FALSE(decompress(frame, 1000, body));
  EXPECT_EQ(body.missing(), 0u);
}

TEST(EntryPacking, FillsAPartOfABody) {
  const std::string piece = kText.substr(0, 3000);
  const auto frame = *compressed(sliced(piece, 3000));
  BodyBuilder body(6000);
  EXPECT_TRUE(decompress(frame, 3000, body));
  EXPECT_EQ(body.missing(), 3000u);
  EXPECT_TRUE(decompress(frame, 3000, body));
  EXPECT_EQ(body.finish()->size(), 6000u);
}

}  // namespace
}  // namespace forebay::tier
