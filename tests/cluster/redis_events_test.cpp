// Events that arrive by Redis purge on all nodes what the configuration says.
#include "cluster/two_nodes.hpp"

namespace forebay::test {
namespace {

struct RedisEvents : testing::Test {
  TestDaemon::Change by(tier::RedisEventSettings where) {
    return [this, where](config::Config& config) {
      share(config, redis);
      config.redis.breaker.min_pause = milliseconds(20);
      config.redis_events = where;
      config.proxy.events = {{.type = "changed", .tags = {"{id}"}}};
    };
  }
  /// Asks both nodes for /a, which has the tag "a", until both have it.
  void fill(TestDaemon& a, TestDaemon& b) {
    origin.on("*", [](const OriginRequest& request) {
      return fresh(std::to_string(request.number), {{"Surrogate-Key", request.target.substr(1)}});
    });
    for (auto* node : {&a, &b}) {
      EXPECT_TRUE(node->wait_until_metric_is("forebay_redis_log_verified", 1));
      EXPECT_TRUE(node->wait_until_metric_is("forebay_redis_log_unwritten", 0));
    }
    // What each has purged at the log's beginning both have read.
    const std::string position = "forebay_redis_log_position";
    EXPECT_TRUE(
        eventually([&] { return a.metric(position) > 0 && a.metric(position) == b.metric(position); }));
    for (auto* node : {&a, &b}) EXPECT_EQ(node->get("/a").status, 200);
  }
  static double count(TestDaemon& node, const std::string& outcome) {
    return node.metric("forebay_events_total{outcome=\"" + outcome + "\"}");
  }
  std::int64_t pending(const char* group = "forebay") {
    return redis.ask({"XPENDING", "events", group}).elements.at(0).integer;
  }
  bool is_purged(TestDaemon& node) {
    return eventually([&] { return !node.get("/a", {{"Cache-Control", "only-if-cached"}}).is_hit(); });
  }

  RedisServer redis;
  ScriptedOrigin origin;
};

TEST_F(RedisEvents, OfAStreamAreHandledByOneNodeAndPurgeOnAll) {
  TestDaemon a(origin, by({.stream = "events"}));
  TestDaemon b(origin, by({.stream = "events"}));
  fill(a, b);
  redis.ask({"XADD", "events", "*", "event", R"({"type": "changed", "id": "a"})"});
  EXPECT_TRUE(is_purged(a));
  EXPECT_TRUE(is_purged(b));
  EXPECT_EQ(count(a, "purged") + count(b, "purged"), 1);
  EXPECT_TRUE(eventually([&] { return pending() == 0; }));
}

TEST_F(RedisEvents, OfAChannelAreHeardByAllNodes) {
  TestDaemon a(origin, by({.channel = "events"}));
  TestDaemon b(origin, by({.channel = "events"}));
  fill(a, b);
  EXPECT_TRUE(eventually([&] {
    return redis.ask({"PUBSUB", "NUMSUB", "events"}).elements.at(1).integer == 2;
  }));
  redis.ask({"PUBLISH", "events", R"([{"type": "changed", "id": "a"}, {"type": "other"}])"});
  EXPECT_TRUE(is_purged(a));
  EXPECT_TRUE(is_purged(b));
  for (auto* node : {&a, &b}) {
    EXPECT_TRUE(eventually([&] { return count(*node, "purged") == 1 && count(*node, "ignored") == 1; }));
  }
}

TEST_F(RedisEvents, ThatAreMalformedAreReportedAndStopNothing) {
  testing::internal::CaptureStderr();
  {
    TestDaemon a(origin, [this](config::Config& config) {
      by({.stream = "events", .group = "g"})(config);
      config.log.level = observe::Level::warning;
    });
    redis.ask({"XADD", "events", "5-1", "event", "{\"type\": \"changed\", \"id\": 1, \"id\": 2}"});
    redis.ask({"XADD", "events", "5-2", "other", "{}"});
    redis.ask({"XADD", "events", "5-3", "event", std::string(70'000, ' ')});
    redis.ask({"XADD", "events", "5-4", "event", "[1, {\"type\": \"changed\"}]"});
    redis.ask({"XADD", "events", "5-5", "event", R"({"type": "changed", "id": "a"})"});
    EXPECT_TRUE(eventually([&] { return count(a, "purged") == 1; }));
    EXPECT_EQ(count(a, "malformed"), 5);
    EXPECT_TRUE(eventually([&] { return pending("g") == 0; }));
  }
  const auto lines = testing::internal::GetCapturedStderr();
  EXPECT_NE(lines.find("events: the entry 5-1 of the stream events: has \"id\" twice\n"), std::string::npos)
      << lines;
  EXPECT_EQ(lines.find("5-2"), std::string::npos) << "not one line each: " << lines;
}

TEST_F(RedisEvents, AreAcknowledgedOnceTheirPurgesAreInTheLog) {
  TestDaemon a(origin, by({.stream = "events"}));
  fill(a, a);
  redis.ask({"ACL", "SETUSER", "default", "resetkeys", "~events", "%R~*"});  // no purge can be written
  redis.ask({"XADD", "events", "*", "event", R"({"type": "changed", "id": "a"})"});
  EXPECT_TRUE(is_purged(a)) << "here at once";
  EXPECT_TRUE(eventually([&] { return pending() == 1; }));
  redis.ask({"ACL", "SETUSER", "default", "allkeys"});
  EXPECT_TRUE(eventually([&] { return pending() == 0; }));
}

}  // namespace
}  // namespace forebay::test
