// Leases and streams with a real Redis: one leads, the others hear what it tells, and one goes on when it is
// lost.
#include "forebay/tier/shared_flights.hpp"

#include <memory>
#include <string>

#include "redis/redis_fixture.hpp"
#include "support/redis_cluster.hpp"
#include "tier/flight_codec.hpp"

namespace forebay::tier::testing {
namespace {

using test::RedisClusterServers;

constexpr std::string_view kKey = "http://a:80/";

FlightHead some_head() {
  FlightHead head;
  head.key = kKey;
  head.response_time = WallTime{std::chrono::seconds{1}};
  head.head = "HTTP/1.1 200 OK\r\n";
  return head;
}

cache::Slice slice_of(std::string_view text) {
  auto chunk = cache::Chunk::allocate(static_cast<std::uint32_t>(text.size()));
  std::copy(text.begin(), text.end(), chunk->data());
  return {std::move(chunk), 0, static_cast<std::uint32_t>(text.size())};
}

/// A node with one worker.
struct Node : RedisWorker {
  explicit Node(const RedisSettings& settings)
      : RedisWorker(settings),
        queue(settings.write_queue),
        flights(std::make_unique<SharedFlights>(
            settings, SharedFlights::Dependencies{*client, memory, queue, clock, context.get_executor(),
                                                  metrics, log})) {}
  ~Node() {
    flights.reset();
    client.reset();
    run_until(
        [&] { return metrics.redis_connections.value() == 0 && metrics.redis_flights_led.value() == 0; });
  }

  SharedFlights::Seat join(std::string_view key = kKey) {
    return run(flights->join(std::string(key), 7, cancel));
  }
  LedFlightPtr lead(std::string_view key = kKey) {
    auto seat = join(key);
    auto* const led = std::get_if<LedFlightPtr>(&seat);
    return led ? *led : nullptr;
  }
  std::unique_ptr<FollowedFlight> follow(std::string_view key = kKey) {
    auto seat = join(key);
    auto* const followed = std::get_if<std::unique_ptr<FollowedFlight>>(&seat);
    return followed ? std::move(*followed) : nullptr;
  }
  Result<FollowedFlight::Event> next(FollowedFlight& flight, milliseconds limit = 10s) {
    return run(flight.next(limit, cancel));
  }
  /// What comes up to the end, and how that was: "hello complete".
  std::string hear(FollowedFlight& flight) {
    std::string heard;
    for (;;) {
      auto event = next(flight);
      if (!event) return heard + " " + std::string(name(event.error().kind));
      if (const auto* const bytes = std::get_if<FollowedFlight::Bytes>(&*event)) heard += bytes->view();
      if (std::holds_alternative<FollowedFlight::NothingYet>(*event)) return heard + " nothing";
      if (std::holds_alternative<FollowedFlight::LeaderLost>(*event)) return heard + " lost";
      if (const auto* const end = std::get_if<FlightEnd>(&*event))
        return heard + " " + std::to_string(static_cast<int>(end->outcome)) + end->trailers;
    }
  }
  void finish() {
    run_until([&] { return flights->is_idle(); });
    EXPECT_TRUE(flights->is_idle());
  }

  MemoryTier memory{MemorySettings{.size = 64 << 20}, 1};
  Budget queue;
  io::Cancel cancel;
  std::unique_ptr<SharedFlights> flights;
};

RedisSettings quick(std::string url) {
  auto settings = settings_for(std::move(url));
  settings.lease = 400ms;
  return settings;
}

struct SharedFlightsTest : ::testing::Test {
  /// Tells a whole answer.
  void tell(const LedFlightPtr& led, const std::string& body) {
    led->head(some_head());
    led->append(slice_of(body));
    led->end({.outcome = FlightOutcome::complete, .trailers = "X: y\r\n"});
    led->release();
    a.finish();
  }
  std::string only_name(std::string_view pattern) const {
    const auto names = server.ask({"KEYS", pattern});
    return names.elements.size() == 1 ? names.elements[0].text : "";
  }

  RedisServer server;
  const RedisSettings settings = quick(server.url());
  Node a{settings};
  Node b{settings};
};

TEST_F(SharedFlightsTest, OneLeadsAndTheOthersHearWhatItTells) {
  const auto led = a.lead();
  ASSERT_TRUE(led);
  const auto followed = b.follow();
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->position(), 7U);
  const std::string body(200'000, 'x');
  tell(led, body);
  const auto head = b.next(*followed);
  ASSERT_TRUE(head && std::holds_alternative<FlightHead>(*head));
  EXPECT_EQ(std::get<FlightHead>(*head), some_head());
  EXPECT_EQ(b.hear(*followed), body + " 1X: y\r\n");
}

TEST_F(SharedFlightsTest, SmallPiecesOfOneChunkGoTogether) {
  const auto led = a.lead();
  const auto followed = b.follow();
  led->head(some_head());
  const auto whole = slice_of("0123456789");
  for (std::uint32_t i = 0; i < whole.size; ++i) led->append({whole.chunk, i, 1});
  led->append(slice_of("more"));
  led->end({});
  led->release();
  a.finish();
  EXPECT_EQ(server.ask({"XLEN", only_name("*:f:*")}).integer, 4) << "head, two pieces, end";
  EXPECT_EQ(b.hear(*followed), "0123456789more 1");
  EXPECT_EQ(a.queue.used(), 0U);
}

TEST_F(SharedFlightsTest, MessagesWakeWhoFollows) {
  const auto led = a.lead();
  const auto followed = b.follow();
  std::optional<Result<FollowedFlight::Event>> event;
  b.start(followed->next(10s, b.cancel), event);
  b.run_until([&] { return server.ask({"PUBSUB", "NUMSUB", "forebay:flights"}).elements[1].integer == 1; });
  led->head(some_head());
  a.run_until([&] { return !only_name("*:f:*").empty(); });
  b.run_until([&] { return event.has_value(); });
  EXPECT_TRUE(event && *event && std::holds_alternative<FlightHead>(**event));
}

TEST_F(SharedFlightsTest, WaitingForWhatIsNotToldYetTakesNoRoom) {
  constexpr std::uint64_t kLittle = 64 * 1024;
  std::vector<LedFlightPtr> led;
  std::vector<std::unique_ptr<FollowedFlight>> followed;
  for (int i = 0; i < 100; ++i) {
    const auto key = "http://a:80/" + std::to_string(i);
    led.push_back(a.lead(key));
    followed.push_back(b.follow(key));
    ASSERT_TRUE(followed.back());
  }
  EXPECT_LT(b.memory.budget().used(ChargeKind::buffers), kLittle);
  for (const auto& flight : led) {
    flight->end({.outcome = FlightOutcome::look_again});
    flight->release();
  }
  a.finish();
}

/// A piece may be refused where the end, being small, is not.
TEST_F(SharedFlightsTest, WhatRedisHadNoRoomForIsNotTakenForWhole) {
  server.ask({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  const std::string piece(60'000, 'x');
  for (int margin = 20'000; margin < 400'000; margin += 10'000) {
    const auto key = "http://a:80/" + std::to_string(margin);
    auto head = some_head();
    head.key = key;
    const auto led = a.lead(key);
    const auto followed = b.follow(key);
    ASSERT_TRUE(led && followed);
    const auto used = std::stoll(server.info("used_memory"));
    server.ask({"CONFIG", "SET", "maxmemory", std::to_string(used + margin)});
    led->head(head);
    for (int i = 0; i < 4; ++i) led->append(slice_of(piece));
    led->end({});
    led->release();
    a.finish();
    server.ask({"CONFIG", "SET", "maxmemory", "0"});
    const auto heard = b.hear(*followed);
    EXPECT_TRUE(!heard.ends_with(" 1") || heard.size() == 4 * piece.size() + 2)
        << "with " << margin << " bytes: only " << heard.size();
  }
}

/// In a fail-over, or where it evicts.
TEST_F(SharedFlightsTest, WhatRedisHasLostInTheMiddleIsNotTakenForWhole) {
  const auto led = a.lead();
  const auto followed = b.follow();
  led->head(some_head());
  led->append(slice_of("hello"));
  a.run_until([&] { return server.ask({"XLEN", only_name("*:f:*")}).integer == 2; });
  const auto stream = only_name("*:f:*");
  const auto last = server.ask({"XREVRANGE", stream, "+", "-", "COUNT", "1"}).elements.at(0);
  server.ask({"XDEL", stream, last.elements.at(0).text});
  led->end({});
  led->release();
  a.finish();
  EXPECT_EQ(b.hear(*followed), " redis_protocol");
}

TEST_F(SharedFlightsTest, OfWhatIsWrittenAtOnceNothingIsTold) {
  const auto led = a.lead();
  const auto followed = b.follow();
  led->head(some_head());
  led->append(slice_of(std::string(200'000, 'x')));
  led->end({.outcome = FlightOutcome::complete});
  led->release_written();
  a.finish();
  EXPECT_EQ(b.hear(*followed), " lost");
  EXPECT_EQ(server.ask({"DBSIZE"}).integer, 0);
  EXPECT_EQ(a.queue.used(), 0U);
}

TEST_F(SharedFlightsTest, WhatIsWholeAndNotWrittenForLongIsTold) {
  const auto led = a.lead();
  const auto followed = b.follow();
  led->head(some_head());
  led->append(slice_of("hello"));
  led->end({.outcome = FlightOutcome::complete});
  a.run_until([&] { return server.ask({"XLEN", only_name("*:f:*")}).integer == 3; });
  led->release_written();
  a.finish();
  EXPECT_EQ(b.hear(*followed), "hello 1");
}

TEST_F(SharedFlightsTest, TheLeaseIsGivenBackWhenRedisIsFull) {
  const auto led = a.lead();
  const auto followed = b.follow();
  server.ask({"CONFIG", "SET", "maxmemory", "1"});
  const auto begun = std::chrono::steady_clock::now();
  led->head(some_head());
  a.run_until([&] { return only_name("*:lease").empty(); });
  EXPECT_LT(std::chrono::steady_clock::now() - begun, settings.lease / 2) << "it did not just run out";
  EXPECT_EQ(b.hear(*followed), " lost");
  led->release();
  a.finish();
}

TEST_F(SharedFlightsTest, FlightsOfOtherKeysAreOthers) {
  const auto one = a.lead();
  const auto other = b.lead("http://a:80/other");
  EXPECT_TRUE(one && other);
}

TEST_F(SharedFlightsTest, TheLeaseIsRenewedAsLongAsItIsHeld) {
  const auto led = a.lead();
  a.run_until([] { return false; }, 2s);
  EXPECT_TRUE(b.follow());
  led->release();
  a.finish();
  EXPECT_TRUE(b.lead());
}

TEST_F(SharedFlightsTest, ALeaderThatIsSilentIsSucceededByOne) {
  const auto led = a.lead();
  const auto followed = b.follow();
  Node c(settings);
  const auto another = c.follow();
  EXPECT_EQ(b.hear(*followed), " lost") << "a does not run";
  EXPECT_EQ(c.hear(*another), " lost");
  const auto next = b.lead();
  EXPECT_TRUE(next);
  EXPECT_TRUE(c.follow());
  led->head(some_head());
  a.finish();
  EXPECT_EQ(a.metrics.redis_flights[static_cast<std::size_t>(observe::ClusterFlight::abandoned)].value(), 1U);
  EXPECT_TRUE(c.follow()) << "who has lost its lease does not give back the next one's";
}

TEST_F(SharedFlightsTest, WhoComesToTheEndHearsAll) {
  const auto led = a.lead();
  const auto followed = b.follow();
  tell(led, "hello");
  EXPECT_EQ(only_name("*:lease"), "");
  EXPECT_EQ(b.hear(*followed), "hello 1X: y\r\n") << "though nobody leads any more";
  EXPECT_GT(server.ask({"PTTL", only_name("*:f:*")}).integer, 0);
}

TEST_F(SharedFlightsTest, WhatCannotBeSharedIsMarked) {
  const auto led = a.lead();
  const auto followed = b.follow();
  led->mark_uncacheable(5s);
  led->end({.outcome = FlightOutcome::uncacheable});
  led->release();
  a.finish();
  EXPECT_EQ(b.hear(*followed), " lost") << "without a word: who joins again finds the mark";
  auto seat = b.join();
  const auto* const marked = std::get_if<SharedFlights::Uncacheable>(&seat);
  ASSERT_TRUE(marked);
  EXPECT_GT(marked->time, 3s);
  EXPECT_LE(marked->time, 5s);
  b.flights->forget_uncacheable(std::string(kKey));
  b.run_until([&] { return only_name("*:pass").empty(); });
  b.run_until([&] { return only_name("*:lease").empty(); });
  EXPECT_TRUE(b.lead());
}

TEST_F(SharedFlightsTest, WhatStandsTwiceCountsOnce) {
  const auto led = a.lead();
  const auto followed = b.follow();
  led->head(some_head());
  led->append(slice_of("hello"));
  a.run_until([&] { return server.ask({"XLEN", only_name("*:f:*")}).integer == 2; });
  const auto stream = only_name("*:f:*");
  // As after a reply that was lost: the same once more, then something new.
  RedisCommand piece{"X"};
  append_flight_piece(piece, 2, "llo, you");
  const std::string wire(piece.wire());
  const auto record = wire.substr(wire.find("FBAY"), wire.size() - wire.find("FBAY") - 2);
  server.ask({"XADD", stream, "*", "r", encode_flight_head(some_head()).value()});
  server.ask({"XADD", stream, "*", "r", record});
  server.ask({"XADD", stream, "*", "r", encode_flight_end({.length = 10})});
  EXPECT_EQ(b.hear(*followed), "hello, you 1");
}

TEST_F(SharedFlightsTest, WhatCannotBeReadIsNotFollowed) {
  const char* const what[] = {"bytes", "a gap", "no record", "another type"};
  for (const std::string_view row : what) {
    server.ask({"FLUSHALL"});
    const auto led = a.lead(row);
    const auto followed = b.follow(row);
    ASSERT_TRUE(followed) << row;
    auto lease = parse_lease(server.ask({"GET", only_name("*:lease")}).text);
    auto stream = only_name("*:lease");
    stream.replace(stream.size() - 5, 5, "f:" + to_hex(lease->token));
    RedisCommand piece{"X"};
    append_flight_piece(piece, 5, "x");
    const std::string wire(piece.wire());
    const auto gap = wire.substr(wire.find("FBAY"), wire.size() - wire.find("FBAY") - 2);
    if (row == "bytes") server.ask({"XADD", stream, "*", "r", "abc"});
    if (row == "a gap") server.ask({"XADD", stream, "*", "r", gap});
    if (row == "no record") server.ask({"XADD", stream, "*", "s", "abc"});
    if (row == "another type") server.ask({"SET", stream, "abc"});
    EXPECT_EQ(b.hear(*followed), " redis_protocol") << row;
    led->stop();
    a.finish();
  }
  server.ask({"FLUSHALL"});
  const auto led = a.lead();
  server.ask({"SET", only_name("*:lease"), "abc"});
  auto seat = b.join();
  EXPECT_TRUE(std::holds_alternative<Error>(seat)) << "a lease that is none";
}

TEST_F(SharedFlightsTest, ThereAreNoneWithoutRedis) {
  const auto led = a.lead();
  const auto followed = b.follow();
  server.kill();
  EXPECT_EQ(b.hear(*followed), " redis_unavailable");
  auto seat = b.join();
  EXPECT_TRUE(std::holds_alternative<Error>(seat));
  led->head(some_head());
  a.finish();  // after a lease's time
}

TEST_F(SharedFlightsTest, WaitingEndsWhenItIsCalledOff) {
  const auto led = a.lead();
  const auto followed = b.follow();
  std::optional<Result<FollowedFlight::Event>> event;
  b.start(followed->next(10s, b.cancel), event);
  b.cancel.request();
  b.run_until([&] { return event.has_value(); });
  EXPECT_EQ(event->error().kind, ErrorKind::cancelled);
}

TEST_F(SharedFlightsTest, NothingYetIsSaidInTime) {
  const auto led = a.lead();
  const auto followed = b.follow();
  std::optional<Result<FollowedFlight::Event>> event;
  b.start(followed->next(100ms, b.cancel), event);
  b.run_until([&] { return event.has_value(); });
  ASSERT_TRUE(*event);
  EXPECT_TRUE(std::holds_alternative<FollowedFlight::NothingYet>(**event));
}

struct SmallQueue : ::testing::Test {
  RedisServer server;
  RedisSettings settings = [this] {
    auto small = quick(server.url());
    small.write_queue = 100'000;
    return small;
  }();
  Node a{settings};
  Node b{settings};
};

TEST_F(SmallQueue, WhatItHasNoRoomForIsGivenUp) {
  const auto led = a.lead();
  const auto followed = b.follow();
  led->head(some_head());
  led->append(slice_of(std::string(60'000, 'x')));
  a.run_until([&] { return a.queue.used() == 0; });
  for (int i = 0; i < 4; ++i) led->append(slice_of(std::string(60'000, 'x')));
  EXPECT_TRUE(led->has_ended());
  a.finish();
  EXPECT_EQ(b.hear(*followed), std::string(120'000, 'x') + " 5");
  EXPECT_EQ(a.queue.used(), 0U);
}

TEST_F(SmallQueue, ABeginningThatNobodyHasIsNotTold) {
  const auto led = a.lead();
  const auto followed = b.follow();
  led->head(some_head());
  for (int i = 0; i < 4; ++i) led->append(slice_of(std::string(60'000, 'x')));
  EXPECT_TRUE(led->has_ended());
  a.finish();
  EXPECT_EQ(b.hear(*followed), " 5");
}

TEST(SharedFlightsInACluster, HaveAllTheirNamesOnOneNode) {
  RedisClusterServers servers;
  const auto settings = quick(servers.url());
  Node a(settings);
  Node b(settings);
  for (const auto* key : {"http://a:80/1", "http://a:80/2", "http://a:80/3", "http://a:80/4"}) {
    const auto led = a.lead(key);
    ASSERT_TRUE(led) << key;
    const auto followed = b.follow(key);
    ASSERT_TRUE(followed) << key;
    auto head = some_head();
    head.key = key;
    led->head(head);
    led->append(slice_of("hello"));
    led->end({});
    led->release();
    a.finish();
    EXPECT_EQ(b.hear(*followed), "hello 1");
  }
}

}  // namespace
}  // namespace forebay::tier::testing
