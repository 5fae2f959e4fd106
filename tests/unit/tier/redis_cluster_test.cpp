// What a cluster's node may say that is odd; how clusters work is tested with real ones in tests/redis.
#include "tier/redis_cluster.hpp"

#include <gmock/gmock.h>

#include "support/resp_peer.hpp"
#include "support/worker.hpp"

namespace forebay::tier {
namespace {

using namespace std::chrono_literals;
using test::OriginPeer;
using test::read_command;
using test::RedisWords;
using test::ScriptedOrigin;
using test::Worker;
using ::testing::HasSubstr;

struct RedisClusterTest : ::testing::Test {
  ScriptedOrigin peer;
  Worker worker;
  observe::Log log{{.level = observe::Level::error}};
  std::unique_ptr<RedisClient> client;

  ~RedisClusterTest() override {
    client.reset();
    worker.settle();
  }
  std::string port() const { return std::to_string(peer.port()); }
  /// The peer has every slot, as it says itself.
  std::string all_slots() const {
    return "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:" + port() + "\r\n";
  }
  /// Answers the first command with `slots` and all others with `rest`.
  void answer(std::string slots, std::string rest) {
    peer.script([slots = std::move(slots), rest = std::move(rest)](OriginPeer& p) {
      EXPECT_EQ(read_command(p), (RedisWords{"CLUSTER", "SLOTS"}));
      p.send(slots);
      while (read_command(p)) p.send(rest);
    });
    RedisSettings settings;
    settings.url = "redis+cluster://127.0.0.1:" + port();
    settings.timeout = 5s;
    client = std::make_unique<RedisClient>(
        RedisTarget::make(settings).value(),
        RedisClient::Dependencies{worker.context.get_executor(), worker.sweep, worker.metrics, log, {}});
  }
  Result<RedisReply> get() { return worker.run(client->call(RedisCommand{"GET"}.key("a"))); }
};

TEST_F(RedisClusterTest, IsNotSentRoundInCirclesForEver) {
  for (const std::string word : {"MOVED", "ASK"}) {
    answer(all_slots(), "-" + word + " 15495 127.0.0.1:" + port() + "\r\n");
    const auto before = worker.metrics.redis_redirections.value();
    const auto refused = get();
    EXPECT_EQ(refused.error().kind, ErrorKind::redis_unavailable);
    EXPECT_THAT(refused.error().detail, HasSubstr("in circles"));
    EXPECT_EQ(worker.metrics.redis_redirections.value() - before, 5U);
  }
}

TEST_F(RedisClusterTest, AMalformedRedirectionIsAnErrorLikeAnyOther) {
  answer(all_slots(), "-MOVED 15495 nowhere\r\n");
  EXPECT_EQ(get().error().kind, ErrorKind::redis_error);
}

TEST_F(RedisClusterTest, AMalformedMapIsNone) {
  for (const auto* row : {"+OK\r\n", "*1\r\n*2\r\n:0\r\n:1\r\n", "*0\r\n", "-ERR no cluster\r\n"}) {
    answer(row, "+OK\r\n");
    const auto refused = get();
    EXPECT_EQ(refused.error().kind, ErrorKind::redis_unavailable);
    EXPECT_THAT(refused.error().detail, HasSubstr("no node says who has which slot"));
  }
}

TEST_F(RedisClusterTest, ASlotThatNobodyHasIsUnavailable) {
  answer("*1\r\n*3\r\n:0\r\n:99\r\n*2\r\n$9\r\n127.0.0.1\r\n:" + port() + "\r\n", "+OK\r\n");
  EXPECT_THAT(get().error().detail, HasSubstr("nobody has the key's slot"));
}

TEST_F(RedisClusterTest, AClusterThatIsDownIsUnavailable) {
  answer(all_slots(), "-CLUSTERDOWN The cluster is down\r\n");
  const auto refused = get();
  EXPECT_EQ(refused.error().kind, ErrorKind::redis_unavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("CLUSTERDOWN"));
}

}  // namespace
}  // namespace forebay::tier
