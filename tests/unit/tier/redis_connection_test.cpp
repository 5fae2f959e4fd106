// One connection and a peer that says exactly what a script tells it.
#include "tier/redis_connection.hpp"

#include <gmock/gmock.h>

#include "support/full_listener.hpp"
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
using ::testing::Not;

struct RedisConnectionTest : ::testing::Test {
  ScriptedOrigin peer;
  Worker worker;
  RedisReplyLimits limits;

  RedisConnection::Opened open(const std::string& before_host = "redis://", const std::string& behind = "",
                               std::chrono::milliseconds limit = 5s, io::Cancel* cancel = nullptr) {
    RedisSettings settings;
    settings.url = before_host + "127.0.0.1:" + std::to_string(peer.port()) + behind;
    const auto target = RedisTarget::make(settings).value();
    return worker.run(RedisConnection::open(setup(target), limit, cancel));
  }
  RedisConnection::Setup setup(const std::shared_ptr<RedisTarget>& target) {
    return {target, target->url().hosts.front(), worker.context.get_executor(), worker.sweep, worker.metrics,
            limits};
  }
  /// The next connection gets these bytes once it has sent a command.
  void answer(std::string bytes) {
    peer.script([bytes = std::move(bytes)](OriginPeer& p) {
      read_command(p);
      p.send(bytes);
      p.wait_for_close();
    });
  }
  Result<RedisReply> ping(RedisConnection::Limit limit = 5s) {
    const auto connection = open().value();
    return worker.run(connection->call(RedisCommand{"PING"}, limit));
  }
};

// ---- Logging in -----------------------------------------------------------------------------------------

TEST_F(RedisConnectionTest, SaysNothingWhereThereIsNothingToSay) {
  peer.script([](OriginPeer& p) {
    EXPECT_EQ(read_command(p), (RedisWords{"PING"}));
    p.send("+PONG\r\n");
  });
  EXPECT_EQ(ping()->text, "PONG");
  EXPECT_EQ(worker.metrics.redis_connections_opened.value(), 1U);
  EXPECT_EQ(worker.metrics.redis_connections.value(), 0);
}

TEST_F(RedisConnectionTest, LogsInAndSelectsTheDatabase) {
  peer.script([](OriginPeer& p) {
    EXPECT_EQ(read_command(p), (RedisWords{"AUTH", "me", "s3cret"}));
    p.send("+OK\r\n");
    EXPECT_EQ(read_command(p), (RedisWords{"SELECT", "7"}));
    p.send("+OK\r\n");
    p.wait_for_close();
  });
  EXPECT_TRUE(open("redis://me:s3cret@", "/7").has_value());
}

TEST_F(RedisConnectionTest, ARefusalIsToldByItsCodeAlone) {
  const std::string rows[] = {"-WRONGPASS invalid username-password pair: s3cret\r\n",
                              "-ERR unknown command `AUTH`, with args beginning with: `s3cret`\r\n",
                              "-s3cret\r\n", "-\r\n"};
  for (const auto& row : rows) {
    answer(row);
    const auto opened = open("redis://:s3cret@");
    ASSERT_TRUE(opened.has_error()) << row;
    EXPECT_EQ(opened.error().kind, ErrorKind::redis_unavailable);
    EXPECT_THAT(opened.error().detail, HasSubstr("the login was refused: "));
    EXPECT_THAT(opened.error().detail, Not(HasSubstr("s3cret")));
  }
}

TEST_F(RedisConnectionTest, AnOddAnswerToTheLoginIsAProtocolError) {
  for (const auto* row : {":1\r\n", "$-1\r\n", "+QUEUED\r\n", "*0\r\n", "HTTP/1.1 400 Bad Request\r\n"}) {
    answer(row);
    EXPECT_EQ(open("redis://:s3cret@").error().kind, ErrorKind::redis_protocol) << row;
  }
}

TEST_F(RedisConnectionTest, EveryStepHasToEndInTime) {
  const test::FullListener full;
  RedisSettings settings;
  settings.url = "redis://127.0.0.1:" + std::to_string(full.port());
  const auto target = RedisTarget::make(settings).value();
  const auto unreachable = worker.run(RedisConnection::open(setup(target), 50ms, nullptr));
  EXPECT_THAT(unreachable.error().detail, HasSubstr("no connection in time"));
  answer("+O");
  const auto stalled = open("redis://:s3cret@", "", 50ms);
  EXPECT_EQ(stalled.error().kind, ErrorKind::redis_unavailable);
  EXPECT_THAT(stalled.error().detail, HasSubstr("no login in time"));
}

TEST_F(RedisConnectionTest, CanBeCancelledWhileItLogsIn) {
  answer("");
  io::Cancel cancel;
  RedisSettings settings;
  settings.url = "redis://:s3cret@127.0.0.1:" + std::to_string(peer.port());
  const auto target = RedisTarget::make(settings).value();
  std::optional<RedisConnection::Opened> opened;
  worker.start(RedisConnection::open(setup(target), 1h, &cancel), opened);
  EXPECT_TRUE(peer.wait_for_open_connections(1));
  cancel.request();
  worker.run_until([&] { return opened.has_value(); });
  EXPECT_EQ(opened->error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(peer.wait_for_open_connections(0));
}

TEST_F(RedisConnectionTest, ReportsARefusedConnection) {
  peer.stop_listening();
  const auto opened = open();
  EXPECT_EQ(opened.error().kind, ErrorKind::redis_unavailable);
  EXPECT_THAT(opened.error().detail, HasSubstr("Connection refused"));
}

// ---- Replies --------------------------------------------------------------------------------------------

TEST_F(RedisConnectionTest, AnEndInTheMiddleIsALoss) {
  for (const auto* row : {"", "$5\r\nab", "*2\r\n:1\r\n"}) {
    peer.script([row](OriginPeer& p) {
      read_command(p);
      p.send(row);
    });
    EXPECT_EQ(ping().error().kind, ErrorKind::redis_unavailable);
  }
}

TEST_F(RedisConnectionTest, GarbageAndWhatIsTooLargeEndIt) {
  limits.bytes = 100;
  for (const auto* row : {"garbage\r\n", "$101\r\n", "*2000000000\r\n", "*1\r\n!\r\n"}) {
    answer(row);
    EXPECT_EQ(ping().error().kind, ErrorKind::redis_protocol) << row;
    EXPECT_TRUE(peer.wait_for_open_connections(0));
  }
}

TEST_F(RedisConnectionTest, AStallEndsIt) {
  answer("$5\r\nab");
  EXPECT_EQ(ping(50ms).error().kind, ErrorKind::redis_timeout);
  EXPECT_TRUE(peer.wait_for_open_connections(0));
}

}  // namespace
}  // namespace forebay::tier
