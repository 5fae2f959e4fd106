// Streams with a real Redis: each entry is handed on, whatever becomes of connections and consumers.
#include "tier/redis_stream_group.hpp"

#include <map>

#include "redis/redis_fixture.hpp"
#include "support/eventually.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_sentinels.hpp"

namespace forebay::tier::testing {
namespace {

using test::eventually;
using test::RedisClusterServers;
using ::testing::ElementsAre;

struct Consumer : RedisWorker {
  explicit Consumer(const std::string& url, const std::string& name = "n1", milliseconds claim_after = 60s)
      : RedisWorker(settings_for(url)) {
    limited = std::make_unique<RedisClient>(
        RedisTarget::make(settings_for(url)).value(),
        RedisClient::Dependencies{context.get_executor(), sweep, metrics, log, {}, {.bytes = 4096}});
    group = std::make_shared<RedisStreamGroup>(
        RedisListener::Dependencies{context.get_executor(), *limited, log},
        RedisStreamGroup::Settings{.stream = "events",
                                   .group = "g",
                                   .consumer = name,
                                   .claim_after = claim_after,
                                   .forget_after = 1s},
        RedisStreamGroup::Handlers{[this](std::string_view, const Result<std::string_view>& text) {
                                     taken.push_back(text ? std::string(*text) : "! " + text.error().detail);
                                   },
                                   [this]() -> io::Awaitable<bool> { co_return settles; }});
  }
  ~Consumer() { leave(); }
  void leave() {
    group->stop();
    limited.reset();
    run_until([&] { return group.use_count() == 1; });
    EXPECT_EQ(group.use_count(), 1) << "nothing is under way any more";
  }
  bool takes(std::size_t count) {
    run_until([&] { return taken.size() >= count; });
    return taken.size() == count;
  }

  std::unique_ptr<RedisClient> limited;
  std::shared_ptr<RedisStreamGroup> group;
  bool settles = true;
  std::vector<std::string> taken;
};

struct RedisStreamGroupTest : ::testing::Test {
  void add(std::string_view text, std::string_view field = "event") {
    server.ask({"XADD", "events", "*", "x", "y", field, text});
  }
  std::int64_t pending() { return server.ask({"XPENDING", "events", "g"}).elements.at(0).integer; }
  std::size_t consumers() { return server.ask({"XINFO", "CONSUMERS", "events", "g"}).elements.size(); }
  bool has_group() { return server.ask({"EXISTS", "events"}).integer == 1; }
  bool is_acknowledged(Consumer& consumer) {
    consumer.run_until([&] { return pending() == 0; });
    return pending() == 0;
  }

  RedisServer server;
};

TEST_F(RedisStreamGroupTest, HandsOnWhatIsThereAndWhatComes) {
  add("1");
  Consumer consumer(server.url());
  consumer.group->start();
  ASSERT_TRUE(consumer.takes(1)) << "a new group begins with what the stream has";
  add("2");
  add(std::string_view("\0\r\n", 3));
  ASSERT_TRUE(consumer.takes(3));
  EXPECT_THAT(consumer.taken, ElementsAre("1", "2", std::string("\0\r\n", 3)));
  EXPECT_TRUE(is_acknowledged(consumer));
}

TEST_F(RedisStreamGroupTest, MakesStreamAndGroupWhereTheyAreMissingAndAgain) {
  Consumer consumer(server.url());
  consumer.group->start();
  consumer.run_until([&] { return has_group(); });
  add("1");
  ASSERT_TRUE(consumer.takes(1));
  server.ask({"DEL", "events"});
  consumer.run_until([&] { return has_group(); });
  add("2");
  EXPECT_TRUE(consumer.takes(2));
}

TEST_F(RedisStreamGroupTest, EachEntryGoesToOneOfSeveral) {
  Consumer one(server.url(), "one");
  Consumer two(server.url(), "two");
  for (auto* consumer : {&one, &two}) consumer->group->start();
  for (int i = 0; i < 300; ++i) add(std::to_string(i));
  const auto all = [&] { return one.taken.size() + two.taken.size(); };
  const auto end = std::chrono::steady_clock::now() + 10s;
  while ((all() < 300 || pending() > 0) && std::chrono::steady_clock::now() < end)
    for (auto* consumer : {&one, &two}) {
      consumer->context.restart();
      consumer->context.run_one_for(2ms);
    }
  EXPECT_EQ(all(), 300U);
}

TEST_F(RedisStreamGroupTest, ALostConnectionLosesNothing) {
  Consumer consumer(server.url());
  consumer.group->start();
  consumer.run_until([&] { return has_group(); });
  consumer.settles = false;  // it is lost before the acknowledgement
  add("1");
  ASSERT_TRUE(consumer.takes(1));
  EXPECT_EQ(pending(), 1);
  server.ask({"CLIENT", "KILL", "TYPE", "normal"});
  consumer.settles = true;
  ASSERT_TRUE(consumer.takes(2));
  EXPECT_THAT(consumer.taken, ElementsAre("1", "1"));
  EXPECT_TRUE(is_acknowledged(consumer));
}

TEST_F(RedisStreamGroupTest, WhatADeadConsumerLeftIsTakenOver) {
  {
    Consumer dies(server.url(), "dies");
    dies.settles = false;
    dies.group->start();
    add("1");
    add("2");
    dies.run_until([&] { return dies.taken.size() >= 2; });
  }
  EXPECT_EQ(pending(), 2);
  Consumer heir(server.url(), "heir", 500ms);
  heir.group->start();
  ASSERT_TRUE(heir.takes(2));
  EXPECT_TRUE(is_acknowledged(heir));
  heir.run_until([&] { return consumers() == 1; });
  EXPECT_EQ(consumers(), 1U) << "and it is forgotten";
}

TEST_F(RedisStreamGroupTest, WhatOneIsAtWorkOnIsNotTakenOver) {
  Consumer works(server.url(), "works");
  works.settles = false;
  works.group->start();
  add("1");
  ASSERT_TRUE(works.takes(1));
  Consumer other(server.url(), "other");
  other.group->start();
  other.run_until([&] { return consumers() == 2; });
  other.run_until([] { return false; }, 1s);
  EXPECT_THAT(other.taken, ElementsAre());
  EXPECT_EQ(pending(), 1);
}

TEST_F(RedisStreamGroupTest, EntriesThatSayNothingAreAcknowledged) {
  Consumer consumer(server.url());
  consumer.group->start();
  add("1", "other");
  add("2");
  ASSERT_TRUE(consumer.takes(2));
  EXPECT_THAT(consumer.taken, ElementsAre("! has no field \"event\"", "2"));
  EXPECT_TRUE(is_acknowledged(consumer));
}

TEST_F(RedisStreamGroupTest, EntriesThatAreGoneBeforeTheyAreReadAgainStopNothing) {
  {
    Consumer dies(server.url());
    dies.settles = false;
    dies.group->start();
    add("1");
    dies.run_until([&] { return dies.taken.size() == 1; });
  }
  server.ask({"XTRIM", "events", "MAXLEN", "0"});
  Consumer consumer(server.url());
  consumer.group->start();
  add("2");
  ASSERT_TRUE(consumer.takes(1));
  EXPECT_TRUE(is_acknowledged(consumer));
}

TEST_F(RedisStreamGroupTest, OneThatIsTooLargeDoesNotStopTheOthers) {
  Consumer consumer(server.url());
  add("1");
  add(std::string(10'000, 'x'));
  add("2");
  add(std::string(10'000, 'x'));
  for (int i = 3; i < 100; ++i) add(std::to_string(i) + std::string(100, ' '));
  consumer.group->start();
  ASSERT_TRUE(consumer.takes(101));
  std::map<std::string, int> counts;
  for (const auto& text : consumer.taken) ++counts[text.substr(0, text.find("  "))];
  EXPECT_EQ(counts["! is too large"], 2);
  EXPECT_EQ(counts["2"], 1);
  EXPECT_EQ(counts["99"], 1);
  EXPECT_TRUE(is_acknowledged(consumer));
}

TEST_F(RedisStreamGroupTest, GoesOnAfterTheServerWasAway) {
  Consumer consumer(server.url());
  consumer.group->start();
  consumer.run_until([&] { return has_group(); });
  server.kill();
  consumer.run_until([] { return false; }, 1s);
  server.start();
  add("1");
  EXPECT_TRUE(consumer.takes(1));
}

TEST_F(RedisStreamGroupTest, StopsWhileItWaits) {
  Consumer consumer(server.url());
  consumer.group->start();
  consumer.run_until([&] { return has_group(); });
  server.pause();
  const auto begun = std::chrono::steady_clock::now();
  consumer.leave();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
  server.resume();
}

TEST(RedisStreamGroupDeployments, TheNodeOfAClusterThatHasTheStreamIsRead) {
  RedisClusterServers cluster;
  Consumer consumer(cluster.url());
  consumer.group->start();
  for (std::size_t i = 0; i < RedisClusterServers::kMasters; ++i)  // all but one refuse
    cluster.server(i).ask({"XADD", "events", "*", "event", "1"});
  EXPECT_TRUE(consumer.takes(1));
}

TEST(RedisStreamGroupDeployments, FollowsAFailover) {
  test::RedisSentinels redis;
  Consumer consumer(redis.url());
  consumer.group->start();
  redis.master().ask({"XADD", "events", "*", "event", "1"});
  ASSERT_TRUE(consumer.takes(1));
  redis.master().kill();
  EXPECT_TRUE(eventually([&] {
    return redis.replica().ask({"XADD", "events", "*", "event", "2"}).is_string();
  }));
  consumer.run_until([&] { return !consumer.taken.empty() && consumer.taken.back() == "2"; });
  EXPECT_EQ(consumer.taken.back(), "2");
}

}  // namespace
}  // namespace forebay::tier::testing
