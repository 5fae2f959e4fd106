#include "forebay/base/digest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace forebay {
namespace {

/// Bytes 0, 1, 2 ... 255, 0 ...
std::string counting(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i & 0xff);
  return bytes;
}

TEST(Digest, OfPiecesIsThatOfTheWhole) {
  const auto bytes = counting(5000);
  const std::string_view whole = bytes;
  for (const std::size_t cut : {0U, 1U, 255U, 256U, 4999U, 5000U}) {
    const std::string_view pieces[] = {whole.substr(0, cut), {}, whole.substr(cut)};
    EXPECT_EQ(digest(pieces), digest(whole)) << cut;
  }
  EXPECT_EQ(digest(std::span<const std::string_view>()), digest(""));
}

// Digests are persisted: a change of any of these values orphans everything that is stored. The lengths reach
// every path that XXH3 has for short, middle and long input.
TEST(Digest, IsFrozen) {
  const struct {
    std::string bytes;
    const char* hex;
  } rows[] = {
      {"", "99aa06d3014798d86001c324468d497f"},
      {"a", "a96faf705af16834e6c632b61e964e1f"},
      {"abc", "06b05ab6733a618578af5f94892f3950"},
      {"http://example.com:80/", "c1e7b595cc7b58238b1e33c97d746e4c"},
      {counting(8), "e1e4432a62217fe4cfd50c61c8bb98c1"},
      {counting(16), "72950631827607e2842812cc870dcae2"},
      {counting(17), "685bc458b37d057fc06e233df7729217"},
      {counting(128), "14792fc3af88dc6c05321a0b64d67b41"},
      {counting(129), "dd5e74ac6b45f54ebc30b63382b09a3b"},
      {counting(240), "65b5be86da5540e7c92b68e16f83bbb6"},
      {counting(241), "1da1cb61bcb8a2a102e8cd95421c6d02"},
      {counting(1024), "83885e853bb6640ca870f92984398d22"},
      {counting(5000), "7a681524919c28221b74bda2c82a8c7a"},
  };
  for (const auto& row : rows) EXPECT_EQ(to_hex(digest(row.bytes)), row.hex) << row.bytes.size() << " bytes";
}

TEST(Digest, HexIsTheHighHalfThenTheLowHalfInBigEndian) {
  EXPECT_EQ(to_hex({0x0123456789abcdef, 0xfedcba9876543210}), "0123456789abcdeffedcba9876543210");
  EXPECT_EQ(to_hex({0, 1}), "00000000000000000000000000000001");
}

TEST(Digest, OrdersByItsHighHalfFirst) {
  EXPECT_LT((Digest{1, 9}), (Digest{2, 0}));
  EXPECT_LT((Digest{1, 8}), (Digest{1, 9}));
  EXPECT_EQ((Digest{1, 9}), (Digest{1, 9}));
}

TEST(Digest, SpreadIsTheSameWithinTheProcess) {
  const auto d = digest("some key");
  EXPECT_EQ(spread(d), spread(digest("some key")));
  EXPECT_EQ(DigestHash{}(d), static_cast<std::size_t>(spread(d)));
}

TEST(Digest, SpreadIsNotADigestBitPattern) {
  const auto d = digest("some key");
  EXPECT_NE(spread(d), d.high);
  EXPECT_NE(spread(d), d.low);
}

// Somebody who knows XXH3 can choose digests that differ in few bits; the top and the low bits must still
// differ, whatever secret the process drew.
TEST(Digest, SpreadFillsShardsEvenlyEvenForCraftedDigests) {
  constexpr std::size_t kShards = 64;
  constexpr std::uint64_t kDigests = kShards * 64;
  std::mt19937_64 random(1);  // NOLINT: the same in every run
  for (int drawn = 0; drawn < 4000; ++drawn) {
    const detail::SpreadSecret secret{random() | 1, random() | 1};
    std::array<std::uint64_t, kShards> by_top{};
    std::array<std::uint64_t, kShards> by_low{};
    for (std::uint64_t i = 0; i < kDigests; ++i) {
      const auto mixed = detail::spread({42, i << 40}, secret);
      ++by_top[mixed >> 58];
      ++by_low[mixed % kShards];
    }
    ASSERT_LT(std::ranges::max(by_top), 3 * kDigests / kShards) << secret.high << ' ' << secret.low;
    ASSERT_LT(std::ranges::max(by_low), 3 * kDigests / kShards) << secret.high << ' ' << secret.low;
  }
}

TEST(Digest, DifferentTextsHaveDifferentDigests) {
  std::set<Digest> seen;
  for (int i = 0; i < 10000; ++i) seen.insert(digest("http://example.com:80/" + std::to_string(i)));
  EXPECT_EQ(seen.size(), 10000U);
}

// Persisted like the others.
TEST(StrongDigest, IsFrozen) {
  using Pieces = std::vector<std::string_view>;
  const auto long_text = counting(5000);
  const struct {
    Pieces pieces;
    const char* hex;
  } rows[] = {
      {{}, "e3b0c44298fc1c149afbf4c8996fb924"},          {{""}, "af5570f5a1810b7af78caf4bc70a660f"},
      {{"abc"}, "c3494ca1a2cf8eeb8a11ded316fb55b8"},     {{"ab", "c"}, "601d5476e2ccfe2c87a2bba7a3226597"},
      {{long_text}, "2bd3aec4fb395fcdb7da459ca4113fc9"},
  };
  for (const auto& row : rows) EXPECT_EQ(to_hex(strong_digest(row.pieces)), row.hex);
}

}  // namespace
}  // namespace forebay
