// Sentinel: calls reach whoever is the master, also when that changes.
#include "redis/redis_fixture.hpp"
#include "support/eventually.hpp"
#include "support/redis_sentinels.hpp"

namespace forebay::tier::testing {
namespace {

using test::eventually;
using test::RedisSentinels;
using ::testing::HasSubstr;

RedisSettings quick(const std::string& url) {
  auto settings = settings_for(url);
  settings.connect_timeout = 1s;
  settings.timeout = 500ms;
  return settings;
}

TEST(RedisSentinelTest, FindsTheMasterAndFollowsAFailover) {
  RedisSentinels redis;
  RedisWorker worker(quick(redis.url()));
  EXPECT_TRUE(worker.call(RedisCommand{"SET", "a", "1"}).has_value());
  ASSERT_EQ(worker.client->states().size(), 1U);
  EXPECT_EQ(worker.client->states()[0].address, redis.master().address());
  EXPECT_TRUE(eventually([&] { return redis.replica().ask({"GET", "a"}).text == "1"; }));

  redis.master().kill();
  EXPECT_TRUE(eventually([&] { return worker.call(RedisCommand{"SET", "b", "2"}).has_value(); }));
  EXPECT_EQ(worker.client->states()[0].address, redis.replica().address());
  EXPECT_EQ(worker.text(RedisCommand{"GET", "a"}), "1");
  const auto own = worker.run(worker.client->open("", {})).value();
  EXPECT_TRUE(worker.run(own->call(RedisCommand{"SET", "c", "3"}, 5s))->is_status("OK"));
}

TEST(RedisSentinelTest, AMasterThatWasDemotedIsLeft) {
  RedisSentinels redis("s3cret");
  auto settings = quick(redis.url());
  settings.password = "s3cret";
  RedisWorker worker(settings);
  EXPECT_TRUE(worker.call(RedisCommand{"SET", "a", "1"}).has_value());
  EXPECT_TRUE(redis.sentinel(0).ask({"SENTINEL", "FAILOVER", "mymaster"}).is_status("OK"));
  EXPECT_TRUE(eventually([&] { return redis.named_port() == std::to_string(redis.replica().port()); }));
  EXPECT_TRUE(eventually([&] {
    worker.call(RedisCommand{"SET", "b", "2"});
    return worker.client->states()[0].address == redis.replica().address();
  }));
  EXPECT_TRUE(worker.call(RedisCommand{"SET", "b", "3"}).has_value());
  EXPECT_EQ(redis.replica().ask({"GET", "b"}).text, "3");
}

TEST(RedisSentinelTest, WhatSaysItIsNoMasterIsNotTakenForOne) {
  const RedisServer master;
  const RedisServer replica;
  replica.ask({"REPLICAOF", "127.0.0.1", std::to_string(master.port())});
  EXPECT_TRUE(replica.wait_for_info("master_link_status", "up"));
  // one that is behind the times: it takes the replica for the master
  const RedisServer sentinel(
      {.file = "sentinel monitor mymaster 127.0.0.1 " + std::to_string(replica.port()) + " 9\n",
       .sentinel = true});
  RedisWorker worker(quick("redis+sentinel://" + sentinel.address() + "/mymaster"));
  const auto refused = worker.call(RedisCommand{"GET", "a"});
  EXPECT_EQ(refused.error().kind, ErrorKind::redis_unavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("is no master"));
  EXPECT_FALSE(worker.client->is_available());
}

TEST(RedisSentinelTest, OneSentinelThatAnswersIsEnough) {
  const RedisServer master;
  const RedisServer sentinel(
      {.file = "sentinel monitor mymaster 127.0.0.1 " + std::to_string(master.port()) + " 2\n",
       .sentinel = true});
  RedisWorker worker(quick("redis+sentinel://127.0.0.1:1," + sentinel.address() + ",127.0.0.1:2/mymaster"));
  EXPECT_EQ(worker.text(RedisCommand{"PING"}), "PONG");
  RedisWorker other(quick("redis+sentinel://" + sentinel.address() + "/yours"));
  EXPECT_THAT(other.call(RedisCommand{"PING"}).error().detail, HasSubstr("it knows no master yours"));
}

TEST(RedisSentinelTest, LogsInToSentinelsWithTheirOwnPassword) {
  const RedisServer master({.arguments = {"--requirepass", "masters"}, .password = "masters"});
  const RedisServer sentinel({.arguments = {"--requirepass", "sentinels"},
                              .file = "sentinel monitor mymaster 127.0.0.1 " + std::to_string(master.port()) +
                                      " 2\nsentinel auth-pass mymaster masters\n",
                              .password = "sentinels",
                              .sentinel = true});
  auto settings = quick("redis+sentinel://:masters@" + sentinel.address() + "/mymaster/2");
  EXPECT_THAT(RedisWorker(settings).call(RedisCommand{"PING"}).error().detail, HasSubstr("NOAUTH"));
  settings.sentinel_password = "sentinels";
  EXPECT_TRUE(RedisWorker(settings).call(RedisCommand{"SET", "a", "1"}).has_value());
  EXPECT_NE(master.info("db2"), "");
}

}  // namespace
}  // namespace forebay::tier::testing
