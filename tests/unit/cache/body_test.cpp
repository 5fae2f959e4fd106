#include "forebay/cache/body.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace forebay::cache {
namespace {

ChunkPtr chunk_of(std::string_view text, std::uint32_t capacity) {
  auto chunk = Chunk::allocate(capacity);
  std::memcpy(chunk->data(), text.data(), text.size());
  return chunk;
}

std::string text_of(const Body& body) {
  std::string out;
  for (const auto& slice : body.slices()) out += slice.view();
  return out;
}

class Account final : public BodyAccount {
 public:
  void charge_body(std::uint64_t bytes) noexcept override { held += bytes; }
  void release_body(std::uint64_t bytes) noexcept override { held -= bytes; }
  std::uint64_t held = 0;
};

std::uint64_t body_charge(std::size_t slices) {
  return sizeof(Body) + slices * sizeof(Slice) + kAllocatorOverhead;
}

TEST(Chunk, HasRoomForItsCapacity) {
  const auto chunk = Chunk::allocate(1000);
  EXPECT_EQ(chunk->capacity(), 1000u);
  std::memset(chunk->data(), 'x', 1000);
  EXPECT_EQ(chunk->data()[999], 'x');
}

TEST(Chunk, OfNoBytesIsFine) { EXPECT_EQ(Chunk::allocate(0)->capacity(), 0u); }

TEST(Body, OfATextIsOneExactChunk) {
  const auto body = Body::from(std::string_view("hello"));
  EXPECT_EQ(body->size(), 5u);
  ASSERT_EQ(body->slices().size(), 1u);
  EXPECT_EQ(body->slices()[0].chunk->capacity(), 5u);
  EXPECT_EQ(text_of(*body), "hello");
  EXPECT_EQ(body->charge(), body_charge(1));
}

TEST(Body, MayBeEmpty) {
  for (const auto& body : {Body::from(std::string_view()), Body::from(std::span<const Slice>())}) {
    EXPECT_EQ(body->size(), 0u);
    EXPECT_TRUE(body->slices().empty());
    EXPECT_EQ(body->charge(), body_charge(0));
  }
}

TEST(Body, JoinsNeighboursWithinOneChunk) {
  const auto chunk = chunk_of("abcdefgh", 8);
  const std::vector<Slice> slices{{chunk, 0, 3}, {chunk, 3, 0}, {chunk, 3, 2}, {chunk, 5, 3}};
  const auto body = Body::from(slices);
  ASSERT_EQ(body->slices().size(), 1u);
  EXPECT_EQ(body->slices()[0].chunk, chunk);
  EXPECT_EQ(text_of(*body), "abcdefgh");
}

TEST(Body, KeepsGapsAndTheOrderOfSlices) {
  const auto first = chunk_of("abcdefgh", 8);
  const auto second = chunk_of("ABCDEFGH", 8);
  const std::vector<Slice> slices{{first, 0, 4}, {first, 5, 3}, {second, 0, 8}, {first, 0, 8}};
  const auto body = Body::from(slices);
  EXPECT_EQ(body->slices().size(), 4u);
  EXPECT_EQ(text_of(*body), "abcdfghABCDEFGHabcdefgh");
  EXPECT_EQ(body->size(), 23u);
}

TEST(Body, KeepsAChunkThatIsUsedToSevenEighths) {
  const auto chunk = chunk_of("abcdefg", 8);
  const Slice slice{chunk, 0, 7};
  const auto body = Body::from(std::span(&slice, 1));
  EXPECT_EQ(body->slices()[0].chunk, chunk);
}

TEST(Body, CopiesOutOfAChunkThatIsUsedLess) {
  const auto full = chunk_of("0123456789abcdef", 16);
  const auto tail = chunk_of("abcdefgh", 16);
  const std::vector<Slice> slices{{full, 0, 16}, {tail, 1, 5}};
  const auto body = Body::from(slices);
  ASSERT_EQ(body->slices().size(), 2u);
  EXPECT_EQ(body->slices()[0].chunk, full);
  EXPECT_NE(body->slices()[1].chunk, tail);
  EXPECT_EQ(body->slices()[1].chunk->capacity(), 5u);
  EXPECT_EQ(text_of(*body), "0123456789abcdefbcdef");
  EXPECT_EQ(body->charge(), body_charge(2));
}

TEST(Body, GathersThePiecesOfAChunkThatIsUsedLess) {
  const auto chunk = chunk_of("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 64);
  const std::vector<Slice> slices{{chunk, 3, 3}, {chunk, 11, 2}};
  const auto body = Body::from(slices);
  ASSERT_EQ(body->slices().size(), 1u);
  EXPECT_EQ(text_of(*body), "abcde");
}

TEST(Body, HoldsItsChunksAsLongAsItLives) {
  auto chunk = chunk_of("abcdefgh", 8);
  const Slice slice{chunk, 0, 8};
  auto body = Body::from(std::span(&slice, 1));
  EXPECT_EQ(chunk->use_count(), 3u);  // here, in the slice, in the body
  const auto again = body;
  body.reset();
  EXPECT_EQ(chunk->use_count(), 3u);
  EXPECT_EQ(text_of(*again), "abcdefgh");
}

TEST(Body, IsChargedUntilTheLastHolderOfItsBytesLetsGo) {
  Account account;
  auto chunk = Chunk::allocate(100, &account);
  EXPECT_EQ(account.held, sizeof(Chunk) + 100 + kAllocatorOverhead);
  Slice slice{chunk, 0, 100};
  auto body = Body::from(std::span(&slice, 1), &account);
  EXPECT_EQ(account.held, Chunk::charge_of(100) + body_charge(1));
  body.reset();
  chunk.reset();
  EXPECT_EQ(account.held, Chunk::charge_of(100)) << "a writer still has the slice";
  slice = {};
  EXPECT_EQ(account.held, 0u);
}

TEST(Body, ChargesTheChunksItMakes) {
  Account account;
  Slice slice{chunk_of("abcde", 64), 0, 5};
  auto body = Body::from(std::span(&slice, 1), &account);
  EXPECT_EQ(account.held, Chunk::charge_of(5) + body_charge(1));
  body.reset();
  EXPECT_EQ(account.held, 0u);
}

}  // namespace
}  // namespace forebay::cache
