// Redis Cluster: keys reach the node that has them, also while that changes.
#include "support/redis_cluster.hpp"
#include "redis/redis_fixture.hpp"
#include "support/eventually.hpp"
#include "tier/redis_slot.hpp"

namespace forebay::tier::testing {
namespace {

using test::eventually;
using test::RedisClusterServers;

struct RedisClusterTest : ::testing::Test {
  static RedisSettings settings(const RedisClusterServers& cluster) {
    auto made = settings_for(cluster.url());
    made.connect_timeout = 1s;
    return made;
  }
  static std::string get(RedisWorker& worker, std::string_view key) {
    const auto reply = worker.call(RedisCommand{"GET"}.key(key));
    return reply.has_value() ? reply->text : describe(reply.error());
  }
};

TEST_F(RedisClusterTest, KeysGoToTheNodeThatHasTheirSlot) {
  RedisClusterServers cluster;
  RedisWorker worker(settings(cluster));
  for (int i = 0; i < 100; ++i) {
    const auto key = "key" + std::to_string(i);
    ASSERT_TRUE(worker.call(RedisCommand{"SET"}.key(key).add(key))->is_status("OK"));
    EXPECT_EQ(get(worker, key), key);
    auto& owner = cluster.server(cluster.owner(redis_slot(key)));
    EXPECT_EQ(owner.ask({"GET", key}).text, key);
  }
  EXPECT_EQ(worker.metrics.redis_redirections.value(), 0U);
  EXPECT_EQ(worker.metrics.redis_connections.value(), 3);
  EXPECT_EQ(worker.client->states().size(), 3U);
  EXPECT_TRUE(worker.client->is_available());
  EXPECT_EQ(worker.text(RedisCommand{"PING"}), "PONG");  // to any of them

  // what shares a hash tag goes in one go
  const auto replies = worker.call_all(
      commands({RedisCommand{"SET"}.key("{t}a").add("1"), RedisCommand{"SET"}.key("{t}b").add("2"),
                RedisCommand{"MGET"}.key("{t}a").key("{t}b")}));
  EXPECT_EQ(replies->at(2).elements.at(1).text, "2");
  const auto apart = worker.call(RedisCommand{"MGET"}.key("foo").key("bar"));
  EXPECT_THAT(apart.error().detail, ::testing::StartsWith("CROSSSLOT"));
}

TEST_F(RedisClusterTest, FollowsSlotsThatHaveMovedOrAreMoving) {
  RedisClusterServers cluster;
  RedisWorker worker(settings(cluster));
  const auto slot = redis_slot("{a}");
  const auto number = std::to_string(slot);
  EXPECT_EQ(get(worker, "{a}"), "");

  // moved for good, which is learnt at the first call
  const auto first = cluster.owner(slot);
  const auto second = (first + 1) % 3;
  cluster.move(slot, second);
  EXPECT_TRUE(worker.call(RedisCommand{"SET"}.key("{a}stays").add("1")).has_value());
  EXPECT_EQ(worker.metrics.redis_redirections.value(), 1U);
  EXPECT_EQ(get(worker, "{a}stays"), "1");
  EXPECT_EQ(worker.metrics.redis_redirections.value(), 1U);

  // on the move: what is not there any more, or not yet, is asked for at the other
  const auto third = (first + 2) % 3;
  cluster.server(third).ask({"CLUSTER", "SETSLOT", number, "IMPORTING", cluster.id(second)});
  cluster.server(second).ask({"CLUSTER", "SETSLOT", number, "MIGRATING", cluster.id(third)});
  EXPECT_EQ(get(worker, "{a}stays"), "1");
  const auto replies =
      worker.call_all(commands({RedisCommand{"SET"}.key("{a}new").add("2"),
                                RedisCommand{"GET"}.key("{a}stays"), RedisCommand{"GET"}.key("{a}new")}));
  EXPECT_TRUE(replies->at(0).is_status("OK"));
  EXPECT_EQ(replies->at(1).text, "1");
  EXPECT_EQ(replies->at(2).text, "2");
  EXPECT_EQ(get(worker, "{a}new"), "2");
  // some here, some there: neither can answer
  const auto both = worker.call(RedisCommand{"MGET"}.key("{a}stays").key("{a}new"));
  EXPECT_EQ(both.error().kind, ErrorKind::redis_unavailable);
  EXPECT_THAT(both.error().detail, ::testing::HasSubstr("TRYAGAIN"));
}

TEST_F(RedisClusterTest, AReplicaThatTakesOverIsFound) {
  RedisClusterServers cluster(1);
  auto quick = settings(cluster);
  quick.timeout = 500ms;
  RedisWorker worker(quick);
  std::string key = "a";
  while (cluster.owner(redis_slot(key)) != 0) key += 'a';
  EXPECT_TRUE(worker.call(RedisCommand{"SET"}.key(key).add("1")).has_value());
  EXPECT_TRUE(eventually([&] { return cluster.server(3).info("db0") != ""; }));
  std::string other = "b";
  while (cluster.owner(redis_slot(other)) == 0) other += 'b';
  cluster.server(0).kill();
  EXPECT_TRUE(eventually([&] { return get(worker, key) == "1"; }));
  EXPECT_EQ(get(worker, other), "");
}

TEST_F(RedisClusterTest, OneSeedThatAnswersIsEnough) {
  RedisClusterServers cluster;
  auto settings = settings_for("redis+cluster://127.0.0.1:1," + cluster.server(2).address());
  settings.connect_timeout = 1s;
  RedisWorker worker(settings);
  EXPECT_EQ(get(worker, "a"), "");
  EXPECT_EQ(worker.client->states().size(), 3U);  // the seed that is none of them is forgotten
  EXPECT_TRUE(worker.client->is_available());
}

TEST_F(RedisClusterTest, ADedicatedConnectionGoesToTheKeysNode) {
  RedisClusterServers cluster;
  RedisWorker worker(settings(cluster));
  const auto slot = redis_slot("log");
  for (int i = 0; i < 2; ++i) {
    const auto connection = worker.run(worker.client->open("log", {})).value();
    EXPECT_TRUE(worker.run(connection->call(RedisCommand{"XLEN", "log"}, 5s))->is_integer());
    cluster.move(slot, (cluster.owner(slot) + 1) % 3);
    const auto moved = worker.run(connection->call(RedisCommand{"XLEN", "log"}, 5s)).value();
    EXPECT_EQ(moved.error_code(), "MOVED");
    // the map is not asked for more often than once a second
    const auto later = std::chrono::steady_clock::now() + 1100ms;
    worker.run_until([&] { return std::chrono::steady_clock::now() > later; });
  }
}

TEST_F(RedisClusterTest, AServerThatIsNoClusterIsReported) {
  const RedisServer single;
  RedisWorker worker(settings_for("redis+cluster://" + single.address()));
  const auto refused = worker.call(RedisCommand{"GET"}.key("a"));
  EXPECT_EQ(refused.error().kind, ErrorKind::redis_unavailable);
  EXPECT_THAT(refused.error().detail, ::testing::HasSubstr("no node says who has which slot"));
}

}  // namespace
}  // namespace forebay::tier::testing
