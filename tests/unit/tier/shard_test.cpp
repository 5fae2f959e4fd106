#include "shard.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <shared_mutex>
#include <thread>

#include "stored.hpp"

namespace forebay::tier::testing {
namespace {

struct ShardTest : ::testing::Test {
  Shard shard{16, make_eviction({.eviction = Eviction::lru}, 1 << 20)};
  Shard::Removed removed;

  Slot& put(const Said& said) {
    auto* slot = new Slot(digest(said.key), stored(said));
    shard.put(*slot, removed);
    return *slot;
  }
  std::size_t removed_slots() {
    std::size_t count = 0;
    removed.slots.clear_and_dispose([&](Slot* slot) {
      delete slot;
      ++count;
    });
    return count;
  }
  std::size_t variants(std::string_view key) {
    std::size_t count = 0;
    shard.for_each_variant({key, digest(key)}, [&](Slot&) { return ++count > 0; });
    return count;
  }
  void TearDown() override { removed_slots(); }
};

TEST_F(ShardTest, TakesTheOneForTheSameVariantOut) {
  put({.body = "old"});
  put({.body = "new"});
  EXPECT_EQ(removed_slots(), 1u);
  EXPECT_EQ(variants("http://a:80/"), 1u);
  EXPECT_EQ(removed.evictions, 0u) << "that was no eviction";
}

TEST_F(ShardTest, WhatVariesAndWhatDoesNotExcludeEachOther) {
  put({.vary = "accept", .accept = "a"});
  put({.vary = "accept", .accept = "b"});
  EXPECT_EQ(variants("http://a:80/"), 2u);
  put({});
  EXPECT_EQ(removed_slots(), 2u);
  EXPECT_EQ(variants("http://a:80/"), 1u);
}

TEST_F(ShardTest, BoundsTheVariantsOfAKey) {
  for (std::size_t i = 0; i < Shard::kMaxVariants + 3; ++i)
    put({.vary = "accept", .accept = "v" + std::to_string(i), .after = seconds(i)});
  EXPECT_EQ(variants("http://a:80/"), Shard::kMaxVariants);
  EXPECT_EQ(removed.evictions, 3u);
  EXPECT_EQ(removed_slots(), 3u);
}

TEST_F(ShardTest, EvictsWhatThePolicySaysButNotWhatIsBeingSent) {
  auto& first = put({.key = "http://a:80/1"});
  put({.key = "http://a:80/2"});
  const auto sending = first.response;
  EXPECT_TRUE(shard.evict(removed));
  EXPECT_EQ(variants("http://a:80/2"), 0u);
  EXPECT_FALSE(shard.evict(removed));
  EXPECT_EQ(removed.evictions, 1u);
  EXPECT_GT(removed.evicted_bytes, 5u);
}

TEST_F(ShardTest, KnowsWhatWasAskedForLater) {
  put({.position = 5});
  for (const auto& [position, later] : {std::pair{4, true}, {5, false}, {6, false}}) {
    const Slot added(digest("http://a:80/"), stored({.position = static_cast<cache::Position>(position)}));
    EXPECT_EQ(shard.has_later(added), later) << position;
  }
}

TEST_F(ShardTest, WhatHasExpiredGoesFirst) {
  auto& first = put({.key = "http://a:80/1"});
  put({.key = "http://a:80/2", .after = seconds(2)});
  shard.eviction().spared(first);  // to the end of the line, were it not for its age
  put({.key = "http://a:80/3", .after = seconds(90)});
  EXPECT_TRUE(shard.evict(removed));
  EXPECT_FALSE(shard.has({"http://a:80/1", digest("http://a:80/1")}));
  EXPECT_TRUE(shard.evict(removed));
  EXPECT_FALSE(shard.has({"http://a:80/2", digest("http://a:80/2")}));
  EXPECT_EQ(removed.evictions, 2u);
}

TEST_F(ShardTest, WhatIsRenewedExpiresLater) {
  auto& first = put({.key = "http://a:80/1"});
  put({.key = "http://a:80/2"});
  const auto old =
      shard.renew(first, stored({.key = "http://a:80/1", .body = "longer", .after = seconds(80)}));
  EXPECT_EQ(old->body_size(), 5u);
  EXPECT_EQ(first.response->body_size(), 6u);
  EXPECT_EQ(first.weight(), Ranked(Slot::weight_of(*first.response)).weight());
  put({.key = "http://a:80/3", .after = seconds(90)});
  EXPECT_TRUE(shard.evict(removed));
  EXPECT_FALSE(shard.has({"http://a:80/2", digest("http://a:80/2")}));
  EXPECT_TRUE(shard.has({"http://a:80/1", digest("http://a:80/1")}));
}

TEST(ShardMutex, CountsWhoHadToWait) {
  ShardMutex mutex;
  std::shared_lock first(mutex), second(mutex);
  EXPECT_EQ(mutex.waits(), 0u) << "many may look";
  std::thread waiting([&] { const std::lock_guard alone(mutex); });
  while (mutex.waits() == 0) std::this_thread::yield();
  first.unlock();
  second.unlock();
  waiting.join();
  EXPECT_EQ(mutex.waits(), 1u);
}

}  // namespace
}  // namespace forebay::tier::testing
