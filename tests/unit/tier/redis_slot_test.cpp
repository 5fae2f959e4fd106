#include "tier/redis_slot.hpp"

#include <gtest/gtest.h>

namespace forebay::tier {
namespace {

TEST(RedisSlot, IsWhatRedisSaysItIs) {
  const struct {
    std::string_view key;
    unsigned slot;
  } rows[] = {
      // as CLUSTER KEYSLOT of Redis 7.0 answers
      {"", 0},
      {"a", 15495},
      {"foo", 12182},
      {"bar", 5061},
      {"hello", 866},
      {"somekey", 11058},
      {"foo{hash_tag}", 2515},
      {"bar{hash_tag}", 2515},
      {"hash_tag", 2515},
      {"123456789", 12739},
  };
  for (const auto& row : rows) EXPECT_EQ(redis_slot(row.key), row.slot) << row.key;
}

TEST(RedisSlot, GoesByTheFirstHashTagThatIsNotEmpty) {
  EXPECT_EQ(redis_slot("{user1000}.following"), redis_slot("{user1000}.followers"));
  EXPECT_EQ(redis_slot("{user1000}.following"), redis_slot("user1000"));
  EXPECT_EQ(redis_slot("foo{{bar}}zap"), redis_slot("{bar"));
  EXPECT_EQ(redis_slot("foo{bar}{zap}"), redis_slot("bar"));
  EXPECT_NE(redis_slot("foo{}{bar}"), redis_slot("bar"));  // an empty one makes the whole key count
  EXPECT_NE(redis_slot("foo{bar"), redis_slot("bar"));
  EXPECT_NE(redis_slot("foo}bar{"), redis_slot("bar"));
}

TEST(RedisSlot, TakesAnyBytes) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_LT(redis_slot(all), kRedisSlots);
  EXPECT_NE(redis_slot(std::string_view("\0", 1)), redis_slot(std::string_view("\1", 1)));
}

}  // namespace
}  // namespace forebay::tier
