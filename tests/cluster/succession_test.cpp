// Who goes on with a fetch that another node has lost: what may and what may not come of it.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "cluster/two_nodes.hpp"
#include "tier/flight_codec.hpp"

namespace forebay::test {
namespace {

struct Succession : testing::Test {
  std::unique_ptr<TestDaemon> start(std::uint64_t max_body_in_memory = 1 << 20) {
    auto node = std::make_unique<TestDaemon>(origin, [&](config::Config& config) {
      config.memory.max_body = max_body_in_memory;
      share(config, redis);
      config.redis.lease = seconds(1);
    });
    EXPECT_TRUE(node->wait_until_metric_is("forebay_redis_log_verified", 1));
    return node;
  }
  std::string only_name(std::string_view pattern) const {
    const auto found = redis.ask({"KEYS", pattern});
    return found.elements.size() == 1 ? found.elements[0].text : "";
  }
  /// As after a pause of the process that took too long.
  void lose_lease() { redis.ask({"DEL", only_name("*:lease")}); }

  RedisServer redis;
  ScriptedOrigin origin;
  std::unique_ptr<TestDaemon> a = start();
  std::unique_ptr<TestDaemon> b = start();
};

/// Of unknown length, the first five bytes at once and the others when the gate is opened.
OriginResponse page(std::string body, OriginFields fields) {
  OriginResponse response{.fields = std::move(fields), .body = std::move(body), .chunked = true};
  response.chunk_size = 5;
  return response;
}

/// What the successor's request gets is its own, whatever the leader's got.
TEST_F(Succession, DoesNotShareWhatOnlyTheSuccessorMayHave) {
  origin.on("/a", [](const OriginRequest& request) {
    if (!request.field("Cookie").empty()) return page("helloBob's own", {{"Cache-Control", "private"}});
    auto response = page("hello everybody", {{"Cache-Control", "max-age=60"}});
    response.gates = {{5, "half"}};
    return response;
  });
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a", {{"Cookie", "session=bob"}});
  auto head = second.read_head();
  EXPECT_EQ(second.read_body(5), "hello");
  lose_lease();
  ASSERT_TRUE(origin.wait_for_requests(2));
  second.read_rest(head);
  EXPECT_FALSE(head.complete) << "its head says that everybody may have it";
  origin.gate("half").open();
  EXPECT_EQ(first.read().body, "hello everybody");
  EXPECT_EQ(b->get("/a").body, "hello everybody");
}

TEST_F(Succession, DoesNotPutContentOfAnotherKindUnderTheHead) {
  origin.on("/a", [](const OriginRequest& request) {
    const auto* const type = request.number == 1 ? "text/plain" : "application/json";
    auto response = page("[1,2,3,4]", {{"Cache-Control", "max-age=60"}, {"Content-Type", type}});
    if (request.number == 1) response.gates = {{5, "half"}};
    return response;
  });
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  auto head = second.read_head();
  EXPECT_EQ(second.read_body(5), "[1,2,");
  lose_lease();
  ASSERT_TRUE(origin.wait_for_requests(2));
  second.read_rest(head);
  EXPECT_FALSE(head.complete);
  origin.gate("half").open();
}

/// Another lease than the one that was lost, and nothing is told under it.
TEST_F(Succession, GoesOnWithoutRedisWhileTheNextLeaderIsWaitedFor) {
  origin.on("/a", [](const OriginRequest& request) {
    auto response = page("0123456789", {{"Cache-Control", "max-age=60"}});
    if (request.number == 1) response.gates = {{5, "half"}};
    return response;
  });
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  auto head = second.read_head();
  EXPECT_EQ(second.read_body(5), "01234");
  const std::string other(32, 'a');
  redis.ask({"SET", only_name("*:lease"), "1 " + other + " 1"});
  ASSERT_TRUE(eventually([&] {
    return b->metric("forebay_redis_flights_followed") == 1 &&
           a->metric("forebay_redis_flights_total{event=\"abandoned\"}") == 1;
  }));
  redis.kill();
  second.read_rest(head);
  EXPECT_TRUE(head.complete);
  EXPECT_EQ(b->get("/a").body, "0123456789");
  origin.gate("half").open();
  EXPECT_EQ(first.read().body, "0123456789");
  redis.start();
}

/// The leader has said that its answer cannot be shared, but its lease stands and no marker: the batch was
/// cut.
TEST_F(Succession, OfALeaderThatRefusesAndStaysIsNotWaitedForWithoutEnd) {
  auto response = fresh("hello");
  response.gate = "head";
  origin.on("/a", response);
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  const auto lease = only_name("*:lease");
  const auto token = redis.ask({"GET", lease}).text.substr(2, 32);
  const auto stream = lease.substr(0, lease.rfind(':')) + ":f:" + token;
  redis.ask(
      {"XADD", stream, "*", "r", tier::encode_flight_end({.outcome = tier::FlightOutcome::uncacheable})});
  auto second = asking(*b, "/a");
  ASSERT_TRUE(origin.wait_for_requests(2)) << "it asks by itself";
  origin.gate("head").open();
  EXPECT_EQ(first.read().body, "hello");
  EXPECT_EQ(second.read().body, "hello");
}

/// Its client may be slow, and what is not stored is fetched no faster than that.
TEST_F(Succession, IsNoneOfANodeThatDoesNotStoreIt) {
  b = start(3);
  origin.on("/a", [](const OriginRequest& request) {
    auto response = page("0123456789", {{"Cache-Control", "max-age=60"}});
    response.gates = {{5, request.number == 1 ? "first" : "second"}};
    return response;
  });
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  auto head = second.read_head();
  EXPECT_EQ(second.read_body(5), "01234");
  lose_lease();
  ASSERT_TRUE(origin.wait_for_requests(2));
  EXPECT_EQ(only_name("*:lease"), "") << "others are not to wait for its client";
  origin.gate("second").open();
  second.read_rest(head);
  EXPECT_TRUE(head.complete);
  origin.gate("first").open();
  EXPECT_EQ(first.read().body, "0123456789");
}

}  // namespace
}  // namespace forebay::test
