// What a follower of the log makes of a Redis that says exactly what a script tells it. With a real one:
// tests/redis/log_follower_test.
#include "forebay/tier/log_follower.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "forebay/cache/tags.hpp"
#include "support/resp_peer.hpp"
#include "support/worker.hpp"

namespace forebay::tier {
namespace {

using namespace std::chrono_literals;
using test::OriginPeer;
using test::read_command;
using test::RedisWords;
using test::ScriptedOrigin;

/// Of a stream with one entry.
constexpr const char* kInfo =
    "*8\r\n$6\r\nlength\r\n:1\r\n$13\r\nentries-added\r\n:1\r\n$17\r\nlast-generated-id\r\n$3\r\n5-1\r\n"
    "$11\r\nfirst-entry\r\n*2\r\n$3\r\n5-1\r\n*0\r\n";
/// The same by a Redis that does not count what it has had.
constexpr const char* kOldInfo = "*4\r\n$6\r\nlength\r\n:1\r\n$17\r\nlast-generated-id\r\n$3\r\n5-1\r\n";

struct LogFollowerScriptTest : testing::Test {
  LogFollowerScriptTest() {
    RedisSettings settings;
    settings.url = "redis://127.0.0.1:" + std::to_string(redis.port());
    settings.timeout = 10s;
    settings.breaker.slow = 20s;
    client = std::make_unique<RedisClient>(
        RedisTarget::make(settings).value(),
        RedisClient::Dependencies{worker.context.get_executor(), worker.sweep, worker.metrics, log, {}});
    follower = std::make_shared<LogFollower>(
        LogFollower::Settings{}, LogFollower::Dependencies{worker.context.get_executor(), *client, entries,
                                                           worker.clock, worker.metrics, log});
  }
  ~LogFollowerScriptTest() {
    for (const auto* gate : {"lose", "second"}) redis.gate(gate).retire();
    follower->stop();
    client.reset();
    worker.settle();
  }
  void purge(const std::string& tag) {
    memory.log().append(cache::Purge::parse(cache::PurgeKind::tag, tag).value());
  }

  /// What the node says on any of its connections is answered; reading the stream, after the first time on
  /// the first connection, at the gate "lose" with its end.
  void serve(const std::string& info = kInfo) {
    const auto script = [this, info](OriginPeer& peer) {
      int reads = 0;
      while (const auto command = read_command(peer)) {
        const auto& name = command->front();
        if (name == "XINFO") {
          ++questions;
          peer.send(info);
        } else if (name == "XREAD") {
          if (reads++ > 0 && questions == 1) return void(peer.wait("lose"));
          peer.send("*-1\r\n");
          ++reads_answered;
        } else if (name == "XADD") {
          note_written(command->back());
          if (command->back() == "2") peer.wait("second");
          peer.send("$3\r\n9-1\r\n");
        } else {
          peer.send(":1\r\n");
        }
      }
    };
    for (int i = 0; i < 8; ++i) redis.script(script);
  }
  void note_written(const std::string& number) {
    const std::lock_guard lock(mutex);
    numbers.push_back(number);
  }
  /// How often the node's so-and-so-many-th purge has been written.
  auto written(const std::string& number) {
    const std::lock_guard lock(mutex);
    return std::count(numbers.begin(), numbers.end(), number);
  }

  std::mutex mutex;
  std::vector<std::string> numbers;
  std::atomic<int> questions{0};
  std::atomic<int> reads_answered{0};
  ScriptedOrigin redis;
  test::Worker worker;
  observe::Log log{{.level = observe::Level::error}};
  MemoryTier memory{MemorySettings{.size = 1 << 20}, 1};
  std::unique_ptr<RedisClient> client;
  std::shared_ptr<LogFollower> follower;
  SharedLog entries{memory, "n", [this] { follower->wake(); }};
};

TEST_F(LogFollowerScriptTest, AWriteThatIsUnderWayAtAFailoverMakesEarlierOnesCountAsWritten) {
  serve();
  follower->start();
  worker.run_until([&] { return reads_answered == 1; });
  purge("first");
  worker.run_until([&] { return entries.unwritten_count() == 0; });
  purge("second");
  worker.run_until([&] { return written("2") == 1; });
  redis.gate("lose").open();
  worker.run_until([&] { return reads_answered >= 3; });  // on another connection
  ASSERT_EQ(written("1"), 1);
  redis.gate("second").open();
  worker.run_until([&] { return written("1") == 2; });
  EXPECT_EQ(written("1"), 2) << "the server that took it may be lost";
}

TEST_F(LogFollowerScriptTest, ARedisThatDoesNotCountEntriesIsTrusted) {
  serve(kOldInfo);
  follower->start();
  worker.run_until([&] { return questions == 2; });
  EXPECT_EQ(reads_answered, 0);
  EXPECT_FALSE(entries.has_begun());
}

}  // namespace
}  // namespace forebay::tier
