// Two nodes and one Redis: what one stores the other finds, what one purges neither uses, and without Redis
// each goes on by itself.
#include "cluster/two_nodes.hpp"

namespace forebay::test {
namespace {

using SharedResponses = TwoNodes;

TEST_F(SharedResponses, WhatOneNodeStoresTheOtherFinds) {
  origin.on("/a", fresh("hello", {{"ETag", "\"1\""}}));
  settle();
  EXPECT_EQ(get(a, "/a").body, "hello");
  settle();
  const auto found = get(b, "/a");
  EXPECT_EQ(found.body, "hello");
  EXPECT_EQ(found.field("ETag"), "\"1\"");
  EXPECT_EQ(found.cache_status(), "forebay; hit; ttl=60; detail=redis");
  EXPECT_EQ(get(b, "/a").cache_status(), "forebay; hit; ttl=60") << "it has come into memory";
  EXPECT_EQ(origin.requests(), 1U);
}

TEST_F(SharedResponses, LargeBodiesAndVariantsToo) {
  const std::string large(1'000'000, 'x');
  origin.on("/a", [&](const OriginRequest& request) {
    return fresh(request.field("X") + large, {{"Vary", "X"}});
  });
  settle();
  for (const auto* value : {"1", "2"}) get(a, "/a", {{"X", value}});
  settle();
  for (const auto* value : {"1", "2"}) {
    const auto found = get(b, "/a", {{"X", value}});
    EXPECT_TRUE(found.is_hit()) << found.cache_status();
    EXPECT_EQ(found.body, value + large);
  }
  EXPECT_EQ(get(b, "/a", {{"X", "3"}}).body, "3" + large);
  EXPECT_EQ(origin.requests(), 3U);
}

TEST_F(SharedResponses, AnUnsafeMethodOnOneNodeInvalidatesOnBoth) {
  origin.on("/a", [](const OriginRequest& request) { return fresh(std::to_string(request.number)); });
  settle();
  EXPECT_EQ(get(a, "/a").body, "1");
  settle();
  EXPECT_EQ(get(b, "/a").body, "1");
  EXPECT_EQ(b.client().post("/a", "").status, 200);
  EXPECT_EQ(get(b, "/a").body, "3") << "it may not come back from Redis either";
  settle();
  // What b has fetched since may have been fetched before the purge had its place in the log.
  EXPECT_NE(get(a, "/a").body, "1");
}

TEST_F(SharedResponses, WhatWasPurgedIsNotFoundByANodeThatStartsLater) {
  origin.on("/a", [](const OriginRequest& request) { return fresh(std::to_string(request.number)); });
  settle();
  EXPECT_EQ(get(a, "/a").body, "1");
  settle();
  EXPECT_EQ(a.client().post("/a", "").status, 200);
  settle();
  TestDaemon late(origin, with_redis());
  EXPECT_TRUE(late.wait_until_metric_is("forebay_redis_log_verified", 1));
  EXPECT_NE(get(late, "/a").body, "1");
}

TEST_F(SharedResponses, OnlyIfCachedIsAnsweredFromRedis) {
  origin.on("/a", fresh("hello"));
  settle();
  get(a, "/a");
  settle();
  EXPECT_EQ(get(b, "/a", {{"Cache-Control", "only-if-cached"}}).body, "hello");
  EXPECT_EQ(get(b, "/b", {{"Cache-Control", "only-if-cached"}}).status, 504);
}

TEST_F(SharedResponses, AFreshenedResponseIsFoundByTheOther) {
  origin.on("/a", [](const OriginRequest& request) {
    if (request.field("If-None-Match") == "\"1\"")
      return OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}};
    return fresh("hello", {{"ETag", "\"1\""}});
  });
  settle();
  get(a, "/a");
  settle();
  get(b, "/a");
  a.clock().advance(seconds(70));
  b.clock().advance(seconds(70));
  settle();  // for as long nothing was heard of the log
  EXPECT_EQ(get(a, "/a").body, "hello");
  settle();
  EXPECT_EQ(get(b, "/a").cache_status(), "forebay; hit; ttl=60; detail=redis");
  EXPECT_EQ(origin.requests(), 2U);
}

TEST_F(SharedResponses, ReadinessNamesTheNodesOfRedis) {
  settle();
  const auto readiness = [&] { return Client(a->admin_port()).get("/readyz").body; };
  const auto says = [&](const std::string& state) {
    return readiness().find("redis " + redis.address() + ": ready: " + state + "\n") != std::string::npos;
  };
  EXPECT_TRUE(eventually([&] { return says("connected"); })) << readiness();
  redis.kill();
  EXPECT_TRUE(eventually([&] { return says("left alone: calls failed"); })) << readiness();
  EXPECT_EQ(Client(a->admin_port()).get("/readyz").status, 200);
}

TEST_F(SharedResponses, WithoutRedisEachGoesOnByItself) {
  origin.on("*", fresh("hello"));
  settle();
  get(a, "/a");
  redis.kill();
  EXPECT_TRUE(get(a, "/a").is_hit());
  for (const auto* target : {"/b", "/c", "/d"}) {
    EXPECT_EQ(get(b, target).body, "hello");
    EXPECT_TRUE(get(b, target).is_hit());
  }
}

TEST_F(SharedResponses, PurgesThatWereAcceptedWithoutRedisReachTheOtherAfterwards) {
  origin.on("/a", [](const OriginRequest& request) { return fresh(std::to_string(request.number)); });
  settle();
  EXPECT_EQ(get(a, "/a").body, "1");
  settle();
  EXPECT_EQ(get(b, "/a").body, "1");
  redis.pause();
  EXPECT_EQ(a.client().post("/a", "").status, 200);
  redis.resume();
  settle();
  EXPECT_NE(get(b, "/a").body, "1");
}

// ---- purges by command ----------------------------------------------------------------------------------

struct Purges : SharedResponses {
  Purges() {
    origin.on("/a", [](const OriginRequest& request) {
      return fresh(std::to_string(request.number), {{"Surrogate-Key", "t"}});
    });
    settle();
    EXPECT_EQ(get(a, "/a").body, "1");
    settle();
    EXPECT_EQ(get(b, "/a").body, "1");
  }
  Response purge(TestDaemon& node, const std::string& body) {
    return Client(node->admin_port()).post("/purge", body);
  }
};

TEST_F(Purges, ByTagReachTheOtherNode) {
  EXPECT_EQ(purge(a, R"({"tags": ["t"]})").status, 200);
  settle();
  EXPECT_EQ(get(b, "/a").body, "2");
  settle();
  EXPECT_EQ(get(a, "/a").body, "2");
}

TEST_F(Purges, WaitedForAreTrueEverywhereWhenTheyAreAnswered) {
  const auto answer = purge(a, R"({"patterns": ["/**"], "wait": "all"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_NE(answer.body.find(R"("everywhere":true)"), std::string::npos) << answer.body;
  EXPECT_EQ(get(b, "/a").body, "2");
}

TEST_F(Purges, TellThatTheyAreLocalOnlyWhileRedisIsAway) {
  const auto is_local_only = [&] {
    return purge(a, R"({"tags": ["t"]})").body.find(R"("local_only":true)") != std::string::npos;
  };
  EXPECT_FALSE(is_local_only());
  redis.kill();
  EXPECT_TRUE(eventually(is_local_only));
  redis.start();
  EXPECT_TRUE(eventually([&] {
    a.clock().advance_steady(milliseconds(20));
    return !is_local_only();
  }));
}

TEST_F(Purges, WaitedForInVainTellThatTheyAreNotEverywhere) {
  redis.kill();
  const auto answer = purge(a, R"({"all": true, "wait": "all", "timeout": "300ms"})");
  EXPECT_EQ(answer.status, 202);
  EXPECT_NE(answer.body.find(R"("everywhere":false)"), std::string::npos) << answer.body;
  redis.start();
  EXPECT_TRUE(eventually([&] {  // a server that was lost is left alone for a while
    for (auto* node : {&a, &b}) node->clock().advance_steady(milliseconds(20));
    return a.metric("forebay_redis_log_unwritten") == 0;
  }));
  settle();
  EXPECT_EQ(get(b, "/a").body, "2");
}

TEST_F(Purges, SoftOnesMakeStaleOnTheOtherNodeToo) {
  origin.on("/a", [](const OriginRequest&) { return OriginResponse{.status = 503}; });
  EXPECT_EQ(purge(a, R"({"tags": ["t"], "mode": "soft"})").status, 200);
  settle();
  EXPECT_EQ(get(b, "/a").status, 503) << "it is validated, and nothing allows to serve it stale";
}

}  // namespace
}  // namespace forebay::test
