// What a sentinel may say that is odd; how they work is tested with real ones in tests/redis.
#include "tier/redis_sentinel.hpp"

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

TEST(RedisSentinelTest, AMalformedAnswerIsNone) {
  Worker worker;
  const observe::LogSettings quiet{.level = observe::Level::error};
  observe::Log log(quiet);
  for (const std::string row :
       {"+OK\r\n", "*0\r\n", "*1\r\n$1\r\na\r\n", "*2\r\n$1\r\na\r\n$1\r\n0\r\n",
        "*2\r\n$1\r\na\r\n$5\r\n65536\r\n", "*2\r\n$1\r\na\r\n$1\r\nx\r\n", "*2\r\n$0\r\n\r\n$1\r\n1\r\n",
        "*2\r\n:1\r\n:1\r\n", "$-1\r\n", "*-1\r\n", "-IDONTKNOW no\r\n", "-s3cret\r\n", "garbage\r\n", ""}) {
    ScriptedOrigin peer;
    peer.script([row](OriginPeer& p) {
      EXPECT_EQ(read_command(p), (RedisWords{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mine"}));
      p.send(row);
    });
    RedisSettings settings;
    settings.url = "redis+sentinel://127.0.0.1:" + std::to_string(peer.port()) + "/mine";
    settings.timeout = 5s;
    RedisClient client(
        RedisTarget::make(settings).value(),
        RedisClient::Dependencies{worker.context.get_executor(), worker.sweep, worker.metrics, log, {}});
    const auto refused = worker.run(client.call(RedisCommand{"PING"}));
    ASSERT_TRUE(refused.has_error()) << row;
    EXPECT_EQ(refused.error().kind, ErrorKind::redis_unavailable) << row << describe(refused.error());
    EXPECT_FALSE(client.is_available());
  }
  worker.settle();
}

}  // namespace
}  // namespace forebay::tier
