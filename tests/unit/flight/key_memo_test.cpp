#include "forebay/flight/key_memo.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace forebay::flight {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kNow{1h};

struct KeyMemoTest : ::testing::Test {
  std::unique_ptr<KeyMemo> memo = std::make_unique<KeyMemo>();
  const Digest key = digest("key");
};

TEST_F(KeyMemoTest, RemembersForAWhile) {
  EXPECT_FALSE(memo->contains(key, kNow));
  memo->remember(key, kNow + 10s);
  EXPECT_TRUE(memo->contains(key, kNow));
  EXPECT_TRUE(memo->contains(key, kNow + 9999ms));
  EXPECT_FALSE(memo->contains(key, kNow + 10s));
  memo->remember(key, kNow + 20s);
  EXPECT_TRUE(memo->contains(key, kNow + 10s));
}

TEST_F(KeyMemoTest, Forgets) {
  memo->forget(key);
  memo->remember(key, kNow + 10s);
  memo->forget(digest("another key"));
  EXPECT_TRUE(memo->contains(key, kNow));
  memo->forget(key);
  EXPECT_FALSE(memo->contains(key, kNow));
}

TEST_F(KeyMemoTest, KnowsNoKeyAtFirst) {
  EXPECT_FALSE(memo->contains({}, kNow));
  memo->remember({}, kNow + 1s);
  EXPECT_TRUE(memo->contains({}, kNow));
}

TEST_F(KeyMemoTest, NewerKeysTakeThePlaceOfOlderOnes) {
  constexpr int kKeys = 200'000;
  int known = 0;
  for (int i = 0; i < kKeys; ++i) memo->remember(digest(std::to_string(i)), kNow + 1s);
  for (int i = 0; i < kKeys; ++i) known += memo->contains(digest(std::to_string(i)), kNow) ? 1 : 0;
  EXPECT_LE(known, static_cast<int>(KeyMemo::kPlaces));
  EXPECT_GT(known, static_cast<int>(KeyMemo::kPlaces / 2));
  EXPECT_TRUE(memo->contains(digest(std::to_string(kKeys - 1)), kNow));
}

}  // namespace
}  // namespace forebay::flight
