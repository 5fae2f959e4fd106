// Many calls on one connection, and a peer that says exactly what a script tells it.
#include "tier/redis_pipeline.hpp"

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
using Outcome = std::optional<Result<RedisReplies>>;

struct RedisPipelineTest : ::testing::Test {
  ScriptedOrigin peer;
  Worker worker;
  RedisPipeline::Limits limits;
  std::shared_ptr<RedisPipeline> pipeline;
  Outcome outcomes[4];

  ~RedisPipelineTest() override {
    if (pipeline) pipeline->close(fail(ErrorKind::cancelled));
    worker.settle();
  }

  /// Opens the connection that the script serves.
  void open(ScriptedOrigin::Script script) {
    peer.script(std::move(script));
    RedisSettings settings;
    settings.url = "redis://127.0.0.1:" + std::to_string(peer.port());
    const auto target = RedisTarget::make(settings).value();
    const RedisConnection::Setup setup{target, target->url().hosts.front(), worker.context.get_executor(),
                                       worker.sweep, worker.metrics};
    auto connection = worker.run(RedisConnection::open(setup, 5s, nullptr)).value();
    pipeline = std::make_shared<RedisPipeline>(std::move(connection), limits, worker.context.get_executor());
    pipeline->start();
  }
  static RedisBatchPtr batch(std::vector<RedisCommand> commands) {
    return std::make_shared<const RedisBatch>(std::move(commands));
  }
  static RedisBatchPtr echo(std::string_view text) { return batch({RedisCommand{"ECHO", text}}); }
  void start(RedisBatchPtr what, Outcome& outcome, milliseconds limit = 20s, io::Cancel* cancel = nullptr) {
    worker.start(pipeline->call(std::move(what), limit, cancel), outcome);
  }
  ErrorKind failure(Outcome& outcome) {
    worker.run_until([&] { return outcome.has_value(); });
    return outcome->has_error() ? outcome->error().kind : ErrorKind::invalid_value;
  }
  std::string text(Outcome& outcome) {
    worker.run_until([&] { return outcome.has_value(); });
    return outcome->has_value() ? (*outcome)->front().text : describe(outcome->error());
  }
};

TEST_F(RedisPipelineTest, WhatGathersDuringAWriteGoesOutWithTheNext) {
  open([](OriginPeer& p) {
    for (const auto* word : {"1", "2", "3"}) EXPECT_EQ(read_command(p), (RedisWords{"ECHO", word}));
    p.send("+1\r\n+2\r\n+3");  // replies do not keep to reads
    p.wait("rest");
    p.send("\r\n");
    p.wait_for_close();
  });
  start(echo("1"), outcomes[0]);
  start(echo("2"), outcomes[1]);
  start(echo("3"), outcomes[2]);
  EXPECT_EQ(text(outcomes[0]), "1");
  EXPECT_EQ(text(outcomes[1]), "2");
  EXPECT_FALSE(outcomes[2]);
  peer.gate("rest").open();
  EXPECT_EQ(text(outcomes[2]), "3");
}

TEST_F(RedisPipelineTest, ABatchIsCompleteWithItsLastReply) {
  open([](OriginPeer& p) {
    for (int i = 0; i < 2; ++i) read_command(p);
    p.send("+1\r\n-ERR two\r\n");
    p.wait_for_close();
  });
  start(batch({RedisCommand{"A"}, RedisCommand{"B"}}), outcomes[0]);
  EXPECT_EQ(text(outcomes[0]), "1");
  EXPECT_EQ((*outcomes[0])->at(1).text, "ERR two");
}

TEST_F(RedisPipelineTest, RepliesToWhomHasGivenUpAreDropped) {
  open([](OriginPeer& p) {
    for (int i = 0; i < 4; ++i) read_command(p);
    p.wait("answer");
    p.send("+1\r\n+1b\r\n+2\r\n+3\r\n");
    p.wait_for_close();
  });
  io::Cancel cancel;
  start(batch({RedisCommand{"ECHO", "1"}, RedisCommand{"ECHO", "1b"}}), outcomes[0], 20ms);
  start(echo("2"), outcomes[1], 20s, &cancel);
  start(echo("3"), outcomes[2]);
  EXPECT_EQ(failure(outcomes[0]), ErrorKind::redis_timeout);
  cancel.request();
  EXPECT_EQ(failure(outcomes[1]), ErrorKind::cancelled);
  peer.gate("answer").open();
  EXPECT_EQ(text(outcomes[2]), "3");
}

TEST_F(RedisPipelineTest, WhatWasGivenUpBeforeItWasSentIsNotSent) {
  open([](OriginPeer& p) {
    EXPECT_EQ(read_command(p), (RedisWords{"ECHO", "2"}));
    p.send("+2\r\n");
    p.wait_for_close();
  });
  io::Cancel cancel;
  cancel.request();
  start(echo("1"), outcomes[0], 20s, &cancel);
  EXPECT_EQ(failure(outcomes[0]), ErrorKind::cancelled);
  start(echo("2"), outcomes[1]);
  EXPECT_EQ(text(outcomes[1]), "2");
}

TEST_F(RedisPipelineTest, TakesSoManyCallsAndNoMore) {
  limits.calls = 2;
  open([](OriginPeer& p) { p.wait_for_close(); });
  start(echo("1"), outcomes[0]);
  start(echo("2"), outcomes[1]);
  start(echo("3"), outcomes[2]);
  EXPECT_EQ(failure(outcomes[2]), ErrorKind::redis_busy);
  EXPECT_FALSE(outcomes[0]);
}

TEST_F(RedisPipelineTest, TakesSoManyBytesAndNoMoreUnlessTheyAreOneCall) {
  limits.unsent_bytes = 1000;
  open([](OriginPeer& p) { p.wait("never"); });
  const std::string large(50U << 20, 'x');  // more than the kernel's buffers take
  start(echo(large), outcomes[0]);
  EXPECT_FALSE(outcomes[0]);
  start(echo(std::string(900, 'x')), outcomes[1]);
  EXPECT_FALSE(outcomes[1]);
  start(echo(std::string(900, 'x')), outcomes[2]);
  EXPECT_EQ(failure(outcomes[2]), ErrorKind::redis_busy);
}

TEST_F(RedisPipelineTest, TooManyLateRepliesEndIt) {
  limits.dropped = 2;
  open([](OriginPeer& p) { p.wait_for_close(); });
  start(echo("stays"), outcomes[0]);
  for (int i = 1; i < 4; ++i) start(echo("x"), outcomes[i], 1ms);
  for (int i = 1; i < 4; ++i) EXPECT_EQ(failure(outcomes[i]), ErrorKind::redis_timeout);
  EXPECT_EQ(failure(outcomes[0]), ErrorKind::redis_unavailable);
  EXPECT_FALSE(pipeline->is_open());
}

TEST_F(RedisPipelineTest, AnOldUnansweredCallEndsIt) {
  limits.stall = 50ms;
  open([](OriginPeer& p) {
    read_command(p);
    p.wait_for_close();
  });
  start(echo("1"), outcomes[0], 10ms);
  EXPECT_EQ(failure(outcomes[0]), ErrorKind::redis_timeout);
  worker.run_until([&] { return !pipeline->is_open(); });
  EXPECT_FALSE(pipeline->is_open());
}

TEST_F(RedisPipelineTest, MayRestForAsLongAsItLikes) {
  limits.stall = 50ms;
  open([](OriginPeer& p) {
    for (int i = 0; i < 2; ++i) {
      read_command(p);
      p.send("+OK\r\n");
    }
    p.wait_for_close();
  });
  start(echo("1"), outcomes[0]);
  EXPECT_EQ(text(outcomes[0]), "OK");
  const auto end = std::chrono::steady_clock::now() + 250ms;
  worker.run_until([&] { return std::chrono::steady_clock::now() > end; });
  start(echo("2"), outcomes[1]);
  EXPECT_EQ(text(outcomes[1]), "OK");
}

TEST_F(RedisPipelineTest, AnUnaskedReplyEndsIt) {
  open([](OriginPeer& p) {
    read_command(p);
    p.send("+1\r\n+poison\r\n");
    p.wait_for_close();
  });
  start(echo("1"), outcomes[0]);
  EXPECT_EQ(text(outcomes[0]), "1");
  worker.run_until([&] { return !pipeline->is_open(); });
  start(echo("2"), outcomes[1]);
  EXPECT_EQ(failure(outcomes[1]), ErrorKind::redis_protocol);
}

TEST_F(RedisPipelineTest, GarbageFailsWhateverWaits) {
  open([](OriginPeer& p) {
    for (int i = 0; i < 3; ++i) read_command(p);
    p.send("+1\r\n*1\r\n!\r\n");
    p.wait_for_close();
  });
  for (int i = 0; i < 3; ++i) start(echo("x"), outcomes[i]);
  EXPECT_EQ(text(outcomes[0]), "1");
  EXPECT_EQ(failure(outcomes[1]), ErrorKind::redis_protocol);
  EXPECT_EQ(failure(outcomes[2]), ErrorKind::redis_protocol);
}

TEST_F(RedisPipelineTest, AnEndFailsWhateverWaits) {
  open([](OriginPeer& p) {
    read_command(p);
    p.reset();
  });
  start(echo("1"), outcomes[0]);
  EXPECT_EQ(failure(outcomes[0]), ErrorKind::redis_unavailable);
  EXPECT_THAT(outcomes[0]->error().detail, HasSubstr("the connection was lost"));
}

}  // namespace
}  // namespace forebay::tier
