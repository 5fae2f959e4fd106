#include "forebay/tier/shared_log.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace forebay::tier {
namespace {

using cache::Purge;
using cache::PurgeKind;

struct SharedLogTest : testing::Test {
  static Purge of_tag(const std::string& tag) { return Purge::parse(PurgeKind::tag, tag).value(); }
  static Purge of_key(const std::string& key) { return {.kind = PurgeKind::key, .digest = digest(key)}; }
  bool vouches(cache::Position position, const std::string& key = "http://a:80/",
               const std::vector<Digest>& tags = {}) const {
    return log.vouches_for(cache::primary_key(key), tags, position);
  }
  /// What the writer and the stream do with all that waits.
  void write_and_read(cache::Position at) {
    for (const auto& [number, purge] : log.unwritten(1'000'000)) {
      log.written(number);
      log.apply(purge, at++, number);
    }
  }

  MemoryTier memory{MemorySettings{.size = 1 << 20}, 1};
  int woken = 0;
  SharedLog log{memory, "n1", [this] { ++woken; }};
};

TEST_F(SharedLogTest, VouchesForNothingBeforeItHasReadAll) {
  EXPECT_FALSE(vouches(100));
  EXPECT_FALSE(log.shared_position(0));
  log.begin(100);
  EXPECT_TRUE(vouches(100));
  EXPECT_EQ(log.shared_position(memory.log().position()), 100U);
}

TEST_F(SharedLogTest, WhatOthersPurgeTakesEffectHereAndForRecords) {
  log.begin(100);
  const auto before = memory.log().position();
  log.apply(of_key("http://a:80/"), 200, std::nullopt);
  EXPECT_TRUE(memory.log().purged_since(cache::primary_key("http://a:80/"), {}, before));
  EXPECT_FALSE(vouches(199));
  EXPECT_TRUE(vouches(200));
  EXPECT_TRUE(vouches(100, "http://b:80/"));
  EXPECT_EQ(log.shared_position(before), 100U) << "a fetch from before the entry";
  EXPECT_EQ(log.shared_position(memory.log().position()), 200U);
  EXPECT_EQ(log.unwritten_count(), 0U) << "it is not passed on";
}

TEST_F(SharedLogTest, KnowsWhichOwnPurgesHaveComeBack) {
  log.begin(100);
  EXPECT_TRUE(log.has_returned(log.last_number())) << "there were none";
  memory.log().append(of_tag("a"));
  const auto first = log.last_number();
  memory.log().append(of_tag("b"));
  EXPECT_FALSE(log.has_returned(first));
  log.apply(of_tag("a"), 200, first);
  EXPECT_TRUE(log.has_returned(first));
  EXPECT_FALSE(log.has_returned(log.last_number()));
  write_and_read(300);
  EXPECT_TRUE(log.has_returned(log.last_number()));
  EXPECT_GE(log.shared_position(memory.log().position()), 300U);
}

TEST_F(SharedLogTest, AnOwnPurgeIsPendingUntilItComesBack) {
  log.begin(100);
  memory.log().append(of_key("http://a:80/"));
  EXPECT_EQ(woken, 1);
  EXPECT_FALSE(vouches(100));
  EXPECT_FALSE(vouches(1'000'000)) << "wherever it will stand in the stream";
  EXPECT_TRUE(vouches(100, "http://b:80/"));
  write_and_read(200);
  EXPECT_FALSE(vouches(150));
  EXPECT_TRUE(vouches(200));
}

TEST_F(SharedLogTest, AnOwnPurgeTakesEffectOnce) {
  log.begin(100);
  memory.log().append(of_key("http://a:80/"));
  const auto fetched = memory.log().position();
  write_and_read(200);
  EXPECT_FALSE(memory.log().purged_since(cache::primary_key("http://a:80/"), {}, fetched))
      << "what was fetched after the purge is not purged again when it comes back";
  EXPECT_EQ(log.shared_position(fetched), 200U);
}

TEST_F(SharedLogTest, PurgesKeepPendingWhileOthersComeBack) {
  log.begin(100);
  memory.log().append(of_tag("a"));
  const auto first = log.unwritten(1);
  memory.log().append(of_tag("b"));
  log.written(1);
  log.apply(first[0].purge, 200, 1);
  EXPECT_FALSE(vouches(200, "http://a:80/", {of_tag("b").digest}));
  write_and_read(300);
  EXPECT_TRUE(vouches(300, "http://a:80/", {of_tag("b").digest}));
}

TEST_F(SharedLogTest, HandsOutInOrderWhatIsUnwritten) {
  for (const auto* tag : {"a", "b", "c"}) memory.log().append(of_tag(tag));
  EXPECT_EQ(log.unwritten_count(), 3U);
  const auto two = log.unwritten(2);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].number, 1U);
  EXPECT_EQ(two[1].purge.digest, of_tag("b").digest);
  log.written(2);
  EXPECT_EQ(log.unwritten(10).at(0).number, 3U);
  log.written(3);
  EXPECT_TRUE(log.unwritten(10).empty());
  log.write_again(1);
  EXPECT_EQ(log.unwritten(10).size(), 2U);
}

TEST_F(SharedLogTest, TooManyUnwrittenBecomeOneOfEverything) {
  log.begin(100);
  for (std::size_t i = 0; i <= SharedLog::kMaxUnwritten; ++i) memory.log().append(of_tag(std::to_string(i)));
  const auto unwritten = log.unwritten(1'000'000);
  ASSERT_EQ(unwritten.size(), 1U);
  EXPECT_EQ(unwritten[0].purge.kind, PurgeKind::everything);
  EXPECT_EQ(unwritten[0].number, log.last_number());
  EXPECT_FALSE(vouches(100, "http://other:80/"));
  write_and_read(200);
  EXPECT_TRUE(vouches(200, "http://other:80/"));
}

TEST_F(SharedLogTest, LosingTrackPurgesEverythingBefore) {
  log.begin(100);
  log.apply(of_tag("a"), 500, std::nullopt);
  const auto before = memory.log().position();
  log.lose_track(300);
  EXPECT_TRUE(memory.log().purged_since(cache::primary_key("http://a:80/"), {}, before).is_hard());
  EXPECT_FALSE(log.shared_position(before)) << "nobody knows what its position meant";
  EXPECT_FALSE(vouches(299));
  EXPECT_TRUE(vouches(300));
  EXPECT_EQ(log.shared_position(memory.log().position()), 300U);
  log.apply(of_tag("b"), 301, std::nullopt);
  EXPECT_FALSE(vouches(300, "http://a:80/", {of_tag("b").digest}));
}

TEST_F(SharedLogTest, ALaterNodeDoesNotKnowWhatWasPurgedBeforeTheLogBegan) {
  log.know_from(300);
  log.begin(400);
  EXPECT_FALSE(vouches(299));
  EXPECT_TRUE(vouches(300));
}

TEST_F(SharedLogTest, ANewLogBeginsWithAPurgeOfEverything) {
  log.begin(0);
  EXPECT_TRUE(vouches(0));
  log.purge_everything();
  EXPECT_EQ(log.unwritten(10).at(0).purge.kind, PurgeKind::everything) << "others learn of it";
  EXPECT_FALSE(vouches(100)) << "it is pending";
  write_and_read(200);
  EXPECT_FALSE(vouches(199));
  EXPECT_TRUE(vouches(200));
}

// A response read from Redis while another node's purge is read is refused, or has a position from before it.
TEST_F(SharedLogTest, MemoryKnowsAPurgeBeforeReadersOfRedisDo) {
  constexpr int kPurges = 20'000;
  log.begin(100);
  std::atomic<int> next{0};
  std::thread follower([&] {
    for (int i = 0; i < kPurges; ++i) {
      next.store(i);
      log.apply(of_key("http://a:80/" + std::to_string(i)), 200 + static_cast<cache::Position>(i),
                std::nullopt);
    }
    next.store(kPurges);
  });
  std::vector<std::pair<int, cache::Position>> used;
  for (int i = 0; (i = next.load()) < kPurges;) {
    const auto position = memory.log().position();
    if (vouches(100, "http://a:80/" + std::to_string(i))) used.emplace_back(i, position);
  }
  follower.join();
  for (const auto& [i, position] : used) {
    const auto key = "http://a:80/" + std::to_string(i);
    ASSERT_TRUE(memory.log().purged_since(cache::primary_key(key), {}, position)) << i;
  }
}

// A response read from Redis while its purge is accepted is refused, or has a position from before the purge.
TEST_F(SharedLogTest, APurgeThatRacesAReadFromRedisWins) {
  log.begin(100);
  for (int round = 0; round < 2'000; ++round) {
    const auto key = "http://a:80/" + std::to_string(round);
    std::thread purger([&] { memory.log().append(of_key(key)); });
    const auto position = memory.log().position();
    const bool usable = vouches(1'000'000, key);
    purger.join();
    if (usable) {
      EXPECT_TRUE(memory.log().purged_since(cache::primary_key(key), {}, position));
    }
  }
}

}  // namespace
}  // namespace forebay::tier
