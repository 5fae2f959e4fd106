#include "forebay/observe/redis_results.hpp"

#include <gtest/gtest.h>

#include <set>

namespace forebay::observe {
namespace {

template <class Value>
std::set<std::string_view> names(std::size_t count) {
  std::set<std::string_view> all;
  for (std::size_t i = 0; i < count; ++i) all.insert(name(static_cast<Value>(i)));
  EXPECT_FALSE(all.contains("unknown"));
  EXPECT_EQ(name(static_cast<Value>(count)), "unknown");
  return all;
}

TEST(RedisResults, EachHasANameOfItsOwn) {
  EXPECT_EQ(names<RedisLookup>(kRedisLookups).size(), kRedisLookups);
  EXPECT_EQ(names<RedisStore>(kRedisStores).size(), kRedisStores);
  EXPECT_EQ(names<EntryFault>(kEntryFaults).size(), kEntryFaults);
}

}  // namespace
}  // namespace forebay::observe
