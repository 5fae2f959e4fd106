// Two nodes and one Redis: what one fetches the other follows, and whatever happens to the one that fetches,
// or to Redis, costs a fetch and nothing else.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "cluster/two_nodes.hpp"

namespace forebay::test {
namespace {

struct SharedFlights : testing::Test {
  explicit SharedFlights(TestDaemon::Change change = {}) : more(std::move(change)) {
    a = start();
    b = start();
    settle();
  }

  std::unique_ptr<TestDaemon> start(const TestDaemon::Change& own = {}) {
    auto node = std::make_unique<TestDaemon>(origin, [&](config::Config& config) {
      share(config, redis);
      config.redis.lease = seconds(1);
      if (more) more(config);
      if (own) own(config);
    });
    EXPECT_TRUE(node->wait_until_metric_is("forebay_redis_log_verified", 1));
    return node;
  }
  /// Both have read the log, and nothing is on its way.
  void settle() {
    for (auto* node : {a.get(), b.get()}) {
      EXPECT_TRUE(node->wait_until_metric_is("forebay_redis_log_verified", 1));
      EXPECT_TRUE(node->wait_until_metric_is("forebay_redis_queued_bytes", 0));
      EXPECT_TRUE(node->wait_until_metric_is("forebay_redis_flights_led", 0));
    }
    EXPECT_TRUE(eventually([&] {
      const std::string position = "forebay_redis_log_position";
      return a->metric("forebay_redis_log_unwritten") == 0 && b->metric("forebay_redis_log_unwritten") == 0 &&
             a->metric(position) > 0 && a->metric(position) == b->metric(position);
    }));
  }
  static double flights(const TestDaemon& node, const std::string& event) {
    return node.metric("forebay_redis_flights_total{event=\"" + event + "\"}");
  }
  static bool follows(const TestDaemon& node) {
    return node.wait_until_metric_is("forebay_redis_flights_followed", 1);
  }
  std::vector<std::string> names(std::string_view pattern) const {
    std::vector<std::string> found;
    for (const auto& name : redis.ask({"KEYS", pattern}).elements) found.push_back(name.text);
    return found;
  }

  RedisServer redis;
  ScriptedOrigin origin;
  const TestDaemon::Change more;
  std::unique_ptr<TestDaemon> a, b;
};

/// The first five bytes at once, the others when the gate is opened.
OriginResponse in_two_parts(std::string body = "0123456789") {
  auto response = fresh(std::move(body), {{"ETag", "\"1\""}});
  response.gates = {{5, "half"}};
  return response;
}

// ---- one fetch -------------------------------------------------------------------------------------------

TEST_F(SharedFlights, AColdKeyOnTwoNodesIsOneRequest) {
  origin.on("/a", in_two_parts());
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  auto at_a = first.read_head();
  auto at_b = second.read_head();
  EXPECT_EQ(first.read_body(5), "01234");
  EXPECT_EQ(second.read_body(5), "01234") << "while the origin still sends";
  origin.gate("half").open();
  first.read_rest(at_a);
  second.read_rest(at_b);
  EXPECT_TRUE(at_a.complete && at_b.complete);
  EXPECT_EQ(second.get("/a").body, "0123456789");
  EXPECT_EQ(at_a.cache_status(), "forebay; fwd=uri-miss; stored");
  EXPECT_EQ(at_b.cache_status(), "forebay; fwd=uri-miss; ttl=60; collapsed");
  EXPECT_EQ(at_b.field("ETag"), "\"1\"");
  EXPECT_EQ(at_b.field("Content-Length"), "10");
  EXPECT_TRUE(b->get("/a").is_hit());
  EXPECT_EQ(origin.requests(), 1U);
  EXPECT_EQ(flights(*a, "led"), 1);
  EXPECT_EQ(flights(*b, "followed"), 1);
}

TEST_F(SharedFlights, WhoComesBeforeTheHeadWaitsForIt) {
  auto response = fresh("hello");
  response.gate = "head";
  origin.on("/a", response);
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  std::vector<Client> others;
  for (int i = 0; i < 20; ++i) others.push_back(asking(*b, "/a"));
  ASSERT_TRUE(follows(*b));
  origin.gate("head").open();
  EXPECT_EQ(first.read().body, "hello");
  for (auto& client : others) EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(origin.requests(), 1U);
}

TEST_F(SharedFlights, LargeBodiesOfUnknownLengthComeWithTheirTrailers) {
  std::string body;
  while (body.size() < 3'000'000) body += std::to_string(body.size()) + '\n';
  auto response = fresh(body);
  response.chunk_size = 50'000;
  response.trailers = {{"X-Sum", "1"}};
  response.gates = {{1'000'000, "half"}};
  origin.on("/a", response);
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  auto head = second.read_head();
  EXPECT_EQ(second.read_body(900'000), body.substr(0, 900'000));
  origin.gate("half").open();
  second.read_rest(head);
  EXPECT_TRUE(head.complete);
  EXPECT_EQ(head.trailers, (FieldLines{{"X-Sum", "1"}}));
  EXPECT_EQ(first.read().body, body);
  EXPECT_EQ(b->get("/a").body, body);
  EXPECT_EQ(origin.requests(), 1U);
}

TEST_F(SharedFlights, AnUpstreamThatOnlyTheLeaderCannotReachIsAskedByTheOthers) {
  a = start([](config::Config& config) {
    config.upstreams[0].max_connections = 1;
    config.upstreams[0].queue_timeout = seconds(2);
  });
  settle();
  auto busy = fresh("busy");
  busy.gate = "busy";
  origin.on("/busy", busy);
  origin.on("/a", fresh("hello"));
  auto other = asking(*a, "/busy");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto first = asking(*a, "/a");
  ASSERT_TRUE(a->wait_until_metric_is("forebay_redis_flights_led", 2));
  auto second = asking(*b, "/a");
  EXPECT_EQ(first.read().status, 503) << "its one connection is in use";
  EXPECT_EQ(second.read().body, "hello");
  EXPECT_EQ(flights(*b, "led"), 0) << "it followed until then";
  origin.gate("busy").open();
  EXPECT_EQ(other.read().body, "busy");
}

TEST_F(SharedFlights, WhatComesAtOnceGoesThroughRedisOnce) {
  constexpr int kTimes = 20;  // one of them may be slow, on a busy machine
  origin.on("*", fresh("hello"));
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(a->get("/a" + std::to_string(i)).status, 200);
  settle();
  EXPECT_TRUE(eventually([&] { return names("*:lease").empty(); }));
  EXPECT_LT(names("*:f:*").size(), std::size_t{kTimes}) << "who follows finds the entry";
}

TEST_F(SharedFlights, WhatNobodyElseMayHaveIsNotTold) {
  origin.on("*", fresh("mine", {{"Cache-Control", "private"}}));
  EXPECT_EQ(a->get("/a").body, "mine");
  settle();
  EXPECT_TRUE(eventually([&] { return names("*:lease").empty(); }));
  EXPECT_TRUE(names("*:f:*").empty());
  EXPECT_EQ(names("*:pass").size(), 1U);
}

TEST_F(SharedFlights, LeaveNothingBehind) {
  origin.on("/a", in_two_parts());
  auto client = asking(*a, "/a");
  EXPECT_TRUE(eventually([&] { return !names("*:f:*").empty(); }));
  origin.gate("half").open();
  EXPECT_EQ(client.read().body, "0123456789");
  settle();
  EXPECT_TRUE(eventually([&] { return names("*:lease").empty(); }));
  const auto streams = names("*:f:*");
  ASSERT_EQ(streams.size(), 1U);
  EXPECT_GT(redis.ask({"PTTL", streams.front()}).integer, 0) << "it expires by itself";
  EXPECT_EQ(b->get("/a").cache_status(), "forebay; hit; ttl=60; detail=redis");
}

TEST_F(SharedFlights, WhoseClientLeavesIsStoredAllTheSame) {
  origin.on("/a", in_two_parts());
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  second.read_head();
  second.close();
  first.close();
  origin.gate("half").open();
  EXPECT_TRUE(b->wait_for_no_flights());
  EXPECT_TRUE(b->get("/a").is_hit());
  EXPECT_EQ(origin.requests(), 1U);
}

struct UnknownVariants : SharedFlights {
  explicit UnknownVariants(TestDaemon::Change change = {}) : SharedFlights(std::move(change)) {}
  /// Each node is asked for another variant, when nobody knows yet that there are any.
  void ask_for_each() {
    origin.on("/a", [](const OriginRequest& request) {
      auto response = fresh(request.field("X"), {{"Vary", "X"}});
      response.gate = "head";
      return response;
    });
    auto first = asking(*a, "/a", {{"X", "1"}});
    ASSERT_TRUE(origin.wait_for_requests(1));
    auto second = asking(*b, "/a", {{"X", "2"}});
    ASSERT_TRUE(follows(*b));
    origin.gate("head").open();
    EXPECT_EQ(first.read().body, "1");
    EXPECT_EQ(second.read().body, "2");
    EXPECT_EQ(origin.requests(), 2U);
    EXPECT_EQ(flights(*b, "declined"), 1);
  }
};

TEST_F(UnknownVariants, AreFetchedEachOnce) { ask_for_each(); }

/// The route's own fields are in the flight's key from the beginning, what the origin varies on is not.
struct KeyedByField : UnknownVariants {
  KeyedByField()
      : UnknownVariants([](config::Config& config) { config.proxy.routes[0].cache.key.headers = {"Y"}; }) {}
};

TEST_F(KeyedByField, VariantsThatTheFlightDidNotKnowAreToldOf) { ask_for_each(); }

TEST_F(SharedFlights, RequestsThatWantItFromTheOriginDoNotFollow) {
  origin.on("/a", in_two_parts());
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a", {{"Cache-Control", "no-cache"}});
  EXPECT_TRUE(origin.wait_for_requests(2));
  origin.gate("half").open();
  EXPECT_EQ(first.read().body, "0123456789");
  EXPECT_EQ(second.read().body, "0123456789");
}

// ---- answers that cannot be shared -----------------------------------------------------------------------

TEST_F(SharedFlights, WhatCannotBeSharedIsToldToAll) {
  origin.on("/a", [](const OriginRequest& request) {
    OriginResponse response{.fields = {{"Cache-Control", "no-store"}},
                            .body = std::to_string(request.number)};
    response.gate = request.number == 1 ? "first" : "others";
    return response;
  });
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  ASSERT_TRUE(follows(*b));
  origin.gate("first").open();
  EXPECT_EQ(first.read().body, "1");
  EXPECT_TRUE(origin.wait_for_requests(2)) << "at once";
  // Another node learns it from the marker: its requests do not wait for each other.
  const auto c = start();
  auto third = asking(*c, "/a");
  auto fourth = asking(*c, "/a");
  EXPECT_TRUE(origin.wait_for_requests(4));
  origin.gate("others").open();
  for (auto* client : {&second, &third, &fourth}) EXPECT_EQ(client->read().status, 200);
  EXPECT_EQ(names("*:pass").size(), 1U);
}

TEST_F(SharedFlights, AnAnswerThatCanBeSharedAfterAllEndsThat) {
  origin.on("/a", [](const OriginRequest& request) {
    if (request.number == 1) return OriginResponse{.fields = {{"Cache-Control", "no-store"}}};
    return fresh("hello");
  });
  a->get("/a");
  ASSERT_TRUE(eventually([&] { return names("*:pass").size() == 1; }));
  EXPECT_EQ(a->get("/a").body, "hello");
  EXPECT_TRUE(eventually([&] { return names("*:pass").empty(); }));
}

TEST_F(SharedFlights, FailuresAreShared) {
  origin.script([this](OriginPeer& peer) {
    peer.read_request();
    origin.gate("fail").pass();
    peer.reset();
  });
  origin.on("/a", fresh("hello"));
  auto first = asking(*a, "/a");
  ASSERT_TRUE(eventually([&] { return origin.connections() == 1; }));
  auto second = asking(*b, "/a");
  ASSERT_TRUE(follows(*b));
  origin.gate("fail").open();
  EXPECT_EQ(first.read().status, 502);
  EXPECT_EQ(second.read().status, 502);
  EXPECT_EQ(origin.connections(), 1U);
}

TEST_F(SharedFlights, ABodyThatBreaksOffBreaksOffForAll) {
  auto response = in_two_parts();
  response.truncate_after = 7;
  origin.on("/a", response);
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  auto head = second.read_head();
  EXPECT_EQ(second.read_body(5), "01234");
  origin.gate("half").open();
  EXPECT_FALSE(first.read().complete);
  second.read_rest(head);
  EXPECT_FALSE(head.complete);
  EXPECT_EQ(origin.requests(), 1U);
}

// ---- validation and refreshes ----------------------------------------------------------------------------

struct StaleFlights : SharedFlights {
  explicit StaleFlights(const std::string& control = "max-age=1") {
    origin.on("/a", [control](const OriginRequest& request) {
      const OriginFields lines{{"ETag", "\"1\""}, {"Cache-Control", control}};
      if (request.field("If-None-Match").empty()) return OriginResponse{.fields = lines, .body = "hello"};
      return OriginResponse{.status = 304, .fields = lines, .gate = "304"};
    });
    EXPECT_EQ(a->get("/a").body, "hello");
    settle();
    EXPECT_EQ(b->get("/a").body, "hello");
    // No time-out passes with it, so that no connection is lost.
    for (auto* node : {a.get(), b.get()}) node->clock().advance(milliseconds(1500));
  }
};

TEST_F(StaleFlights, AreValidatedOnce) {
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(2));
  auto second = asking(*b, "/a");
  ASSERT_TRUE(follows(*b));
  origin.gate("304").open();
  EXPECT_EQ(first.read().body, "hello");
  const auto found = second.read();
  EXPECT_EQ(found.body, "hello");
  EXPECT_EQ(found.cache_status(), "forebay; hit; ttl=1") << "the other one's 304 freshened it";
  EXPECT_EQ(origin.requests(), 2U);
}

struct Refreshed : StaleFlights {
  Refreshed() : StaleFlights("max-age=1, stale-while-revalidate=600") {}
};

TEST_F(Refreshed, InTheBackgroundByOneNode) {
  EXPECT_EQ(a->get("/a").cache_status(), "forebay; hit; ttl=0");
  ASSERT_TRUE(origin.wait_for_requests(2));
  EXPECT_EQ(b->get("/a").cache_status(), "forebay; hit; ttl=0") << "while the other node sees to it";
  EXPECT_TRUE(b->wait_for_no_flights());
  origin.gate("304").open();
  settle();
  EXPECT_TRUE(eventually([&] { return b->get("/a").cache_status() == "forebay; hit; ttl=1"; }));
  EXPECT_EQ(origin.requests(), 2U);
}

// ---- when the leader is lost -----------------------------------------------------------------------------

struct LostLeader : SharedFlights {
  LostLeader() { c = start(); }
  /// All three have half of the body.
  void have_half() {
    for (const auto* node : {a.get(), b.get(), c.get()}) {
      clients.push_back(asking(*node, "/a"));
      if (clients.size() == 1) ASSERT_TRUE(origin.wait_for_requests(1));
    }
    for (auto& client : clients) heads.push_back(client.read_head());
    for (auto& client : clients) EXPECT_EQ(client.read_body(5), "01234");
  }
  /// As after a pause of the process that took too long: the lease has run out, and no word comes any more.
  void lose_lease() {
    const auto leases = names("*:lease");
    ASSERT_EQ(leases.size(), 1U);
    redis.ask({"DEL", leases.front()});
  }

  std::unique_ptr<TestDaemon> c;
  std::vector<Client> clients;
  std::vector<Response> heads;
};

TEST_F(LostLeader, IsSucceededByExactlyOne) {
  origin.on("/a", in_two_parts());
  have_half();
  lose_lease();
  ASSERT_TRUE(origin.wait_for_requests(2));
  ASSERT_TRUE(eventually([&] { return names("*:f:*").size() == 2; }));
  origin.gate("half").open();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].read_rest(heads[i]);
    EXPECT_TRUE(heads[i].complete) << i;
  }
  EXPECT_EQ(b->get("/a").body, "0123456789");
  EXPECT_EQ(c->get("/a").body, "0123456789");
  EXPECT_EQ(origin.requests(), 2U);
  EXPECT_EQ(flights(*b, "succeeded") + flights(*c, "succeeded"), 1);
}

TEST_F(LostLeader, ThatStopsHandsOver) {
  origin.on("/a", in_two_parts());
  have_half();
  clients.front().close();
  a.reset();
  ASSERT_TRUE(origin.wait_for_requests(2));
  origin.gate("half").open();
  for (const std::size_t i : {1U, 2U}) {
    clients[i].read_rest(heads[i]);
    EXPECT_TRUE(heads[i].complete);
  }
  EXPECT_EQ(origin.requests(), 2U);
  a = start();
}

TEST_F(LostLeader, BeforeTheHeadIsSucceededToo) {
  auto response = fresh("hello");
  response.gate = "head";
  origin.on("/a", response);
  clients.push_back(asking(*a, "/a"));
  ASSERT_TRUE(origin.wait_for_requests(1));
  clients.push_back(asking(*b, "/a"));
  clients.push_back(asking(*c, "/a"));
  ASSERT_TRUE(follows(*b));
  ASSERT_TRUE(follows(*c));
  lose_lease();
  ASSERT_TRUE(origin.wait_for_requests(2));
  origin.gate("head").open();
  for (auto& client : clients) EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(origin.requests(), 2U);
}

TEST_F(LostLeader, DoesNotLeadToAMixtureOfTwoBodies) {
  origin.on("/a", [](const OriginRequest& request) {
    auto response = in_two_parts(request.number == 1 ? "0123456789" : "abcdefghij");
    if (request.number > 1) response.gates.clear();
    return response;
  });
  have_half();
  lose_lease();
  for (const std::size_t i : {1U, 2U}) {
    clients[i].read_rest(heads[i]);
    EXPECT_FALSE(heads[i].complete);
  }
  origin.gate("half").open();
}

// ---- when Redis is lost, and purges ----------------------------------------------------------------------

TEST_F(SharedFlights, WithoutRedisInTheMiddleEachGoesOnByItself) {
  origin.on("/a", in_two_parts());
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  auto head = second.read_head();
  EXPECT_EQ(second.read_body(5), "01234");
  redis.kill();
  ASSERT_TRUE(origin.wait_for_requests(2));
  origin.gate("half").open();
  EXPECT_EQ(first.read().body, "0123456789");
  second.read_rest(head);
  EXPECT_TRUE(head.complete);
  EXPECT_EQ(b->get("/a").body, "0123456789");
  redis.start();
}

TEST_F(SharedFlights, WithoutRedisBeforeTheHeadEachAsksByItself) {
  auto response = fresh("hello");
  response.gate = "head";
  origin.on("/a", response);
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  ASSERT_TRUE(follows(*b));
  redis.kill();
  ASSERT_TRUE(origin.wait_for_requests(2));
  origin.gate("head").open();
  EXPECT_EQ(first.read().body, "hello");
  EXPECT_EQ(second.read().body, "hello");
  redis.start();
}

TEST_F(SharedFlights, WhatIsPurgedInTheMiddleIsNotKept) {
  origin.on("/a", [](const OriginRequest& request) {
    auto response = in_two_parts(std::to_string(request.number) + "123456789");
    if (request.number > 1) response.gates.clear();
    return response;
  });
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  auto head = second.read_head();
  EXPECT_EQ(second.read_body(5), "11234");
  EXPECT_EQ(Client((*b)->admin_port()).post("/purge", R"({"all": true, "wait": "all"})").status, 200);
  EXPECT_EQ(b->get("/a").body.substr(0, 1), "2") << "not the one that began before";
  EXPECT_EQ(a->get("/a").body.substr(0, 1) == "1", false);
  origin.gate("half").open();
  EXPECT_EQ(first.read().body, "1123456789");
  second.read_rest(head);
  EXPECT_TRUE(head.complete) << "whoever began before the purge may have it";
  settle();
  EXPECT_NE(a->get("/a").body.substr(0, 1), "1");
  EXPECT_NE(b->get("/a").body.substr(0, 1), "1");
}

TEST_F(SharedFlights, RightAfterAPurgeThereIsOneFetchToo) {
  origin.on("/a", [](const OriginRequest& request) {
    auto response = fresh(std::to_string(request.number), {{"Surrogate-Key", "t"}});
    if (request.number > 1) response.gate = "head";
    return response;
  });
  EXPECT_EQ(a->get("/a").body, "1");
  settle();
  EXPECT_EQ(b->get("/a").body, "1");
  EXPECT_EQ(Client((*a)->admin_port()).post("/purge", R"({"tags": ["t"]})").status, 200);
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(2));
  const std::string position = "forebay_redis_log_position";
  ASSERT_TRUE(eventually([&] { return a->metric(position) == b->metric(position); }));
  auto second = asking(*b, "/a");
  ASSERT_TRUE(follows(*b));
  origin.gate("head").open();
  EXPECT_EQ(first.read().body, "2");
  EXPECT_EQ(second.read().body, "2");
  EXPECT_EQ(origin.requests(), 2U);
}

// ---- bounds ----------------------------------------------------------------------------------------------

struct ShortWait : SharedFlights {
  ShortWait() : SharedFlights([](config::Config& config) { config.redis.max_wait = milliseconds(300); }) {}
};

TEST_F(ShortWait, EndsWithARequestOfItsOwn) {
  auto response = fresh("hello");
  response.gate = "head";
  origin.on("/a", response);
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  ASSERT_TRUE(origin.wait_for_requests(2));
  origin.gate("head").open();
  EXPECT_EQ(first.read().body, "hello");
  EXPECT_EQ(second.read().body, "hello");
  EXPECT_EQ(flights(*b, "expired"), 1);
}

struct FewUnled : SharedFlights {
  FewUnled()
      : SharedFlights([](config::Config& config) {
          config.redis.max_wait = milliseconds(300);
          config.redis.max_unled = 1;
        }) {}
};

TEST_F(FewUnled, RequestsThatHaveWaitedAreBounded) {
  for (const auto* target : {"/a", "/b"}) {
    auto response = fresh("hello");
    response.gate = "head";
    origin.on(target, response);
  }
  std::vector<Client> clients;
  for (const auto* node : {a.get(), b.get()})
    for (const auto* target : {"/a", "/b"}) {
      clients.push_back(asking(*node, target));
      if (node == a.get()) ASSERT_TRUE(origin.wait_for_requests(1, target));
    }
  ASSERT_TRUE(origin.wait_for_requests(3));
  ASSERT_TRUE(b->wait_until_metric_is("forebay_redis_flights_total{event=\"expired\"}", 2));
  EXPECT_EQ(origin.requests(), 3U);
  origin.gate("head").open();
  for (auto& client : clients) EXPECT_EQ(client.read().body, "hello");
}

struct NoWait : SharedFlights {
  NoWait() : SharedFlights([](config::Config& config) { config.redis.max_wait = milliseconds(0); }) {}
};

TEST_F(NoWait, EachNodeFetchesByItself) {
  origin.on("/a", in_two_parts());
  auto first = asking(*a, "/a");
  auto second = asking(*b, "/a");
  EXPECT_TRUE(origin.wait_for_requests(2));
  origin.gate("half").open();
  EXPECT_EQ(first.read().body, "0123456789");
  EXPECT_EQ(second.read().body, "0123456789");
  EXPECT_TRUE(names("*:lease").empty());
}

struct LittleRoomToWrite : SharedFlights {
  LittleRoomToWrite() : SharedFlights([](config::Config& config) { config.redis.write_queue = 48 * 1024; }) {}
};

TEST_F(LittleRoomToWrite, WhatRedisDoesNotGetIsTold) {
  const std::string body(30'000, 'x');
  auto response = fresh(body);
  response.gate = "head";
  origin.on("/a", response);
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  ASSERT_TRUE(follows(*b));
  origin.gate("head").open();
  EXPECT_EQ(first.read().body, body);
  EXPECT_EQ(second.read().body, body);
  EXPECT_EQ(origin.requests(), 1U);
  EXPECT_EQ(a->metric("forebay_redis_stores_total{result=\"dropped\"}"), 1);
  EXPECT_EQ(flights(*b, "followed"), 1);
}

struct SmallInRedis : SharedFlights {
  SmallInRedis() : SharedFlights([](config::Config& config) { config.redis.max_body = 100'000; }) {}
};

TEST_F(SmallInRedis, LargerBodiesAreAskedForByEach) {
  const std::string body(300'000, 'x');
  auto response = fresh(body);
  response.chunked = true;
  response.gates = {{5, "half"}};
  origin.on("/a", response);
  auto first = asking(*a, "/a");
  ASSERT_TRUE(origin.wait_for_requests(1));
  auto second = asking(*b, "/a");
  auto head = second.read_head();
  EXPECT_EQ(second.read_body(5), "xxxxx");
  origin.gate("half").open();
  EXPECT_EQ(first.read().body, body);
  second.read_rest(head);
  EXPECT_TRUE(head.complete);
  EXPECT_EQ(b->get("/a").body, body);
  EXPECT_EQ(origin.requests(), 2U);
  EXPECT_EQ(flights(*a, "abandoned"), 1);
}

}  // namespace
}  // namespace forebay::test
