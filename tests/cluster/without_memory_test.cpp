// A node whose memory keeps nothing: Redis is asked each time, and what is under way is shared as ever.
#include <future>
#include <vector>

#include "cluster/two_nodes.hpp"

namespace forebay::test {
namespace {

struct WithoutMemory : testing::Test {
  TestDaemon::Change without_memory() {
    return [this](config::Config& config) {
      share(config, redis);
      config.memory.store = false;
    };
  }
  WithoutMemory() { EXPECT_TRUE(node.wait_until_metric_is("forebay_redis_log_verified", 1)); }
  /// What was stored is in Redis, and what was purged in the log.
  void settle() {
    EXPECT_TRUE(node.wait_until_metric_is("forebay_redis_queued_bytes", 0));
    EXPECT_TRUE(node.wait_until_metric_is("forebay_redis_log_unwritten", 0));
  }
  Response get(const std::string& target, const FieldLines& fields = {}) { return node.get(target, fields); }
  void count_up(OriginFields fields = {}) {
    origin.on("*", [fields](const OriginRequest& request) {
      return fresh(std::to_string(request.number), fields);
    });
  }

  RedisServer redis;
  ScriptedOrigin origin;
  TestDaemon node{origin, without_memory()};
};

TEST_F(WithoutMemory, RedisIsAskedEachTime) {
  count_up();
  EXPECT_EQ(get("/a").cache_status(), "forebay; fwd=uri-miss; stored");
  settle();
  for (int i = 0; i < 3; ++i) {
    const auto found = get("/a");
    EXPECT_EQ(found.cache_status(), "forebay; hit; ttl=60; detail=redis");
    EXPECT_EQ(found.body, "1");
  }
  EXPECT_EQ(node.metric("forebay_memory_entries"), 0);
  EXPECT_EQ(node.metric("forebay_memory_bytes{kind=\"heads\"}"), 0);
  EXPECT_TRUE(node.wait_until_metric_is("forebay_memory_bytes{kind=\"bodies\"}", 0));
}

TEST_F(WithoutMemory, OneFetchIsSharedByThoseWhoWaitForIt) {
  auto slow = fresh("hello");
  slow.gate = "go";
  origin.on("/a", slow);
  std::vector<std::future<Response>> all;
  for (int i = 0; i < 8; ++i) all.push_back(std::async(std::launch::async, [&] { return get("/a"); }));
  EXPECT_TRUE(node.wait_until_metric_is("forebay_waiting", 7));
  origin.gate("go").open();
  for (auto& one : all) EXPECT_EQ(one.get().body, "hello");
  EXPECT_EQ(origin.requests(), 1U);
}

TEST_F(WithoutMemory, WhatAnotherNodeHasFetchedAtOnceIsFoundByAllWhoWaited) {
  TestDaemon other(origin, without_memory());
  EXPECT_TRUE(other.wait_until_metric_is("forebay_redis_log_verified", 1));
  auto slow = fresh("hello");
  slow.gate = "go";
  origin.on("/a", slow);
  auto first = asking(node, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  std::vector<Client> waiting;
  for (int i = 0; i < 8; ++i) waiting.push_back(asking(other, "/a"));
  EXPECT_TRUE(other.wait_until_metric_is("forebay_waiting", 7));
  ASSERT_TRUE(other.wait_until_metric_is("forebay_redis_flights_followed", 1));
  origin.gate("go").open();
  EXPECT_EQ(first.read().body, "hello");
  for (auto& client : waiting) EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(origin.requests(), 1U);
}

TEST_F(WithoutMemory, LargeBodiesVariantsAndValidationsTakeTheSameWay) {
  const std::string large(300'000, 'x');
  origin.on("/a", [&](const OriginRequest& request) {
    const OriginFields fields{{"ETag", "\"1\""}, {"Vary", "X"}, {"Cache-Control", "max-age=60"}};
    if (request.has("If-None-Match")) return OriginResponse{.status = 304, .fields = fields};
    return with(request.field("X") + large, fields);
  });
  for (const auto* value : {"1", "2"}) get("/a", {{"X", value}});
  settle();
  for (const auto* value : {"1", "2"}) {
    const auto found = get("/a", {{"X", value}});
    EXPECT_TRUE(found.is_hit());
    EXPECT_EQ(found.body, value + large);
  }
  node.clock().advance_wall(seconds(70));
  const auto validated = get("/a", {{"X", "1"}});
  EXPECT_EQ(validated.body, "1" + large);
  EXPECT_EQ(validated.cache_status(), "forebay; fwd=stale; fwd-status=304; ttl=60; stored");
  settle();
  EXPECT_EQ(get("/a", {{"X", "1"}}).cache_status(), "forebay; hit; ttl=60; detail=redis");
  EXPECT_EQ(origin.requests(), 3U);
}

TEST_F(WithoutMemory, WhatARequestWantsNewerIsValidatedOrFetchedOnce) {
  origin.on("/a", [&](const OriginRequest& request) {
    const OriginFields fields{{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}};
    if (request.has("If-None-Match")) return OriginResponse{.status = 304, .fields = fields};
    return with("hello", fields);
  });
  get("/a");
  settle();
  node.clock().advance_wall(seconds(10));
  for (const auto* wish : {"max-age=0", "no-cache"}) {
    const auto requests = origin.requests();
    const auto got = get("/a", {{"Cache-Control", wish}});
    EXPECT_EQ(got.body, "hello");
    EXPECT_EQ(got.cache_status().find("turns_used_up"), std::string::npos) << got.cache_status();
    EXPECT_EQ(origin.requests(), requests + 1);
    settle();
  }
}

TEST_F(WithoutMemory, WhatIsServedStaleIsRefreshed) {
  origin.on("/a", [&](const OriginRequest& request) {
    return with(std::to_string(request.number), {{"Cache-Control", "max-age=60, stale-while-revalidate=60"}});
  });
  EXPECT_EQ(get("/a").body, "1");
  settle();
  node.clock().advance_wall(seconds(70));
  EXPECT_EQ(get("/a").body, "1");
  EXPECT_TRUE(origin.wait_for_requests(2));
  EXPECT_TRUE(eventually([&] { return get("/a").body == "2"; }));
}

TEST_F(WithoutMemory, PurgesTakeEffectAtOnce) {
  count_up({{"Surrogate-Key", "t"}});
  get("/a");
  settle();
  EXPECT_EQ(Client(node->admin_port()).post("/purge", R"({"tags": ["t"]})").status, 200);
  EXPECT_EQ(get("/a").body, "2");
  settle();
  EXPECT_EQ(node.client().post("/a", "").status, 200);
  EXPECT_EQ(get("/a").body, "4");
}

TEST_F(WithoutMemory, AndWithoutRedisAllGoesUpstream) {
  count_up();
  get("/a");
  settle();
  redis.kill();
  EXPECT_EQ(get("/a").body, "2");
  EXPECT_EQ(get("/a").body, "3");
}

}  // namespace
}  // namespace forebay::test
