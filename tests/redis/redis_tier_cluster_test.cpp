// The Redis tier on a cluster: everything of a key is on one node.
#include "redis/redis_tier_fixture.hpp"
#include "support/redis_cluster.hpp"
#include "tier/redis_slot.hpp"

namespace forebay::tier::testing {
namespace {

using test::RedisClusterServers;

struct RedisTierClusterTest : ::testing::Test {
  Kept kept(int i) const {
    const auto number = std::to_string(i);
    Kept response{.key = "http://a:80/" + number, .body = text(200'000) + number};
    if (i % 2 == 0) response.vary = "accept", response.request = accepting("text/html");
    response.freshness.response_time = clock.now();
    return response;
  }
  std::size_t owner(const Kept& response) const {
    return cluster.owner(redis_slot(RedisKeys("forebay", digest(response.key)).record()));
  }

  RedisClusterServers cluster;
  RedisSettings settings = settings_for(cluster.url());
  test::ManualClock clock;
};

TEST_F(RedisTierClusterTest, GivesBackWhatAnotherNodeStored) {
  Node one(settings, clock);
  Node other(settings, clock);
  constexpr int kResponses = 20;
  for (int i = 0; i < kResponses; ++i) one.tier->store(kept(i).make(), {});
  one.finish();
  EXPECT_EQ(one.count(RedisStore::written), std::uint64_t{kResponses});
  for (int i = 0; i < kResponses; ++i) {
    const auto response = kept(i);
    const auto found = other.find(response.key, response.request);
    ASSERT_TRUE(found.response) << i << name(found.result);
    EXPECT_TRUE(test::is_same(*found.response, *response.make())) << i;
  }
  EXPECT_EQ(other.metrics.redis_connections.value(), 3);
}

TEST_F(RedisTierClusterTest, WithoutOneOfTheMastersItsKeysAreMisses) {
  Node node(settings, clock);
  constexpr int kResponses = 20;
  for (int i = 0; i < kResponses; ++i) node.tier->store(kept(i).make(), {});
  node.finish();
  std::vector<std::size_t> owners;
  for (int i = 0; i < kResponses; ++i) owners.push_back(owner(kept(i)));
  for (const std::size_t i : {0u, 1u})
    cluster.server(i).ask({"CONFIG", "SET", "cluster-require-full-coverage", "no"});
  cluster.server(2).kill();
  for (int i = 0; i < kResponses; ++i) {
    const auto response = kept(i);
    const auto found = node.find(response.key, response.request);
    if (owners[static_cast<std::size_t>(i)] == 2)
      EXPECT_FALSE(found.response) << i;
    else
      EXPECT_TRUE(found.response) << i << name(found.result);
  }
}

}  // namespace
}  // namespace forebay::tier::testing
