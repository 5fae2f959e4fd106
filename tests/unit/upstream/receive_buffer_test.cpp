#include "upstream/receive_buffer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forebay::upstream {
namespace {

void receive(ReceiveBuffer& buffer, std::string_view bytes) {
  ASSERT_LE(bytes.size(), buffer.room().size());
  std::memcpy(buffer.room().data(), bytes.data(), bytes.size());
  buffer.commit(bytes.size());
}

TEST(ReceiveBuffer, GivesBackWhatItGot) {
  ReceiveBuffer buffer(16);
  EXPECT_TRUE(buffer.empty());
  receive(buffer, "hello");
  EXPECT_EQ(buffer.data(), "hello");
  buffer.consume(2);
  EXPECT_EQ(buffer.data(), "llo");
  buffer.consume(3);
  EXPECT_EQ(buffer.room().size(), 16U);
}

TEST(ReceiveBuffer, GrowsUpToTheLimit) {
  ReceiveBuffer buffer(4);
  receive(buffer, "abcd");
  EXPECT_TRUE(buffer.grow(10));
  receive(buffer, "efgh");
  EXPECT_TRUE(buffer.grow(10));
  EXPECT_EQ(buffer.room().size(), 2U);
  receive(buffer, "ij");
  EXPECT_EQ(buffer.data(), "abcdefghij");
  EXPECT_FALSE(buffer.grow(10));
}

TEST(ReceiveBuffer, UsesConsumedSpaceBeforeItGrows) {
  ReceiveBuffer buffer(8);
  receive(buffer, "abcdefgh");
  buffer.consume(6);
  EXPECT_TRUE(buffer.grow(8));
  EXPECT_EQ(buffer.data(), "gh");
  EXPECT_EQ(buffer.room().size(), 6U);
}

TEST(ReceiveBuffer, APinnedHeadStaysWhileTheBodyMoves) {
  ReceiveBuffer buffer(64);
  receive(buffer, "HEADbody");
  const auto head = buffer.data().substr(0, 4);
  buffer.pin(4);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(buffer.make_room(1000));
    receive(buffer, std::string(900, 'x'));
    buffer.consume(buffer.data().size() - 4);
    EXPECT_EQ(buffer.data(), "xxxx");
  }
  EXPECT_EQ(head, "HEAD");
}

TEST(ReceiveBuffer, RefusesDataThatNobodyCanConsume) {
  ReceiveBuffer buffer(16);
  receive(buffer, "HEADbody");
  buffer.pin(4);
  EXPECT_TRUE(buffer.make_room(10));
  receive(buffer, "morebody");
  EXPECT_EQ(buffer.data(), "bodymorebody");
  EXPECT_FALSE(buffer.make_room(10));
}

}  // namespace
}  // namespace forebay::upstream
