// Faults that there were between nodes that share a Redis; each test is named after one.
#include <future>

#include "cluster/two_nodes.hpp"

namespace forebay::test {
namespace {

struct SharedLogFaults : TwoNodes {
  SharedLogFaults() { settle(); }
  /// "1" the first time, "2" the second ...
  void count_up(OriginFields fields = {}) {
    origin.on("*", [fields](const OriginRequest& request) {
      return fresh(std::to_string(request.number), fields);
    });
  }
};

TEST_F(SharedLogFaults, ANewLogLetsALaterNodeUseWhatThePurgedOldOneForbade) {
  count_up();
  EXPECT_EQ(get(a, "/a").body, "1");
  settle();
  EXPECT_EQ(a.client().post("/a", "").status, 200);
  settle();
  redis.ask({"DEL", "{forebay}:log"});
  TestDaemon late(origin, with_redis());
  EXPECT_TRUE(late.wait_until_metric_is("forebay_redis_log_verified", 1));
  EXPECT_NE(get(late, "/a").body, "1");
}

TEST_F(SharedLogFaults, ATrimmedLogLetsALaterNodeUseWhatWasPurged) {
  count_up();
  EXPECT_EQ(get(a, "/a").body, "1");
  settle();
  EXPECT_EQ(a.client().post("/a", "").status, 200);
  settle();
  EXPECT_EQ(a.client().post("/b", "").status, 200);
  settle();
  redis.ask({"XTRIM", "{forebay}:log", "MAXLEN", "1"});
  TestDaemon late(origin, with_redis());
  EXPECT_TRUE(late.wait_until_metric_is("forebay_redis_log_verified", 1));
  EXPECT_NE(get(late, "/a").body, "1");
}

TEST_F(SharedLogFaults, ANodeThatStopsForgetsToWriteItsLastPurges) {
  count_up();
  EXPECT_EQ(get(a, "/a").body, "1");
  settle();
  EXPECT_EQ(get(b, "/a").body, "1");
  redis.pause();
  EXPECT_EQ(a.client().post("/a", "").status, 200);
  auto drained = std::async(std::launch::async, [&] { return a->drain(); });
  EXPECT_EQ(drained.wait_for(milliseconds(500)), std::future_status::timeout) << "it waits for Redis";
  redis.resume();
  drained.get();
  EXPECT_TRUE(eventually([&] { return redis.ask({"XLEN", "{forebay}:log"}).integer >= 2; }));
  EXPECT_TRUE(eventually([&] { return get(b, "/a").body != "1"; }));
}

TEST_F(SharedLogFaults, WhatOthersFetchWhileRedisIsAskedIsNotSeen) {
  auto slow = fresh("hello");
  slow.gate = "go";
  origin.on("/a", slow);
  auto fetched = std::async(std::launch::async, [&] { return get(a, "/a"); });
  EXPECT_TRUE(origin.wait_for_requests(1));
  redis.pause();
  auto asked = std::async(std::launch::async, [&] {
    return get(a, "/a", {{"Cache-Control", "only-if-cached"}});
  });
  // It, and the report of how far the log has been read.
  EXPECT_TRUE(a.wait_for_metric("forebay_redis_in_flight", 2));
  origin.gate("go").open();
  EXPECT_EQ(fetched.get().body, "hello");
  redis.resume();
  EXPECT_EQ(asked.get().body, "hello");
}

TEST_F(SharedLogFaults, ARuleThatOnlyTheOtherNodeKnowsSavesAResponseFromInvalidation) {
  const auto honour = with_redis(
      [](config::Config& config) { config.proxy.routes[0].cache.key.query.no_vary_search = true; });
  TestDaemon knows(origin, honour);
  TestDaemon invalidates(origin, honour);
  count_up({{"No-Vary-Search", "params=(\"utm\")"}});
  EXPECT_TRUE(knows.wait_until_metric_is("forebay_redis_log_verified", 1));
  EXPECT_TRUE(invalidates.wait_until_metric_is("forebay_redis_log_verified", 1));
  EXPECT_EQ(get(knows, "/a?utm=1").body, "1");
  EXPECT_EQ(invalidates.client().post("/a?utm=2", "").status, 200);
  EXPECT_TRUE(eventually([&] { return get(knows, "/a?utm=1").body != "1"; }));
}

}  // namespace
}  // namespace forebay::test
