// Channels with a real Redis: what is published is heard, and heard again after a loss.
#include "tier/redis_subscription.hpp"

#include "redis/redis_fixture.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_sentinels.hpp"

namespace forebay::tier::testing {
namespace {

using test::RedisClusterServers;
using ::testing::ElementsAre;

struct Listener : RedisWorker {
  explicit Listener(const std::string& url, std::vector<std::string> channels = {"a", "b"})
      : RedisWorker(settings_for(url)) {
    subscription = std::make_shared<RedisSubscription>(
        RedisListener::Dependencies{context.get_executor(), *client, log}, std::move(channels),
        RedisSubscription::Handlers{[this](std::string_view channel, std::string_view message) {
                                      heard.push_back(std::string(channel) + ":" + std::string(message));
                                    },
                                    [this](bool now) { changes.push_back(now); }},
        kPing);
    subscription->start();
  }
  ~Listener() {
    subscription->stop();
    client.reset();
    run_until([&] { return subscription.use_count() == 1; });
    EXPECT_EQ(subscription.use_count(), 1) << "nothing is under way any more";
  }
  bool listens() {
    run_until([&] { return subscription->is_heard(); });
    return subscription->is_heard();
  }
  bool hears(std::size_t count) {
    run_until([&] { return heard.size() >= count; });
    return heard.size() == count;
  }

  static constexpr auto kPing = 300ms;
  std::shared_ptr<RedisSubscription> subscription;
  std::vector<std::string> heard;
  std::vector<bool> changes;
};

TEST(RedisSubscriptionTest, HearsWhatIsPublishedOnItsChannels) {
  const RedisServer server;
  Listener listener(server.url());
  ASSERT_TRUE(listener.listens());
  server.ask({"PUBLISH", "a", "1"});
  server.ask({"PUBLISH", "other", "2"});
  server.ask({"PUBLISH", "b", std::string_view("\0\r\n", 3)});
  ASSERT_TRUE(listener.hears(2));
  EXPECT_THAT(listener.heard, ElementsAre("a:1", std::string("b:\0\r\n", 5)));
}

TEST(RedisSubscriptionTest, HearsAgainAfterTheServerWasLost) {
  RedisServer server;
  Listener listener(server.url());
  ASSERT_TRUE(listener.listens());
  server.kill();
  listener.run_until([&] { return !listener.subscription->is_heard(); });
  server.start();
  ASSERT_TRUE(listener.listens());
  server.ask({"PUBLISH", "a", "1"});
  EXPECT_TRUE(listener.hears(1));
  EXPECT_THAT(listener.changes, ElementsAre(true, false, true));
}

TEST(RedisSubscriptionTest, ServersThatHangAreLeft) {
  RedisServer server;
  Listener listener(server.url());
  ASSERT_TRUE(listener.listens());
  server.pause();
  listener.run_until([&] { return !listener.subscription->is_heard(); });
  EXPECT_FALSE(listener.subscription->is_heard());
  server.resume();
  EXPECT_TRUE(listener.listens());
}

TEST(RedisSubscriptionTest, IdleChannelsAreKept) {
  const RedisServer server;
  Listener listener(server.url());
  ASSERT_TRUE(listener.listens());
  listener.run_until([] { return false; }, 2s);
  EXPECT_THAT(listener.changes, ElementsAre(true));
}

TEST(RedisSubscriptionTest, StopsWhileNothingAnswers) {
  RedisServer server;
  server.pause();
  Listener listener(server.url());
  listener.run_until([] { return false; }, 1s);
  const auto begun = std::chrono::steady_clock::now();
  listener.subscription->stop();
  listener.run_until([&] { return listener.subscription.use_count() == 1; });
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
  server.resume();
}

TEST(RedisSubscriptionTest, WhoMayNotListenIsRefusedAndTriesAgain) {
  const RedisServer server;
  server.ask({"ACL", "SETUSER", "default", "resetchannels"});
  Listener listener(server.url());
  listener.run_until([] { return false; }, 1s);
  EXPECT_FALSE(listener.subscription->is_heard());
  server.ask({"ACL", "SETUSER", "default", "allchannels"});
  EXPECT_TRUE(listener.listens());
}

TEST(RedisSubscriptionTest, AnyNodeOfAClusterHearsAll) {
  RedisClusterServers cluster;
  Listener listener(cluster.url());
  ASSERT_TRUE(listener.listens());
  for (std::size_t i = 0; i < RedisClusterServers::kMasters; ++i)
    cluster.server(i).ask({"PUBLISH", "a", std::to_string(i)});
  EXPECT_TRUE(listener.hears(3));
}

TEST(RedisSubscriptionTest, FollowsAFailover) {
  test::RedisSentinels redis;
  Listener listener(redis.url());
  ASSERT_TRUE(listener.listens());
  redis.master().kill();
  listener.run_until([&] { return listener.changes.size() == 3; });
  ASSERT_TRUE(listener.listens());
  redis.replica().ask({"PUBLISH", "a", "1"});
  EXPECT_TRUE(listener.hears(1));
}

}  // namespace
}  // namespace forebay::tier::testing
