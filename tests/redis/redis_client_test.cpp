// One server: what a client says and what becomes of it, with a real Redis.
#include "redis/redis_fixture.hpp"

namespace forebay::tier::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct RedisClientTest : ::testing::Test {
  RedisServer server;
  RedisSettings settings = settings_for(server.url());
};

// ---- Calls ----------------------------------------------------------------------------------------------

TEST_F(RedisClientTest, SaysAndHears) {
  RedisWorker worker(settings);
  EXPECT_TRUE(worker.call(RedisCommand{"SET"}.key("a").add("1"))->is_status("OK"));
  EXPECT_EQ(worker.text(RedisCommand{"GET"}.key("a")), "1");
  EXPECT_EQ(worker.call(RedisCommand{"INCRBY"}.key("a").add(-5))->integer, -4);
  EXPECT_TRUE(worker.call(RedisCommand{"GET"}.key("b"))->is_nil());
  EXPECT_EQ(worker.call(RedisCommand{"MGET", "a", "b"})->elements.size(), 2U);
  EXPECT_EQ(worker.metrics.redis_connections_opened.value(), 1U);
  EXPECT_EQ(worker.metrics.redis_connections.value(), 1);
  EXPECT_EQ(worker.metrics.redis_calls.value(), 5U);
  EXPECT_EQ(worker.metrics.redis_in_flight.value(), 0);
  std::uint64_t timed = 0;
  for (std::size_t i = 0; i < observe::LatencyHistogram::kBuckets; ++i)
    timed += worker.metrics.redis_latency.bucket(i);
  EXPECT_EQ(timed, 5U);
}

TEST_F(RedisClientTest, IsBinarySafe) {
  RedisWorker worker(settings);
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes.push_back(static_cast<char>(i));
  worker.call(RedisCommand{"SET"}.key(bytes).add(bytes)).value();
  EXPECT_EQ(worker.text(RedisCommand{"GET"}.key(bytes)), bytes);
}

TEST_F(RedisClientTest, CarriesLargeValues) {
  RedisWorker worker(settings);
  const std::string large(20U << 20, 'x');
  worker.call(RedisCommand{"SET"}.key("a").add(large)).value();
  EXPECT_EQ(worker.text(RedisCommand{"GET"}.key("a")), large);
}

TEST_F(RedisClientTest, TellsWhatRedisRefused) {
  RedisWorker worker(settings);
  worker.call(RedisCommand{"SET"}.key("a").add("text")).value();
  const auto refused = worker.call(RedisCommand{"LPUSH"}.key("a").add("1"));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind, ErrorKind::redis_error);
  EXPECT_THAT(refused.error().detail, StartsWith("WRONGTYPE "));
  EXPECT_EQ(worker.metrics.redis_errors[3].value(), 1U);
  EXPECT_EQ(worker.text(RedisCommand{"GET"}.key("a")), "text");
}

TEST_F(RedisClientTest, AnErrorWithinABatchStopsNothing) {
  RedisWorker worker(settings);
  const auto replies = worker.call_all(commands(
      {RedisCommand{"SET", "a", "text"}, RedisCommand{"LPUSH", "a", "1"}, RedisCommand{"GET", "a"}}));
  ASSERT_EQ(replies->size(), 3U);
  EXPECT_TRUE(replies->at(0).is_status("OK"));
  EXPECT_EQ(replies->at(1).error_code(), "WRONGTYPE");
  EXPECT_EQ(replies->at(2).text, "text");
}

TEST_F(RedisClientTest, ManyCallsAtOnceTakeOneConnectionAndGetTheirOwnReplies) {
  RedisWorker worker(settings);
  constexpr int kCalls = 1000;
  std::vector<std::optional<Result<RedisReply>>> replies(kCalls);
  for (int i = 0; i < kCalls; ++i)
    worker.start(worker.client->call(RedisCommand{"ECHO"}.add(std::int64_t{i})), replies[std::size_t(i)]);
  for (int i = 0; i < kCalls; ++i) {
    auto& reply = replies[std::size_t(i)];
    worker.run_until([&] { return reply.has_value(); });
    EXPECT_EQ((*reply)->text, std::to_string(i));
  }
  EXPECT_EQ(worker.metrics.redis_connections_opened.value(), 1U);
}

// ---- Ways to it -----------------------------------------------------------------------------------------

TEST_F(RedisClientTest, UsesAUnixSocketAndADatabase) {
  RedisWorker worker(settings_for("unix:" + server.unix_path() + "?db=3"));
  worker.call(RedisCommand{"SET", "a", "here"}).value();
  RedisWorker other(settings);
  EXPECT_TRUE(other.call(RedisCommand{"GET", "a"})->is_nil());
  EXPECT_THAT(server.info("db3"), StartsWith("keys=1"));
}

TEST_F(RedisClientTest, FindsANameAndTriesItsAddresses) {
  RedisWorker worker(settings_for("redis://localhost:" + std::to_string(server.port())));  // ::1 refuses
  EXPECT_EQ(worker.text(RedisCommand{"PING"}), "PONG");
}

TEST_F(RedisClientTest, LogsInAsTheDefaultUser) {
  const RedisServer guarded({.arguments = {"--requirepass", "s3cr:t"}, .password = "s3cr:t"});
  RedisWorker by_url(settings_for("redis://:s3cr%3At@" + guarded.address()));
  EXPECT_EQ(by_url.text(RedisCommand{"PING"}), "PONG");
  auto by_setting = settings_for(guarded.url());
  by_setting.password = "s3cr:t";
  EXPECT_EQ(RedisWorker(by_setting).text(RedisCommand{"PING"}), "PONG");
}

TEST_F(RedisClientTest, LogsInAsAnAclUser) {
  server.ask({"ACL", "SETUSER", "reader", "on", ">s3cret", "~*", "+get", "+ping"});
  RedisWorker worker(settings_for("redis://reader:s3cret@" + server.address()));
  EXPECT_TRUE(worker.call(RedisCommand{"GET", "a"})->is_nil());
  const auto refused = worker.call(RedisCommand{"SET", "a", "1"});
  EXPECT_THAT(refused.error().detail, StartsWith("NOPERM "));
}

TEST_F(RedisClientTest, ARefusedLoginIsReportedWithoutThePassword) {
  const std::string urls[] = {"redis://:wrong-s3cret@" + server.address(),
                              "redis://nobody:wrong-s3cret@" + server.address()};
  for (const auto& url : urls) {
    RedisWorker worker(settings_for(url));
    const auto refused = worker.call(RedisCommand{"PING"});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().kind, ErrorKind::redis_unavailable);
    EXPECT_THAT(refused.error().detail, HasSubstr("the login was refused: "));
    EXPECT_THAT(refused.error().detail, Not(HasSubstr("s3cret")));
  }
}

TEST_F(RedisClientTest, WithoutALoginAGuardedServerIsLeftAlone) {
  const RedisServer guarded({.arguments = {"--requirepass", "s3cret"}, .password = "s3cret"});
  RedisWorker worker(settings_for(guarded.url()));
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(worker.call(RedisCommand{"GET", "a"}).error().kind, ErrorKind::redis_error);
  EXPECT_EQ(worker.call(RedisCommand{"GET", "a"}).error().kind, ErrorKind::redis_unavailable);
}

TEST_F(RedisClientTest, ADatabaseThatThereIsNotIsReported) {
  RedisWorker worker(settings_for(server.url() + "/999"));
  EXPECT_THAT(worker.call(RedisCommand{"PING"}).error().detail, HasSubstr("the database was refused: ERR"));
}

// ---- Time -----------------------------------------------------------------------------------------------

TEST_F(RedisClientTest, AReplyThatComesTooLateGoesToNobody) {
  RedisWorker worker(settings);
  EXPECT_EQ(worker.text(RedisCommand{"ECHO", "first"}), "first");
  server.pause();
  const auto late = worker.call(RedisCommand{"ECHO", "late"}, {.time = 50ms});
  EXPECT_EQ(late.error().kind, ErrorKind::redis_timeout);
  std::optional<Result<RedisReply>> next;
  worker.start(worker.client->call(RedisCommand{"ECHO", "next"}), next);
  server.resume();
  worker.run_until([&] { return next.has_value(); });
  EXPECT_EQ((*next)->text, "next");
  EXPECT_EQ(worker.metrics.redis_connections_opened.value(), 1U);
}

TEST_F(RedisClientTest, ACancelledCallLeavesItsPlaceInTheOrder) {
  RedisWorker worker(settings);
  worker.call(RedisCommand{"PING"}).value();
  server.pause();
  io::Cancel cancel;
  std::optional<Result<RedisReply>> cancelled;
  std::optional<Result<RedisReply>> next;
  worker.start(worker.client->call(RedisCommand{"ECHO", "cancelled"}, {.cancel = &cancel}), cancelled);
  worker.start(worker.client->call(RedisCommand{"ECHO", "next"}), next);
  cancel.request();
  worker.run_until([&] { return cancelled.has_value(); });
  EXPECT_EQ(cancelled->error().kind, ErrorKind::cancelled);
  server.resume();
  worker.run_until([&] { return next.has_value(); });
  EXPECT_EQ((*next)->text, "next");
}

// ---- Failures -------------------------------------------------------------------------------------------

TEST_F(RedisClientTest, ConnectsAgainWhenTheConnectionWasLost) {
  RedisWorker worker(settings);
  worker.call(RedisCommand{"PING"}).value();
  server.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  worker.run_until([&] { return worker.metrics.redis_connections.value() == 0; });
  EXPECT_EQ(worker.text(RedisCommand{"PING"}), "PONG");
  EXPECT_EQ(worker.metrics.redis_connections_opened.value(), 2U);
  EXPECT_EQ(worker.metrics.redis_nodes_opened.value(), 0U);
}

TEST_F(RedisClientTest, ComesBackWhenTheServerDoes) {
  RedisWorker worker(settings);
  worker.call(RedisCommand{"PING"}).value();
  server.kill();
  worker.run_until([&] { return worker.metrics.redis_connections.value() == 0; });
  const auto refused = worker.call(RedisCommand{"PING"});
  EXPECT_EQ(refused.error().kind, ErrorKind::redis_unavailable);
  EXPECT_EQ(worker.metrics.redis_nodes_open.value(), 1);
  EXPECT_FALSE(worker.client->is_available());
  server.start();
  EXPECT_TRUE(worker.wait_for_breaker(BreakerState::closed));  // nobody has asked for it
  EXPECT_EQ(worker.text(RedisCommand{"PING"}), "PONG");
  EXPECT_EQ(worker.metrics.redis_nodes_open.value(), 0);
  EXPECT_EQ(worker.metrics.redis_nodes_opened.value(), 1U);
  EXPECT_TRUE(worker.client->is_available());
}

TEST_F(RedisClientTest, AServerThatDoesNotAnswerCostsAFewCallsOnly) {
  settings.timeout = 100ms;
  settings.breaker.failures = 3;
  RedisWorker worker(settings);
  worker.call(RedisCommand{"PING"}).value();
  server.pause();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(worker.call(RedisCommand{"PING"}).error().kind, ErrorKind::redis_timeout);
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(worker.call(RedisCommand{"PING"}).error().kind, ErrorKind::redis_unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);  // a thousand time-outs would take 100 s
  server.resume();
  EXPECT_TRUE(worker.wait_for_breaker(BreakerState::closed));
  EXPECT_EQ(worker.text(RedisCommand{"ECHO", "mine"}), "mine");
}

TEST_F(RedisClientTest, ACallThatHadNoTimeSaysNothingAboutTheServer) {
  settings.breaker.slow = 100ms;
  RedisWorker worker(settings);
  worker.call(RedisCommand{"PING"}).value();
  server.pause();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(worker.call(RedisCommand{"PING"}, {.time = 1ms}).error().kind, ErrorKind::redis_timeout);
  server.resume();
  EXPECT_EQ(worker.text(RedisCommand{"ECHO", "mine"}), "mine");
}

TEST_F(RedisClientTest, AServerThatTakesNoMoreClientsIsLeftAloneUntilItDoes) {
  const RedisServer full({.arguments = {"--maxclients", "1"}});
  auto eager = settings_for(full.url());
  eager.breaker.failures = 1;
  RedisWorker first(eager);
  EXPECT_EQ(first.text(RedisCommand{"PING"}), "PONG");
  RedisWorker second(eager);
  EXPECT_TRUE(second.call(RedisCommand{"PING"}).has_error());
  EXPECT_EQ(second.call(RedisCommand{"PING"}).error().kind, ErrorKind::redis_unavailable);
  first.client.reset();
  first.settle();
  EXPECT_TRUE(second.wait_for_breaker(BreakerState::closed));
}

TEST_F(RedisClientTest, AServerThatAnswersSlowlyIsLeftAloneToo) {
  settings.breaker.slow = 50ms;
  settings.breaker.failures = 2;
  RedisWorker worker(settings);
  for (int i = 0; i < 2; ++i)
    worker
        .call(RedisCommand{"EVAL",
                           "local t=redis.call('TIME'); local s=t[1]*1000000+t[2]; repeat "
                           "t=redis.call('TIME') until t[1]*1000000+t[2]>s+80000; return 1",
                           "0"})
        .value();
  EXPECT_EQ(worker.call(RedisCommand{"PING"}).error().kind, ErrorKind::redis_unavailable);
  EXPECT_TRUE(worker.wait_for_breaker(BreakerState::closed));
}

TEST_F(RedisClientTest, DestructionEndsWhatIsUnderWay) {
  RedisWorker worker(settings);
  worker.call(RedisCommand{"PING"}).value();
  std::optional<Result<RedisReply>> blocked;
  worker.start(worker.client->call(RedisCommand{"BLPOP", "a", "0"}), blocked);
  worker.client.reset();
  worker.run_until([&] { return blocked.has_value(); });
  EXPECT_EQ(blocked->error().kind, ErrorKind::cancelled);
  worker.run_until([&] { return worker.metrics.redis_connections.value() == 0; });
  EXPECT_EQ(worker.metrics.redis_connections.value(), 0);
  EXPECT_EQ(worker.metrics.redis_in_flight.value(), 0);
}

// ---- Connections of one's own ---------------------------------------------------------------------------

TEST_F(RedisClientTest, ADedicatedConnectionMayBlock) {
  RedisWorker worker(settings);
  const auto connection = worker.run(worker.client->open("", {})).value();
  std::optional<Result<RedisReply>> read;
  worker.start(connection->call(RedisCommand{"XREAD", "BLOCK", "0", "STREAMS", "log", "$"}, {}), read);
  EXPECT_EQ(worker.text(RedisCommand{"PING"}), "PONG");  // not held up
  EXPECT_TRUE(server.wait_for_info("blocked_clients", "1"));
  worker.call(RedisCommand{"XADD", "log", "*", "purge", "/a"}).value();
  worker.run_until([&] { return read.has_value(); });
  EXPECT_EQ((*read)->elements.at(0).elements.at(0).text, "log");
}

TEST_F(RedisClientTest, ADedicatedConnectionMaySubscribe) {
  RedisWorker worker(settings);
  const auto connection = worker.run(worker.client->open("", {})).value();
  const auto subscribed = worker.run(connection->call(RedisCommand{"SUBSCRIBE", "news"}, 5s)).value();
  EXPECT_EQ(subscribed.elements.at(0).text, "subscribe");
  for (const auto* word : {"one", "two"}) worker.call(RedisCommand{"PUBLISH", "news", word}).value();
  for (const auto* word : {"one", "two"})
    EXPECT_EQ(worker.run(connection->receive(5s))->elements.at(2).text, word);
  const auto nothing = worker.run(connection->receive(50ms));
  EXPECT_EQ(nothing.error().kind, ErrorKind::redis_timeout);
}

}  // namespace
}  // namespace forebay::tier::testing
