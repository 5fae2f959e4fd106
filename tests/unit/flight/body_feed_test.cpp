#include "forebay/flight/body_feed.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <string>

#include "feeding.hpp"

namespace forebay::flight::testing {
namespace {

using namespace std::chrono_literals;
using cache::Chunk;

constexpr std::uint32_t kPiece = 64 * 1024;
/// So many pieces are more than the window holds.
constexpr std::uint64_t kBeyondWindow = BodyFeed::kWindow / kPiece + 1;

struct BodyFeedTest : ::testing::Test {
  void append(std::string_view text) { feed->append(slice_of(text)); }
  void append_pieces(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) feed->append(slice_of(std::string(kPiece, 'x')));
  }
  /// Starts waiting for room; the outcome appears in the result.
  Eventual<bool> wait_for_room(std::chrono::milliseconds limit = 1h) {
    return producer.start(feed->wait_for_room(io::Signal::make(producer.executor()), limit));
  }

  Side producer;
  Side a;
  Side b;
  std::shared_ptr<BodyFeed> feed = std::make_shared<BodyFeed>();
};

// ---- everything is kept ---------------------------------------------------------------------------------

TEST_F(BodyFeedTest, ReadersFollowFromTheBeginningWhenverTheyJoin) {
  const auto early = feed->join(a.executor());
  const auto first = a.start(read_all(*early));
  a.settle();
  append("one ");
  a.settle();
  const auto late = feed->join(b.executor());
  const auto second = b.start(read_all(*late));
  b.settle();
  append("two");
  feed->finish("X: y\r\n");
  const auto last = feed->join(a.executor());
  const auto third = a.start(read_all(*last));
  a.settle();
  b.settle();
  for (const auto& outcome : {first, second, third}) {
    ASSERT_TRUE(*outcome);
    EXPECT_EQ((*outcome)->body, "one two");
    EXPECT_FALSE((*outcome)->error);
    EXPECT_EQ((*outcome)->trailers, "X: y\r\n");
  }
  EXPECT_EQ(feed->size(), 7u);
}

TEST_F(BodyFeedTest, AnEmptyBodyIsComplete) {
  const auto reader = feed->join(a.executor());
  const auto outcome = a.start(read_all(*reader));
  a.settle();
  EXPECT_FALSE(*outcome);
  feed->finish("");
  a.settle();
  ASSERT_TRUE(*outcome);
  EXPECT_EQ((*outcome)->body, "");
  EXPECT_FALSE((*outcome)->error);
}

TEST_F(BodyFeedTest, WakesAReaderThroughItsOwnExecutorOnly) {
  const auto reader = feed->join(a.executor());
  const auto outcome = a.start(reader->next(1h));
  a.settle();
  append("x");
  producer.settle();
  b.settle();
  EXPECT_FALSE(*outcome);
  a.settle();
  ASSERT_TRUE(*outcome);
  EXPECT_EQ((**outcome).value().size(), 1u);
}

TEST_F(BodyFeedTest, JoinsWhatLiesTogether) {
  const auto chunk = Chunk::allocate(8);
  std::copy_n("abcdefgh", 8, chunk->data());
  feed->append({chunk, 0, 3});
  feed->append({chunk, 3, 2});
  feed->append({chunk, 6, 2});
  ASSERT_EQ(feed->slices().size(), 2u);
  EXPECT_EQ(feed->slices()[0].view(), "abcde");
  const auto reader = feed->join(a.executor());
  const auto batch = a.start(reader->next(1h));
  a.settle();
  feed->append({chunk, 0, 1});
  feed->finish("");
  const auto rest = a.start(read_all(*reader));
  a.settle();
  EXPECT_EQ((**batch).value().size(), 2u);
  EXPECT_EQ((*rest)->body, "a");
}

/// A slice that grows after a reader has taken its beginning is not given twice.
TEST_F(BodyFeedTest, GivesTheRestOfASliceThatGrew) {
  const auto chunk = Chunk::allocate(8);
  std::copy_n("abcdefgh", 8, chunk->data());
  const auto reader = feed->join(a.executor());
  const auto outcome = a.start(read_all(*reader));
  for (std::uint32_t i = 0; i < 8; ++i) {
    feed->append({chunk, i, 1});
    a.settle();
  }
  feed->finish("");
  a.settle();
  EXPECT_EQ((*outcome)->body, "abcdefgh");
  EXPECT_EQ(feed->slices().size(), 1u);
}

TEST_F(BodyFeedTest, GivesLimitedBatches) {
  for (std::size_t i = 0; i < BodyFeed::kBatch + 3; ++i) append("x");
  const auto reader = feed->join(a.executor());
  const auto first = a.start(reader->next(1h));
  a.settle();
  const auto second = a.start(reader->next(1h));
  a.settle();
  EXPECT_EQ((**first).value().size(), BodyFeed::kBatch);
  EXPECT_EQ((**second).value().size(), 3u);
}

TEST_F(BodyFeedTest, TheProducerNeverWaitsWhileAllIsKept) {
  const auto reader = feed->join(a.executor());
  append_pieces(3 * kBeyondWindow);
  const auto room = wait_for_room();
  producer.settle();
  EXPECT_EQ(*room, true);
  EXPECT_EQ(feed->slices().size(), 3 * kBeyondWindow);
}

// ---- failing --------------------------------------------------------------------------------------------

TEST_F(BodyFeedTest, AFailureReachesReadersBehindWhatCameBefore) {
  const auto waiting = feed->join(a.executor());
  const auto late = feed->join(b.executor());
  const auto first = a.start(read_all(*waiting));
  a.settle();
  append("half");
  feed->fail(fail(ErrorKind::response_incomplete));
  feed->finish("");  // too late: what has failed does not become complete
  const auto second = b.start(read_all(*late));
  a.settle();
  b.settle();
  for (const auto& outcome : {first, second}) {
    ASSERT_TRUE(*outcome);
    EXPECT_EQ((*outcome)->body, "half");
    ASSERT_TRUE((*outcome)->error);
    EXPECT_EQ((*outcome)->error->kind, ErrorKind::response_incomplete);
  }
  EXPECT_FALSE(feed->join(a.executor())) << "whoever comes now asks anew";
}

TEST_F(BodyFeedTest, AFailureAfterTheEndIsNone) {
  append("all");
  feed->finish("");
  feed->fail(fail(ErrorKind::connection_lost));
  const auto reader = feed->join(a.executor());
  const auto outcome = a.start(read_all(*reader));
  a.settle();
  EXPECT_FALSE((*outcome)->error);
}

TEST_F(BodyFeedTest, AReaderGivesUpWhenNothingComes) {
  const auto reader = feed->join(a.executor());
  const auto outcome = a.start(reader->next(1ms));
  a.run_until([&] { return outcome->has_value(); });
  ASSERT_TRUE(*outcome);
  EXPECT_EQ((**outcome).error().kind, ErrorKind::between_bytes_timeout);
}

TEST_F(BodyFeedTest, AReaderCanBeCancelled) {
  const auto reader = feed->join(a.executor());
  const auto waiting = a.start(reader->next(1h));
  a.settle();
  reader->cancel();
  a.settle();
  ASSERT_TRUE(*waiting);
  EXPECT_EQ((**waiting).error().kind, ErrorKind::cancelled);
  append("x");
  const auto again = a.start(reader->next(1h));
  a.settle();
  EXPECT_EQ((**again).error().kind, ErrorKind::cancelled);
}

TEST_F(BodyFeedTest, AReaderMayLeaveWhileItsWakeUpIsOnItsWay) {
  auto reader = feed->join(a.executor());
  EXPECT_TRUE(feed->has_readers());
  {
    const auto waiting = a.start(reader->next(1ms));
    a.run_until([&] { return waiting->has_value(); });
  }
  append("x");  // still registered as waiting: notifies
  reader.reset();
  EXPECT_FALSE(feed->has_readers());
  a.settle();
}

// ---- only the window is kept ----------------------------------------------------------------------------

TEST_F(BodyFeedTest, NobodyJoinsWhenTheBeginningMayBeGone) {
  const auto reader = feed->join(a.executor());
  append("x");
  feed->let_go();
  EXPECT_FALSE(feed->join(b.executor()));
  const auto outcome = a.start(reader->next(1h));
  a.settle();
  EXPECT_TRUE((**outcome).has_value());
  EXPECT_FALSE(feed->join(b.executor()));
}

TEST_F(BodyFeedTest, OneMayJoinBeforeTheFirstByte) {
  feed->let_go();
  const auto reader = feed->join(a.executor());
  ASSERT_TRUE(reader);
  append("x");
  feed->finish("");
  const auto outcome = a.start(read_all(*reader));
  a.settle();
  EXPECT_EQ((*outcome)->body, "x");
}

TEST_F(BodyFeedTest, DropsWhatEveryReaderHasPassed) {
  const auto fast = feed->join(a.executor());
  auto slow = feed->join(b.executor());
  const auto one = slice_of("one");
  feed->append(one);
  feed->let_go();
  const auto two = slice_of("two");
  feed->append(two);
  const auto all = a.start(fast->next(1h));
  a.settle();
  all->reset();
  EXPECT_EQ(one.chunk->use_count(), 2u);  // the slow one may still want it
  const auto some = b.start(slow->next(1h));
  b.settle();
  some->reset();
  EXPECT_EQ(one.chunk->use_count(), 1u);
  EXPECT_EQ(two.chunk->use_count(), 1u);
}

TEST_F(BodyFeedTest, WhatASlowReaderHeldGoesWithIt) {
  const auto fast = feed->join(a.executor());
  auto slow = feed->join(b.executor());
  const auto one = slice_of("one");
  feed->append(one);
  feed->let_go();
  a.start(fast->next(1h));
  a.settle();
  EXPECT_EQ(one.chunk->use_count(), 2u);
  slow.reset();
  EXPECT_EQ(one.chunk->use_count(), 1u);
}

TEST_F(BodyFeedTest, TheProducerWaitsForTheSlowestReader) {
  feed->let_go();
  const auto fast = feed->join(a.executor());
  const auto slow = feed->join(b.executor());
  append_pieces(kBeyondWindow);
  const auto read = a.start(read_all(*fast));
  a.settle();
  const auto room = wait_for_room();
  producer.settle();
  EXPECT_FALSE(*room);
  b.start(slow->next(1h));
  b.settle();
  EXPECT_FALSE(*room);  // woken through its own executor only
  producer.settle();
  EXPECT_EQ(*room, true);
  EXPECT_FALSE(*read);
  feed->finish("");
  a.settle();
  EXPECT_EQ((*read)->body.size(), kBeyondWindow * kPiece);
}

TEST_F(BodyFeedTest, TheProducerGoesOnWhenTheSlowestReaderLeaves) {
  feed->let_go();
  const auto fast = feed->join(a.executor());
  auto slow = feed->join(b.executor());
  append_pieces(kBeyondWindow);
  a.start(read_all(*fast));
  a.settle();
  const auto room = wait_for_room();
  producer.settle();
  slow.reset();
  producer.settle();
  EXPECT_EQ(*room, true);
}

TEST_F(BodyFeedTest, TheProducerStopsWhenNobodyReads) {
  auto only = feed->join(a.executor());
  append_pieces(kBeyondWindow);
  feed->let_go();
  const auto room = wait_for_room();
  producer.settle();
  EXPECT_FALSE(*room);
  only.reset();
  producer.settle();
  EXPECT_EQ(*room, false);
  const auto again = wait_for_room();
  producer.settle();
  EXPECT_EQ(*again, false);
}

TEST_F(BodyFeedTest, TheProducerGivesUpOnAReaderThatStands) {
  const auto reader = feed->join(a.executor());
  append_pieces(kBeyondWindow);
  feed->let_go();
  const auto room = wait_for_room(1ms);
  producer.run_until([&] { return room->has_value(); });
  EXPECT_EQ(*room, false);
}

/// Far behind when the feed let go: a reader that gets on is waited for, however long it takes into the
/// window.
TEST_F(BodyFeedTest, TheProducerHasPatienceWithAReaderThatGetsOn) {
  constexpr auto kLimit = 200ms;
  const auto reader = feed->join(a.executor());
  append_pieces(4 * kBeyondWindow);
  feed->let_go();
  const auto began = std::chrono::steady_clock::now();
  const auto room = wait_for_room(kLimit);
  producer.settle();
  a.start(reader->next(1h));
  a.settle();
  producer.run_until([&] { return room->has_value(); });
  EXPECT_EQ(*room, false);  // it stood still in the end
  EXPECT_GE(std::chrono::steady_clock::now() - began, 2 * kLimit);
}

}  // namespace
}  // namespace forebay::flight::testing
