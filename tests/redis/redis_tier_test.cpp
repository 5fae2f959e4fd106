// The Redis tier with a real Redis: what one node stores another finds, and whatever is wrong is a miss.
#include "forebay/tier/redis_tier.hpp"

#include "redis/redis_tier_fixture.hpp"
#include "tier/entry_codec.hpp"

namespace forebay::tier::testing {
namespace {

struct RedisTierTest : ::testing::Test {
  /// Received just now.
  Kept fresh(Kept kept = {}) const {
    kept.freshness.response_time = clock.now();
    return kept;
  }
  std::vector<std::string> names(std::string_view pattern) const {
    std::vector<std::string> all;
    for (const auto& element : server.ask({"KEYS", pattern}).elements) all.push_back(element.text);
    return all;
  }
  std::int64_t seconds_left(std::string_view name) const { return server.ask({"PTTL", name}).integer / 1000; }

  RedisServer server;
  RedisSettings settings = settings_for(server.url());
  test::ManualClock clock;
  const RedisKeys keys{"forebay", digest(kKey)};
};

// ---- What one node stores another finds -------------------------------------------------------------------

TEST_F(RedisTierTest, GivesBackWhatAnotherNodeStored) {
  const std::vector<Kept> rows = {
      {},
      {.body = "", .status = 204},
      {.body = "not here", .status = 404, .fields = "ETag: \"x\"\r\nX: y\r\n", .position = 7},
      {.tags = {{1, 2}, {3, 4}}, .recoded_from = http::Coding::br},
      {.body = "hello", .complete_length = 100, .held = {{0, 1}, {50, 52}}},
      {.body = "", .fields = "ETag: \"x\"\r\n", .complete_length = 1 << 30},
      {.body = text(kMaxInlineBody)},
      {.body = text(kMaxInlineBody + 1)},
      {.body = text(256 * 1024)},
      {.body = text(4 * 256 * 1024 + 5)},
      {.body = text(3'000'000), .fields = "Content-Encoding: gzip\r\n"},
  };
  for (const bool compress : {false, true}) {
    settings.compress = compress;
    Node one(settings, clock);
    Node other(settings, clock);
    for (const auto& row : rows) {
      const auto kept = fresh(row);
      one.store(kept);
      const auto found = other.find();
      ASSERT_TRUE(found.response) << name(found.result) << ' ' << kept.body.size();
      EXPECT_TRUE(test::is_same(*found.response, *kept.make())) << kept.body.size();
    }
    EXPECT_EQ(other.count(RedisLookup::hit), rows.size());
    EXPECT_EQ(one.count(RedisStore::written), rows.size());
    EXPECT_GT(one.metrics.redis_written_bytes.value(), 0u);
    EXPECT_GT(other.metrics.redis_read_bytes.value(), 0u);
    EXPECT_EQ(one.metrics.redis_queued_bytes.value(), 0);
  }
}

TEST_F(RedisTierTest, WhatIsNotThereIsAMiss) {
  Node node(settings, clock);
  const auto found = node.find();
  EXPECT_EQ(found.result, RedisLookup::miss);
  EXPECT_FALSE(found.response);
  EXPECT_EQ(found.vary_names, "");
}

TEST_F(RedisTierTest, NamespacesShareNothing) {
  Node node(settings, clock);
  node.store(fresh());
  settings.name_space = "other";
  Node other(settings, clock);
  EXPECT_EQ(other.body(), "miss");
}

TEST_F(RedisTierTest, AHitTakesOneCallAndOneWithVaryTwo) {
  Node one(settings, clock);
  one.store(fresh());
  one.store(fresh({.key = "http://a:80/v", .vary = "accept", .request = accepting("a")}));
  Node other(settings, clock);
  EXPECT_EQ(other.find().result, RedisLookup::hit);
  EXPECT_EQ(other.metrics.redis_calls.value(), 1u);
  EXPECT_EQ(other.find("http://a:80/v", accepting("a")).result, RedisLookup::hit);
  EXPECT_EQ(other.metrics.redis_calls.value(), 3u);
}

TEST_F(RedisTierTest, CompressesBodies) {
  settings.compress = true;
  Node node(settings, clock);
  node.store(fresh({.body = text(50'000)}));
  EXPECT_LT(server.ask({"STRLEN", keys.record()}).integer, 30'000);
  node.store(fresh({.body = text(300'000)}));
  for (const auto& name : names("*:b:*")) EXPECT_LT(server.ask({"STRLEN", name}).integer, 150'000);
}

// ---- Vary ------------------------------------------------------------------------------------------------

TEST_F(RedisTierTest, FindsTheVariantThatTheRequestSelects) {
  Node one(settings, clock);
  one.store(fresh({.body = "json", .vary = "accept", .request = accepting("application/json")}));
  one.store(fresh({.body = text(100'000), .vary = "accept", .request = accepting("text/html")}));
  Node other(settings, clock);
  EXPECT_EQ(other.body(accepting("application/json")), "json");
  EXPECT_EQ(other.body(accepting("text/html")), text(100'000));
  const auto none = other.find(kKey, accepting("image/png"));
  EXPECT_EQ(none.result, RedisLookup::miss);
  EXPECT_EQ(none.vary_names, "accept");
}

TEST_F(RedisTierTest, OfSeveralThatMatchTheMostRecentIsUsed) {
  Node node(settings, clock);
  auto request = accepting("a");
  request.add("Accept-Language", "de");
  const std::string older = "Date: Mon, 13 Nov 2023 00:00:00 GMT\r\n";
  const std::string newer = "Date: Tue, 14 Nov 2023 00:00:00 GMT\r\n";
  node.store(fresh({.body = "by accept", .vary = "accept", .request = request, .fields = newer}));
  node.store(fresh({.body = "by language", .vary = "accept-language", .request = request, .fields = older}));
  EXPECT_EQ(node.body(request), "by accept");
  EXPECT_EQ(node.body(accepting("de", "Accept-Language")), "by language");
}

TEST_F(RedisTierTest, WhatDoesNotVaryAndWhatDoesTakeEachOthersPlace) {
  Node node(settings, clock);
  node.store(fresh({.body = "varies", .vary = "accept", .request = accepting("a")}));
  node.store(fresh({.body = "does not"}));
  EXPECT_EQ(node.body(accepting("a")), "does not");
  node.store(fresh({.body = "varies again", .vary = "accept", .request = accepting("b")}));
  EXPECT_EQ(node.body(accepting("b")), "varies again");
  EXPECT_EQ(node.body(accepting("a")), "miss");  // what was replaced does not come back
}

TEST_F(RedisTierTest, AnErasedKeyIsGoneWithItsVariants) {
  Node node(settings, clock);
  node.store(fresh({.body = "a", .vary = "accept", .request = accepting("a")}));
  node.tier->erase(cache::primary_key(kKey));
  node.finish();
  EXPECT_EQ(node.body(accepting("a")), "miss");
  node.store(fresh({.body = "b", .vary = "accept", .request = accepting("b")}));
  EXPECT_EQ(node.body(accepting("a")), "miss");
  EXPECT_EQ(node.body(accepting("b")), "b");
}

TEST_F(RedisTierTest, KeepsTheOrderOfWhatIsQueuedForAKey) {
  Node node(settings, clock);
  node.tier->store(fresh().make(), {});
  node.tier->erase(cache::primary_key(kKey));
  node.finish();
  EXPECT_EQ(node.body(), "miss");
  node.tier->erase(cache::primary_key(kKey));
  for (int i = 0; i < 100; ++i) node.tier->store(fresh({.body = std::to_string(i)}).make(), {});
  node.finish();
  EXPECT_EQ(node.body(), "99");
}

// ---- How long it stays -----------------------------------------------------------------------------------

TEST_F(RedisTierTest, StaysAsLongAsItIsOfUse) {
  Node node(settings, clock);
  auto kept = fresh({.body = text(100'000)});
  kept.freshness.lifetime = cache::StoredSeconds{100};
  kept.freshness.stale_if_error = cache::StoredSeconds{50};
  node.store(kept, seconds{1000});
  const auto left = seconds_left(keys.record());
  EXPECT_LE(left, 1150);
  EXPECT_GE(left, 1100);
  const auto chunks = names("*:b:*");
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_GE(seconds_left(chunks[0]), left);
  EXPECT_LE(seconds_left(chunks[0]), 1200);
}

TEST_F(RedisTierTest, WhatAKeyVariesOnStaysAsLongAsTheLastOfItsVariants) {
  Node node(settings, clock);
  auto kept = fresh({.vary = "accept", .request = accepting("a")});
  kept.freshness.lifetime = cache::StoredSeconds{1000};
  node.store(kept);
  kept.request = accepting("b");
  kept.freshness.lifetime = cache::StoredSeconds{10};
  node.store(kept);
  EXPECT_GE(seconds_left(keys.record()), 900);
  std::vector<std::int64_t> left;
  for (const auto& name : names("*:v:*")) left.push_back(seconds_left(name));
  EXPECT_THAT(left, ::testing::UnorderedElementsAre(::testing::Le(10), ::testing::Ge(900)));
}

TEST_F(RedisTierTest, WhatIsOfNoUseIsNotWritten) {
  Node node(settings, clock);
  const auto kept = fresh();
  clock.advance(60s);
  node.store(kept);
  EXPECT_EQ(node.count(RedisStore::expired), 1u);
  EXPECT_TRUE(names("*").empty());
}

/// A 304, or the same body again.
TEST_F(RedisTierTest, TheSameBodyIsWrittenOnce) {
  Node node(settings, clock);
  auto kept = fresh({.body = text(1'000'000), .fields = "X: 1\r\n"});
  node.store(kept);
  const auto written = node.metrics.redis_written_bytes.value();
  const auto chunk = names("*:b:*").at(0);
  const auto left = seconds_left(chunk);
  kept.fields = "X: 2\r\n";
  kept.freshness.lifetime = cache::StoredSeconds{10'000};
  node.store(kept);
  EXPECT_LT(node.metrics.redis_written_bytes.value() - written, 1000u);
  EXPECT_GE(seconds_left(chunk), left + 9000);
  const auto found = node.find();
  ASSERT_TRUE(found.response);
  EXPECT_TRUE(test::is_same(*found.response, *kept.make()));
}

TEST_F(RedisTierTest, ChunksThatAreGoneAreWrittenAgain) {
  Node node(settings, clock);
  const auto kept = fresh({.body = text(1'000'000)});
  node.store(kept);
  server.ask({"DEL", names("*:b:*").at(1)});
  EXPECT_EQ(node.body(), "incomplete");
  node.store(kept);
  EXPECT_EQ(node.body(), text(1'000'000));
}

// ---- What cannot be used ---------------------------------------------------------------------------------

TEST_F(RedisTierTest, GarbageIsAMissAndReported) {
  Node node(settings, clock);
  node.store(fresh());
  const auto good = server.ask({"GET", keys.record()}).text;
  auto flipped = good;
  flipped[flipped.size() / 2] ^= 1;
  auto later = good;
  later[4] = 99;
  const struct {
    std::string record;
    EntryFault fault;
  } rows[] = {{"", EntryFault::foreign},
              {"garbage", EntryFault::foreign},
              {good.substr(0, good.size() / 2), EntryFault::wrong_size},
              {flipped, EntryFault::wrong_checksum},
              {later, EntryFault::unknown_version}};
  for (const auto& row : rows) {
    const auto before = node.count(row.fault);
    server.ask({"SET", keys.record(), row.record});
    EXPECT_EQ(node.body(), "corrupt");
    EXPECT_EQ(node.count(row.fault), before + 1) << name(row.fault);
  }
  EXPECT_EQ(node.count(RedisLookup::corrupt), std::size(rows));
  node.store(fresh());
  EXPECT_EQ(node.body(), "hello");
}

TEST_F(RedisTierTest, AnotherKeysRecordIsAMiss) {
  Node node(settings, clock);
  node.store(fresh({.key = "http://b:80/"}));
  server.ask({"RENAME", RedisKeys("forebay", digest("http://b:80/")).record(), keys.record()});
  EXPECT_EQ(node.body(), "corrupt");
  EXPECT_EQ(node.count(EntryFault::wrong_key), 1u);
}

TEST_F(RedisTierTest, SomethingElseUnderTheNameIsAMissUntilItIsOverwritten) {
  Node node(settings, clock);
  server.ask({"LPUSH", keys.record(), "x"});
  EXPECT_EQ(node.body(), "unavailable");
  node.store(fresh({.vary = "accept", .request = accepting("a")}));
  EXPECT_EQ(node.body(accepting("a")), "hello");
}

TEST_F(RedisTierTest, AVariantThatIsGarbageIsAMiss) {
  Node node(settings, clock);
  node.store(fresh({.vary = "accept", .request = accepting("a")}));
  server.ask({"SET", names("*:v:*").at(0), "garbage"});
  const auto found = node.find(kKey, accepting("a"));
  EXPECT_EQ(found.result, RedisLookup::corrupt);
  EXPECT_EQ(found.vary_names, "accept");
}

TEST_F(RedisTierTest, ABodyIsWholeOrAMiss) {
  const auto kept = fresh({.body = text(2'000'000)});
  Node node(settings, clock);
  node.store(kept);
  const auto chunk = [&](std::uint32_t number) {
    return keys.chunk(in_chunks(*kept.make(), settings.chunk).id, number);
  };
  const auto last = server.ask({"GET", chunk(7)}).text;
  ASSERT_FALSE(last.empty());
  const auto used = node.memory.budget().used();

  server.ask({"DEL", chunk(7)});
  EXPECT_EQ(node.body(), "incomplete");
  const std::string rows[] = {"garbage", server.ask({"GET", chunk(6)}).text, last.substr(0, 1000)};
  for (const auto& row : rows) {
    server.ask({"SET", chunk(7), row});
    EXPECT_EQ(node.body(), "corrupt");
    node.finish();
    EXPECT_EQ(node.body(), "incomplete");  // so that it is written again
  }
  server.ask({"SET", chunk(7), last});
  EXPECT_EQ(node.body(), kept.body);
  server.ask({"DEL", chunk(0)});
  EXPECT_EQ(node.body(), "incomplete");
  EXPECT_EQ(node.memory.budget().used(), used);
}

/// Another node may allow larger ones.
TEST_F(RedisTierTest, BodiesAboveTheLimitAreNeitherWrittenNorRead) {
  Node one(settings, clock);
  one.store(fresh({.body = text(200'000)}));
  settings.max_body = 199'999;
  Node other(settings, clock);
  EXPECT_EQ(other.body(), "too_large");
  other.store(fresh({.body = text(200'000)}));
  EXPECT_EQ(other.count(RedisStore::too_large), 1u);
}

// ---- Limits ----------------------------------------------------------------------------------------------

TEST_F(RedisTierTest, ConcurrentLookupsAreMadeOnce) {
  Node one(settings, clock);
  one.store(fresh({.body = text(500'000)}));
  Node other(settings, clock);
  std::vector<std::optional<RedisTier::Lookup>> found(50);
  const http::Fields request;
  server.pause();
  for (auto& each : found) other.start(other.tier->find(cache::primary_key(kKey), request, {}), each);
  server.resume();
  for (auto& each : found) {
    other.run_until([&] { return each.has_value(); });
    ASSERT_TRUE(each && each->response);
    EXPECT_EQ(each->response, found[0]->response);
  }
  EXPECT_EQ(other.metrics.redis_calls.value(), 2u);  // the record and one group of chunks
  EXPECT_EQ(other.count(RedisLookup::hit), 50u);
}

/// Digests may collide, also on purpose.
TEST_F(RedisTierTest, ConcurrentLookupsOfOneDigestAreNotTakenForOneAnother) {
  Node node(settings, clock);
  node.store(fresh());
  std::optional<RedisTier::Lookup> one, other;
  const http::Fields request;
  server.pause();
  node.start(node.tier->find(cache::primary_key(kKey), request, {}), one);
  node.start(node.tier->find({"http://b:80/", digest(kKey)}, request, {}), other);
  server.resume();
  node.run_until([&] { return one && other; });
  EXPECT_EQ(one->result, RedisLookup::hit);
  EXPECT_EQ(other->result, RedisLookup::corrupt);
}

/// While nodes are reconfigured one by one.
TEST_F(RedisTierTest, NodesThatCutBodiesOtherwiseShareThem) {
  const auto kept = fresh({.body = text(1'000'000)});
  Node one(settings, clock);
  one.store(kept);
  settings.chunk = 64 << 10;
  Node other(settings, clock);
  EXPECT_EQ(other.body(), kept.body);
  other.store(kept);
  EXPECT_EQ(one.body(), kept.body);
}

TEST_F(RedisTierTest, WhoIsCancelledLeavesTheOthersAlone) {
  Node node(settings, clock);
  node.store(fresh());
  server.pause();
  io::Cancel cancel;
  std::optional<RedisTier::Lookup> one, other;
  const http::Fields request;
  node.start(node.tier->find(cache::primary_key(kKey), request, {0ms, &cancel}), one);
  node.start(node.tier->find(cache::primary_key(kKey), request, {}), other);
  cancel.request();
  node.run_until([&] { return one.has_value(); });
  EXPECT_EQ(one->result, RedisLookup::cancelled);
  EXPECT_FALSE(other);
  server.resume();
  node.run_until([&] { return other.has_value(); });
  EXPECT_EQ(other->result, RedisLookup::hit);
}

TEST_F(RedisTierTest, ALookupEndsInTimeWhenRedisDoesNotAnswer) {
  settings.timeout = 100ms;
  Node node(settings, clock);
  node.store(fresh());
  server.pause();
  EXPECT_EQ(node.find(kKey, {}, {20ms, nullptr}).result, RedisLookup::timeout);
  EXPECT_EQ(node.find().result, RedisLookup::timeout);
  EXPECT_EQ(node.count(RedisLookup::timeout), 2u);
  node.store(fresh());
  EXPECT_EQ(node.count(RedisStore::failed), 1u);
  server.resume();
}

TEST_F(RedisTierTest, WithoutRedisEverythingIsAMiss) {
  Node node(settings, clock);
  server.kill();
  EXPECT_EQ(node.body(), "unavailable");
  node.store(fresh());
  EXPECT_EQ(node.count(RedisStore::failed), 1u);
  EXPECT_EQ(node.queue.used(), 0u);
}

TEST_F(RedisTierTest, WhatFindsTheQueueFullIsDropped) {
  Node node(settings, clock, 256 << 20, 250'000);
  for (int i = 0; i < 5; ++i) node.tier->store(fresh({.body = text(100'000)}).make(), {});
  EXPECT_EQ(node.count(RedisStore::dropped), 3u);
  EXPECT_GT(node.metrics.redis_queued_bytes.value(), 200'000);
  EXPECT_LE(node.queue.used(), 250'000u);
  node.finish();
  EXPECT_EQ(node.count(RedisStore::written), 2u);
  EXPECT_EQ(node.queue.used(), 0u);
  EXPECT_EQ(node.metrics.redis_queued_bytes.value(), 0);
  node.store(fresh());
  EXPECT_EQ(node.body(), "hello");
}

TEST_F(RedisTierTest, WhatIsReadIsChargedAsLongAsItIsHeld) {
  Node one(settings, clock);
  one.store(fresh({.body = text(600'000)}));
  Node other(settings, clock);
  auto& budget = other.memory.budget();
  const auto before = budget.used();
  {
    const auto found = other.find();
    ASSERT_TRUE(found.response);
    EXPECT_EQ(budget.used() - before, BodyBuilder::charge_of(600'000));
    EXPECT_EQ(budget.used(ChargeKind::bodies), BodyBuilder::charge_of(600'000));
  }
  EXPECT_EQ(budget.used(), before);
}

TEST_F(RedisTierTest, WithoutRoomInMemoryItIsAMiss) {
  Node one(settings, clock);
  one.store(fresh({.body = text(1'500'000)}));
  const MemoryTier empty({.size = 1 << 20}, 1);
  Node other(settings, clock, empty.budget().used() + (1 << 20));
  EXPECT_EQ(other.body(), "no_room");
}

TEST_F(RedisTierTest, GoesAwayInTheMiddleOfEverything) {
  Node node(settings, clock);
  node.store(fresh({.body = text(600'000)}));
  server.pause();
  std::optional<RedisTier::Lookup> found;
  const http::Fields request;
  node.start(node.tier->find(cache::primary_key(kKey), request, {}), found);
  for (int i = 0; i < 20; ++i)
    node.tier->store(fresh({.key = "http://a:80/" + std::to_string(i), .body = text(100'000)}).make(), {});
  node.settle();
  node.tier.reset();
  node.client.reset();
  node.run_until([&] { return found && node.queue.used() == 0; });
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->response);
  EXPECT_EQ(node.queue.used(), 0u);
  server.resume();
}

}  // namespace
}  // namespace forebay::tier::testing
