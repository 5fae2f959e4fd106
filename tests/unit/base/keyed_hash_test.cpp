#include "forebay/base/keyed_hash.hpp"

#include <gtest/gtest.h>

namespace forebay {
namespace {

const HashKey kKey = HashKey::from("a secret of some length");

std::string hash(const HashKey& key, std::initializer_list<std::string_view> parts) {
  KeyedHash hash;
  hash.begin(key);
  for (const auto part : parts) hash.add(part);
  return to_hex(hash.end());
}

// Nodes with one `partition_key` share what they store: a change would part them.
TEST(KeyedHash, IsFrozen) {
  EXPECT_EQ(hash(kKey, {}), "6642828e976ffcacf32de1ab8efa7506");
  EXPECT_EQ(hash(kKey, {"a"}), "f908921e353efd229cbb9825d2d2ed9f");
  EXPECT_EQ(hash(kKey, {"ab", "c"}), "ce2febd8c7c0ef5f8857400b98cfe2e9");
}

TEST(KeyedHash, PartsAndKeyTellApart) {
  EXPECT_EQ(hash(kKey, {"ab", "c"}), hash(kKey, {"ab", "c"}));
  EXPECT_NE(hash(kKey, {"ab", "c"}), hash(kKey, {"a", "bc"}));
  EXPECT_NE(hash(kKey, {"ab"}), hash(kKey, {"ab", ""}));
  EXPECT_NE(hash(kKey, {"ab"}), hash(HashKey::from("another secret"), {"ab"}));
}

TEST(KeyedHash, OneAfterTheOther) {
  KeyedHash reused;
  const auto first = reused.begin(kKey).add("a").end();
  reused.begin(HashKey::from("x")).add("b").end();
  EXPECT_EQ(reused.begin(kKey).add("a").end(), first);
}

TEST(HashKey, IsRandomUnlessGiven) {
  EXPECT_NE(HashKey::random(), HashKey::random());
  EXPECT_EQ(HashKey::from("x"), HashKey::from("x"));
  EXPECT_NE(HashKey::from("x"), HashKey::from("y"));
}

}  // namespace
}  // namespace forebay
