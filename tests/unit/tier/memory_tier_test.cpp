#include "forebay/tier/memory_tier.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "shard.hpp"
#include "stored.hpp"

namespace forebay::tier::testing {
namespace {

using cache::PurgeKind;
using cache::PurgeMode;
using cache::StoreVerdict;

constexpr std::string_view kKey = "http://a:80/";

MemorySettings sized(std::uint64_t size) { return {.size = size, .max_body = 1 << 20}; }

/// Room for `bytes` beyond what the empty tables take.
MemorySettings with_room(std::uint64_t bytes) {
  const MemoryTier empty(sized(0), 1);
  return sized(empty.budget().used() + bytes);
}

// ---- finding --------------------------------------------------------------------------------------------

TEST(MemoryTier, FindsWhatWasStored) {
  MemoryTier tier(sized(1 << 20), 1);
  EXPECT_FALSE(find(tier, kKey).key_known);
  EXPECT_EQ(put(tier, {}), StoreVerdict::stored);
  EXPECT_EQ(body_found(tier, kKey), "hello");
  EXPECT_TRUE(find(tier, kKey).key_known);
  EXPECT_EQ(tier.entries(), 1u);
  EXPECT_FALSE(find(tier, "http://a:80/other").key_known);
}

TEST(MemoryTier, ComparesTheWholeKeyAndNotItsDigestAlone) {
  MemoryTier tier(sized(1 << 20), 1);
  const auto shared = digest(kKey);
  EXPECT_EQ(tier.insert(shared, stored({.key = "http://b:80/", .body = "of b"})), StoreVerdict::stored);
  EXPECT_FALSE(find(tier, kKey).key_known);
  EXPECT_EQ(tier.insert(shared, stored({.body = "of a"})), StoreVerdict::stored);
  EXPECT_EQ(body_found(tier, kKey), "of a");
  EXPECT_EQ(tier.entries(), 2u);
  std::string scratch;
  const auto found = tier.find({"http://b:80/", shared}, {}, scratch);
  ASSERT_TRUE(found.response);
  EXPECT_EQ(found.response->key(), "http://b:80/");
}

// ---- replacing, by Vary ---------------------------------------------------------------------------------

TEST(MemoryTier, ReplacesTheResponseForTheSameVariant) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {.body = "old"});
  const auto used = tier.budget().used();
  put(tier, {.body = "new"});
  EXPECT_EQ(body_found(tier, kKey), "new");
  EXPECT_EQ(tier.entries(), 1u);
  EXPECT_EQ(tier.budget().used(), used);
}

TEST(MemoryTier, KeepsVariantsApart) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {.body = "json", .vary = "accept", .accept = "application/json"});
  put(tier, {.body = "html", .vary = "accept", .accept = "text/html"});
  put(tier, {.body = "none", .vary = "accept"});
  EXPECT_EQ(tier.entries(), 3u);
  EXPECT_EQ(body_found(tier, kKey, accepting("application/json")), "json");
  EXPECT_EQ(body_found(tier, kKey, accepting("text/html")), "html");
  EXPECT_EQ(body_found(tier, kKey), "none");
  put(tier, {.body = "json 2", .vary = "accept", .accept = "application/json"});
  EXPECT_EQ(tier.entries(), 3u);
  EXPECT_EQ(body_found(tier, kKey, accepting("application/json")), "json 2");
}

TEST(MemoryTier, NamesAnotherVariantWhenNoneMatches) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {.vary = "accept", .accept = "text/html"});
  const auto found = find(tier, kKey, accepting("image/png"));
  EXPECT_FALSE(found.response);
  EXPECT_TRUE(found.key_known);
  ASSERT_TRUE(found.other);
  EXPECT_EQ(found.other->vary_names(), "accept");
}

TEST(MemoryTier, ResponsesThatVaryAndOnesThatDoNotExcludeEachOther) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {.body = "plain"});
  put(tier, {.body = "html", .vary = "accept", .accept = "text/html"});
  EXPECT_EQ(tier.entries(), 1u);
  EXPECT_EQ(body_found(tier, kKey), "-");
  put(tier, {.body = "json", .vary = "accept", .accept = "application/json"});
  put(tier, {.body = "plain again"});
  EXPECT_EQ(tier.entries(), 1u);
  EXPECT_EQ(body_found(tier, kKey, accepting("text/html")), "plain again");
}

/// RFC 9111 §4.1: when the set of names has changed, several may match.
TEST(MemoryTier, GivesTheMostRecentOfSeveralThatMatch) {
  for (const bool newer_first : {true, false}) {
    MemoryTier tier(sized(1 << 20), 1);
    const Said older{.body = "older", .vary = "accept", .accept = "a", .after = seconds(1)};
    const Said newer{.body = "newer", .vary = "accept-language", .accept = "b", .after = seconds(2)};
    put(tier, newer_first ? newer : older);
    put(tier, newer_first ? older : newer);
    EXPECT_EQ(tier.entries(), 2u);
    auto request = accepting("a");
    request.add("Accept-Language", "b");
    EXPECT_EQ(body_found(tier, kKey, request), "newer");
    EXPECT_EQ(body_found(tier, kKey, accepting("a")), "older");
  }
}

/// RFC 9111 §4: the Date tells, not when it came; without it, or where it is the same, when it came.
TEST(MemoryTier, TheLatestDateIsTheMostRecent) {
  const std::string early = "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:01 GMT\r\n";
  const std::string late = "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:02 GMT\r\n";
  const std::string broken = "HTTP/1.1 200 OK\r\nDate: yesterday\r\n";
  struct Row {
    std::string first, second;
    std::string_view found;
  };
  const Row rows[] = {{late, early, "first"},
                      {early, late, "second"},
                      {late, late, "second"},
                      {late, broken, "second"},
                      {broken, early, "second"}};
  for (const auto& row : rows) {
    MemoryTier tier(sized(1 << 20), 1);
    put(tier, {.body = "first", .vary = "accept", .accept = "a", .after = seconds(1), .head = row.first});
    put(tier, {.body = "second",
               .vary = "accept-language",
               .accept = "b",
               .after = seconds(2),
               .head = row.second});
    auto request = accepting("a");
    request.add("Accept-Language", "b");
    EXPECT_EQ(body_found(tier, kKey, request), row.found) << row.first << row.second;
  }
}

TEST(MemoryTier, BoundsTheVariantsOfAKey) {
  MemoryTier tier(sized(16 << 20), 1);
  for (std::size_t i = 0; i < Shard::kMaxVariants + 10; ++i)
    put(tier, {.vary = "accept", .accept = "v" + std::to_string(i), .after = seconds(i)});
  EXPECT_EQ(tier.entries(), Shard::kMaxVariants);
  EXPECT_EQ(tier.evictions(), 10u);
  EXPECT_FALSE(find(tier, kKey, accepting("v9")).response);
  EXPECT_TRUE(find(tier, kKey, accepting("v10")).response);
}

TEST(MemoryTier, PutsAFreshenedResponseInPlaceOfTheOldOne) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {});
  const auto heads = tier.budget().used(ChargeKind::heads);
  auto old = find(tier, kKey).response;
  const auto fresh = stored({.after = seconds(9), .head = "HTTP/1.1 200 OK\r\nX: longer\r\n"});
  EXPECT_EQ(StoreVerdict::stored, tier.replace(digest(kKey), *old, fresh));
  EXPECT_EQ(find(tier, kKey).response, fresh);
  EXPECT_EQ(tier.entries(), 1u);
  EXPECT_EQ(tier.budget().used(ChargeKind::heads), heads + 11);
  EXPECT_EQ(tier.replace(digest(kKey), *old, stored({})), StoreVerdict::superseded);
  EXPECT_EQ(find(tier, kKey).response, fresh);
  old.reset();
  tier.invalidate(cache::primary_key(kKey));
  EXPECT_EQ(tier.budget().used(), MemoryTier(sized(1 << 20), 1).budget().used());
}

TEST(MemoryTier, AReplacementMayHaveAnotherBody) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {.body = std::string(5000, 'x')});
  auto old = find(tier, kKey).response;
  const auto fresh = stored({.body = "short"}, &tier.budget());
  EXPECT_EQ(StoreVerdict::stored, tier.replace(digest(kKey), *old, fresh));
  old.reset();
  EXPECT_EQ(tier.budget().used(ChargeKind::bodies), charge_of(*fresh->body()));
  EXPECT_EQ(tier.budget().used(ChargeKind::in_flight), 0u);
}

TEST(MemoryTier, AFreshenedResponseThatWasEvictedIsStoredAgain) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {});
  const auto old = find(tier, kKey).response;
  tier.erase(digest(kKey), *old);
  EXPECT_FALSE(find(tier, kKey).key_known);
  const auto fresh = stored({.after = seconds(9)});
  EXPECT_EQ(tier.replace(digest(kKey), *old, fresh), StoreVerdict::stored);
  EXPECT_EQ(find(tier, kKey).response, fresh);
  EXPECT_EQ(tier.entries(), 1u);
}

TEST(MemoryTier, AFreshenedResponseDoesNotTakeTheNewerOnesPlace) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {});
  const auto old = find(tier, kKey).response;
  put(tier, {.body = "newer"});
  EXPECT_EQ(tier.replace(digest(kKey), *old, stored({.after = seconds(9)})), StoreVerdict::superseded);
  EXPECT_EQ(body_found(tier, kKey), "newer");
}

TEST(MemoryTier, ErasesOneResponseOnly) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {.vary = "accept", .accept = "a"});
  put(tier, {.vary = "accept", .accept = "b"});
  const auto a = find(tier, kKey, accepting("a")).response;
  tier.erase(digest(kKey), *a);
  EXPECT_FALSE(find(tier, kKey, accepting("a")).response);
  EXPECT_TRUE(find(tier, kKey, accepting("b")).response);
  tier.erase(digest(kKey), *a);
  EXPECT_EQ(tier.entries(), 1u);
}

TEST(MemoryTier, AFreshenedResponseStaysInsideTheBudget) {
  MemoryTier tier(with_room(2000), 1);
  put(tier, {});
  const auto old = find(tier, kKey).response;
  EXPECT_NE(StoreVerdict::stored,
            tier.replace(digest(kKey), *old, stored({.head = "X: " + std::string(3000, 'x') + "\r\n"})));
  EXPECT_LE(tier.budget().used(), tier.budget().limit());
}

// ---- invalidation ---------------------------------------------------------------------------------------

TEST(MemoryTier, InvalidationErasesAllVariants) {
  MemoryTier tier(sized(1 << 20), 1);
  const auto before = tier.budget().used();
  put(tier, {.vary = "accept", .accept = "a"});
  put(tier, {.vary = "accept", .accept = "b"});
  put(tier, {.key = "http://b:80/"});
  const auto position = tier.invalidate(cache::primary_key(kKey)).position;
  EXPECT_EQ(position, tier.log().position());
  EXPECT_FALSE(find(tier, kKey).key_known);
  EXPECT_TRUE(find(tier, "http://b:80/").key_known);
  const auto again = tier.invalidate(cache::primary_key(kKey));
  EXPECT_GT(again.position, position) << "also when nothing is there";
  EXPECT_EQ(again.previous, position);
  EXPECT_EQ(tier.entries(), 1u);
  tier.invalidate(cache::primary_key("http://b:80/"));
  EXPECT_EQ(tier.budget().used(), before);
}

TEST(MemoryTier, AFetchThatAnInvalidationOvertookIsNotStored) {
  MemoryTier tier(sized(1 << 20), 1);
  const auto used = tier.budget().used();
  const auto started = tier.log().position();
  tier.invalidate(cache::primary_key(kKey));
  EXPECT_EQ(put(tier, {.position = started}), StoreVerdict::invalidated);
  EXPECT_EQ(tier.budget().used(), used);
  EXPECT_EQ(put(tier, {.key = "http://b:80/", .position = started}), StoreVerdict::stored);
  EXPECT_EQ(put(tier, {.position = tier.log().position()}), StoreVerdict::stored);
}

TEST(MemoryTier, AnInvalidationReachesTheQueriesOfItsUri) {
  MemoryTier tier(sized(1 << 20), 1);
  std::string key(kKey);
  cache::append_query_content(key, {}, "red");
  put(tier, {.key = key});
  put(tier, {});
  const auto begun = tier.log().position();
  EXPECT_EQ(body_found(tier, key), "hello");
  tier.invalidate(cache::primary_key(kKey));
  EXPECT_FALSE(find(tier, key).key_known);
  EXPECT_EQ(put(tier, {.key = key, .position = begun}), StoreVerdict::invalidated);
  EXPECT_EQ(put(tier, {.key = key, .body = "new", .position = tier.log().position()}), StoreVerdict::stored);
  EXPECT_EQ(body_found(tier, key), "new");
  EXPECT_EQ(tier.entries(), 1u);
}

TEST(MemoryTier, AValidationThatAnInvalidationOvertookRevivesNothing) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {});
  const auto old = find(tier, kKey).response;
  const auto fresh = stored({.position = tier.log().position()});
  tier.invalidate(cache::primary_key(kKey));
  put(tier, {.body = "after", .position = tier.log().position()});
  EXPECT_EQ(tier.replace(digest(kKey), *old, fresh), StoreVerdict::invalidated);
  EXPECT_EQ(body_found(tier, kKey), "after");
}

// ---- the budget -----------------------------------------------------------------------------------------

TEST(MemoryTier, RefusesWhatIsTooLarge) {
  MemoryTier tier({.size = 1 << 20, .max_body = 100}, 1);
  EXPECT_EQ(put(tier, {.body = std::string(101, 'x')}), StoreVerdict::too_large);
  EXPECT_EQ(put(tier, {.body = std::string(100, 'x')}), StoreVerdict::stored);
}

TEST(MemoryTier, RefusesWhatDoesNotFitAnEmptyTier) {
  MemoryTier tier(with_room(5000), 1);
  put(tier, {.key = "http://small:80/"});
  EXPECT_EQ(put(tier, {.body = std::string(6000, 'x')}), StoreVerdict::too_few_uses);
  EXPECT_EQ(put(tier, {.body = std::string(6000, 'x')}), StoreVerdict::no_room);
  auto lru = with_room(5000);
  lru.eviction = Eviction::lru;
  MemoryTier plain(lru, 1);
  EXPECT_EQ(put(plain, {.body = std::string(6000, 'x')}), StoreVerdict::no_room);
  lru.size = 0;
  MemoryTier none(lru, 1);
  EXPECT_EQ(put(none, {}), StoreVerdict::no_room);
}

// ---- what is taken in -----------------------------------------------------------------------------------

TEST(MemoryTier, WhatIsLargerThanTheSmallQueueIsStoredAtItsSecondMiss) {
  for (const auto eviction : {Eviction::balanced, Eviction::size_aware}) {
    auto settings = with_room(100'000);
    settings.eviction = eviction;
    MemoryTier tier(settings, 1);
    const Said large{.body = std::string(20'000, 'x')};
    EXPECT_EQ(put(tier, large), StoreVerdict::too_few_uses);
    EXPECT_EQ(tier.budget().used(ChargeKind::bodies), 0u);
    EXPECT_EQ(put(tier, large), StoreVerdict::stored);
    EXPECT_EQ(put(tier, large), StoreVerdict::stored) << "what is there is replaced";
    EXPECT_EQ(tier.entries(), 1u);
  }
}

TEST(MemoryTier, IsAskedBeforeABodyComes) {
  MemoryTier tier(with_room(100'000), 1);
  const auto key = cache::primary_key(kKey);
  EXPECT_TRUE(tier.admit(key, 5000));
  EXPECT_FALSE(tier.admit(key, 20'000));
  EXPECT_TRUE(tier.admit(key, 20'000));
  EXPECT_EQ(put(tier, {.body = std::string(20'000, 'x')}), StoreVerdict::stored);
  EXPECT_TRUE(tier.admit(key, 50'000)) << "it would replace what is there";
}

TEST(MemoryTier, AdmitsAtTheMissThatIsAskedFor) {
  for (const auto eviction : {Eviction::lru, Eviction::balanced, Eviction::size_aware}) {
    auto settings = sized(1 << 20);
    settings.eviction = eviction;
    MemoryTier tier(settings, 1);
    const auto key = cache::primary_key(kKey);
    for (int miss = 1; miss <= 5; ++miss) EXPECT_EQ(tier.admit(key, 5, 3), miss >= 3) << miss;
    const auto other = cache::primary_key("http://a:80/other");
    EXPECT_FALSE(tier.admit(other, 5, 3));
    EXPECT_TRUE(tier.admit(other, 5, 1));
    put(tier, {.key = "http://a:80/other"});
    EXPECT_TRUE(tier.admit(other, 5, 3)) << "it is there";
  }
}

TEST(MemoryTier, AScanDoesNotTakeWhatIsHot) {
  for (const auto eviction : {Eviction::lru, Eviction::balanced, Eviction::size_aware}) {
    auto settings = with_room(200'000);
    settings.eviction = eviction;
    MemoryTier tier(settings, 1);
    const auto hot = [](int i) { return "http://hot:80/" + std::to_string(i); };
    for (int i = 0; i < 50; ++i) put(tier, {.key = hot(i), .body = std::string(1000, 'h')});
    for (int pass = 0; pass < 3; ++pass)
      for (int i = 0; i < 50; ++i) EXPECT_TRUE(find(tier, hot(i)).response);
    for (int i = 0; i < 2000; ++i)
      put(tier, {.key = "http://scan:80/" + std::to_string(i), .body = std::string(1000, 's')});
    int left = 0;
    for (int i = 0; i < 50; ++i) left += find(tier, hot(i)).response ? 1 : 0;
    EXPECT_EQ(left, eviction == Eviction::lru ? 0 : 50);
  }
}

TEST(MemoryTier, WhatHasExpiredLeavesFirst) {
  MemoryTier tier(with_room(20'000), 1);
  put(tier, {.key = "http://old:80/", .body = std::string(1000, 'x')});
  for (int i = 0; i < 5; ++i) find(tier, "http://old:80/");
  for (int i = 0; i < 8; ++i)
    put(tier,
        {.key = "http://a:80/" + std::to_string(i), .body = std::string(1000, 'x'), .after = seconds(90)});
  tier.make_room(tier.budget().limit() - tier.budget().used() + 1);
  EXPECT_EQ(tier.evictions(), 1u);
  EXPECT_FALSE(find(tier, "http://old:80/").key_known);
}

TEST(MemoryTier, ChargesWhatItHoldsByKind) {
  MemoryTier tier(sized(1 << 20), 1);
  const auto& budget = tier.budget();
  const auto tables = budget.used(ChargeKind::bookkeeping);
  EXPECT_GT(tables, 0u);
  auto response = stored({.body = std::string(1000, 'x')}, &tier.budget());
  tier.insert(digest(kKey), response);
  EXPECT_EQ(budget.used(ChargeKind::heads), response->charge());
  EXPECT_EQ(budget.used(ChargeKind::bodies), charge_of(*response->body()));
  EXPECT_EQ(budget.used(ChargeKind::in_flight), 0u);
  EXPECT_GT(budget.used(ChargeKind::bookkeeping), tables);
  tier.invalidate(cache::primary_key(kKey));
  EXPECT_EQ(budget.used(), budget.used(ChargeKind::bodies) + tables) << "its body is still held here";
  response.reset();
  EXPECT_EQ(budget.used(), tables);
}

TEST(MemoryTier, NeverExceedsItsBudget) {
  MemoryTier tier(with_room(100'000), 1);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(put(tier, {.key = "http://a:80/" + std::to_string(i), .body = std::string(i * 37 % 9000, 'x')}),
              StoreVerdict::stored);
    ASSERT_LE(tier.budget().used(), tier.budget().limit());
  }
  EXPECT_GT(tier.evictions(), 0u);
  EXPECT_GT(tier.evicted_bytes(), 0u);
  EXPECT_EQ(tier.entries() + tier.evictions(), 500u);
}

TEST(MemoryTier, EvictsForReservations) {
  MemoryTier tier(with_room(100'000), 1);
  for (int i = 0; i < 50; ++i)
    put(tier, {.key = "http://a:80/" + std::to_string(i), .body = std::string(1000, 'x')});
  {
    Reservation reserved(tier.budget());
    EXPECT_TRUE(tier.reserve(reserved, 90'000));
    EXPECT_LE(tier.budget().used(), tier.budget().limit());
    EXPECT_GT(tier.evictions(), 0u);
    EXPECT_FALSE(tier.reserve(reserved, 20'000));
    EXPECT_FALSE(tier.reserve(reserved, UINT64_MAX));
    EXPECT_EQ(tier.entries(), 0u);
  }
  EXPECT_EQ(tier.budget().used(ChargeKind::in_flight), 0u);
  EXPECT_TRUE(tier.make_room(90'000));
  EXPECT_FALSE(tier.make_room(UINT64_MAX));
}

TEST(MemoryTier, ASmallerBudgetTakesEffectAtOnce) {
  MemoryTier tier(with_room(100'000), 1);
  for (int i = 0; i < 50; ++i)
    put(tier, {.key = "http://a:80/" + std::to_string(i), .body = std::string(1000, 'x')});
  auto smaller = with_room(10'000);
  smaller.max_body = 10;
  tier.reconfigure(smaller);
  EXPECT_LE(tier.budget().used(), smaller.size);
  EXPECT_GT(tier.entries(), 0u);
  EXPECT_EQ(tier.max_body(), 10u);
}

TEST(MemoryTier, WhatWasUsedLastInItsShardIsEvictedLast) {
  MemoryTier tier(with_room(200'000), 1);
  const auto one_shard = digest("all keys of this test");
  const auto put_there = [&](int i) {
    auto response =
        stored({.key = "http://a:80/" + std::to_string(i), .body = std::string(1000, 'x')}, &tier.budget());
    EXPECT_EQ(tier.insert(one_shard, std::move(response)), StoreVerdict::stored);
  };
  const auto is_there = [&](int i) {
    const auto key = "http://a:80/" + std::to_string(i);
    std::string scratch;
    return tier.find({key, one_shard}, {}, scratch).response != nullptr;
  };
  for (int i = 0; i < 8; ++i) put_there(i);
  for (int i = 8; i < 300; ++i) {
    for (int hot = 0; hot < 4; ++hot) ASSERT_TRUE(is_there(hot)) << hot << " after " << i;
    put_there(i);
  }
  EXPECT_GT(tier.evictions(), 100u);
  EXPECT_FALSE(is_there(4));
}

TEST(MemoryTier, WhatIsEvictedStaysWithWhoeverSendsIt) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {});
  const auto sending = find(tier, kKey).response;
  tier.invalidate(cache::primary_key(kKey));
  EXPECT_EQ(sending->body_size(), 5u);
  EXPECT_EQ(sending->use_count(), 1u);
}

TEST(MemoryTier, BodiesAreChargedUntilTheirLastHolderLetsGo) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {.body = std::string(5000, 'x')});
  auto sending = find(tier, kKey).response;
  tier.invalidate(cache::primary_key(kKey));
  EXPECT_EQ(tier.budget().used(ChargeKind::heads), 0u);
  EXPECT_EQ(tier.budget().used(ChargeKind::bodies), charge_of(*sending->body()));
  sending.reset();
  EXPECT_EQ(tier.budget().used(ChargeKind::bodies), 0u);
}

TEST(MemoryTier, WhatIsBeingSentIsNotEvicted) {
  MemoryTier tier(with_room(20'000), 1);
  for (int miss = 0; miss < 2; ++miss) put(tier, {.key = "http://sent:80/", .body = std::string(5000, 'x')});
  auto sending = find(tier, "http://sent:80/").response;
  for (int i = 0; i < 100; ++i)
    put(tier, {.key = "http://a:80/" + std::to_string(i), .body = std::string(1000, 'x')});
  EXPECT_GT(tier.evictions(), 50u);
  EXPECT_EQ(find(tier, "http://sent:80/").response, sending);
  EXPECT_FALSE(tier.make_room(16'000)) << "all others are gone";
  sending.reset();
  EXPECT_TRUE(tier.make_room(16'000));
}

TEST(MemoryTier, WhatIsNeededInAnyCaseIsChargedEvenWhenItDoesNotFit) {
  MemoryTier tier(with_room(10'000), 1);
  put(tier, {.body = std::string(5000, 'x')});
  const auto tables = MemoryTier(with_room(10'000), 1).budget().used();
  Reservation buffers(tier.budget(), ChargeKind::buffers);
  tier.insist(buffers, 9'000);
  EXPECT_EQ(tier.entries(), 0u);
  tier.insist(buffers, 9'000);
  EXPECT_EQ(tier.budget().used(), tables + 18'000);
  EXPECT_EQ(tier.budget().used(ChargeKind::buffers), 18'000u);
}

TEST(MemoryTier, AShardHoldsSixteenOfTheLargestBodies) {
  struct Row {
    std::uint64_t size, max_body;
    unsigned workers;
    std::size_t shards;
  };
  const Row rows[] = {
      {1 << 30, 1 << 20, 0, 16},   {1 << 30, 1 << 20, 1, 16},   {1 << 30, 1 << 20, 3, 64},
      {1 << 30, 1 << 20, 64, 64},  {256 << 20, 16 << 20, 2, 1}, {512 << 20, 16 << 20, 2, 2},
      {767 << 20, 16 << 20, 2, 2}, {1 << 20, 1 << 20, 2, 1},    {0, 1 << 20, 2, 1},
      {1 << 20, 0, 2, 32},
  };
  for (const auto& row : rows) {
    const MemorySettings settings{.size = row.size, .max_body = row.max_body};
    EXPECT_EQ(MemoryTier::shards_for(settings, row.workers).count, row.shards)
        << row.size << " " << row.max_body << " " << row.workers;
  }
  EXPECT_EQ(MemoryTier({.size = 64 << 20, .max_body = 1 << 20}, 1).shards(), 4u);
  EXPECT_EQ(MemoryTier({.size = 1 << 20}, MemoryTier::Shards{8}).shards(), 8u);
}

TEST(MemoryTier, ATagTakesEverythingThatHasIt) {
  MemoryTier tier({.size = 1 << 20}, 1);
  const Digest red{1, 1}, blue{2, 2};
  put(tier, {.key = "http://a:80/1", .body = "1", .tags = {red}});
  put(tier, {.key = "http://a:80/2", .body = "2", .tags = {blue, red}});
  put(tier, {.key = "http://a:80/3", .body = "3", .tags = {blue}});
  put(tier, {.key = "http://a:80/4", .body = "4"});
  const auto used = tier.budget().used();
  tier.invalidate_tag(red);
  EXPECT_EQ(body_found(tier, "http://a:80/1"), "-");
  EXPECT_EQ(body_found(tier, "http://a:80/2"), "-");
  EXPECT_EQ(body_found(tier, "http://a:80/3"), "3");
  EXPECT_EQ(body_found(tier, "http://a:80/4"), "4");
  EXPECT_LT(tier.budget().used(), used);
  EXPECT_EQ(tier.entries(), 2u);
  EXPECT_FALSE(find(tier, "http://a:80/1").key_known);
}

TEST(MemoryTier, WhatIsFetchedAfterATagsInvalidationStays) {
  MemoryTier tier({.size = 1 << 20}, 1);
  const Digest red{1, 1};
  const auto before = tier.log().position();
  tier.invalidate_tag(red);
  EXPECT_EQ(put(tier, {.position = before, .tags = {red}}), cache::StoreVerdict::invalidated);
  EXPECT_EQ(put(tier, {.position = tier.log().position(), .tags = {red}}), cache::StoreVerdict::stored);
  for (int i = 0; i < 3; ++i) {
    tier.invalidate_tag({9, static_cast<std::uint64_t>(i)});
    EXPECT_EQ(body_found(tier, "http://a:80/"), "hello");
  }
  tier.invalidate_tag(red);
  EXPECT_EQ(body_found(tier, "http://a:80/"), "-");
}

TEST(MemoryTier, AFreshenedResponseIsJudgedByItsNewTags) {
  MemoryTier tier({.size = 1 << 20}, 1);
  const Digest red{1, 1}, blue{2, 2};
  put(tier, {.tags = {red}});
  const auto old = find(tier, "http://a:80/").response;
  const auto position = tier.log().position();
  tier.invalidate_tag(blue);
  EXPECT_EQ(body_found(tier, "http://a:80/"), "hello");
  EXPECT_EQ(tier.replace(digest("http://a:80/"), *old, stored({.position = position, .tags = {red, blue}})),
            cache::StoreVerdict::invalidated);
}

// ---- purges ---------------------------------------------------------------------------------------------

cache::Purge purge(cache::PurgeKind kind, std::string_view text, PurgeMode mode = PurgeMode::hard) {
  auto made = cache::Purge::parse(kind, text).value();
  made.mode = mode;
  made.at = kNow + seconds(5);
  return made;
}

struct Walked {
  std::size_t seen = 0;
  std::size_t erased = 0;
};
Walked walk_over(MemoryTier& tier) {
  Walked walked;
  MemoryTier::Walk at;
  while (tier.walk(at, [&](const cache::StoredResponse&, bool erased) {
    ++walked.seen;
    if (erased) ++walked.erased;
  })) {
  }
  return walked;
}

TEST(MemoryTier, AHardPurgeIsFoundAtTheNextLook) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {.key = "http://a:80/x/1", .vary = "accept", .accept = "a"});
  put(tier, {.key = "http://a:80/x/1", .vary = "accept", .accept = "b"});
  put(tier, {.key = "http://a:80/y"});
  tier.log().append(purge(PurgeKind::prefix, "/x/"));
  EXPECT_EQ(tier.entries(), 3u);
  EXPECT_FALSE(find(tier, "http://a:80/x/1", accepting("a")).key_known);
  EXPECT_EQ(tier.entries(), 1u) << "all variants";
  EXPECT_EQ(body_found(tier, "http://a:80/y"), "hello");
}

TEST(MemoryTier, ASoftPurgeIsToldWithWhatIsFound) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {});
  EXPECT_FALSE(find(tier, kKey).purged);
  tier.log().append(purge(PurgeKind::host, "a", PurgeMode::refresh));
  EXPECT_EQ(find(tier, kKey).purged.mode, PurgeMode::refresh);
  tier.log().append(purge(PurgeKind::host, "a", PurgeMode::soft));
  tier.log().append(purge(PurgeKind::host, "b", PurgeMode::soft));
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(find(tier, kKey).purged, (cache::Purged{PurgeMode::soft, kNow + seconds(5)}));
  put(tier, {.position = tier.log().position()});
  EXPECT_FALSE(find(tier, kKey).purged) << "fetched anew";
}

TEST(MemoryTier, AValidatedResponseIsCleanAgain) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {});
  const auto begun = tier.log().position();
  tier.log().append(purge(PurgeKind::everything, "", PurgeMode::soft));
  const auto old = find(tier, kKey).response;
  EXPECT_EQ(tier.replace(digest(kKey), *old, stored({.position = begun})), StoreVerdict::stored);
  const auto overtaken = find(tier, kKey);
  EXPECT_EQ(overtaken.purged.mode, PurgeMode::soft) << "it was asked for before the purge";
  EXPECT_EQ(tier.replace(digest(kKey), *overtaken.response, stored({.position = tier.log().position()})),
            StoreVerdict::stored);
  EXPECT_FALSE(find(tier, kKey).purged);
}

TEST(MemoryTier, AFetchThatASoftPurgeOvertookIsBornStale) {
  for (const auto mode : {PurgeMode::soft, PurgeMode::refresh}) {
    MemoryTier tier(sized(1 << 20), 1);
    const auto begun = tier.log().position();
    tier.log().append(purge(PurgeKind::prefix, "/", mode));
    EXPECT_EQ(put(tier, {.body = "early", .position = begun}), StoreVerdict::stored);
    EXPECT_EQ(find(tier, kKey).purged.mode, PurgeMode::soft);
    EXPECT_EQ(put(tier, {.body = "late", .position = tier.log().position()}), StoreVerdict::stored);
    EXPECT_EQ(put(tier, {.body = "early", .position = begun}), StoreVerdict::superseded);
    EXPECT_EQ(body_found(tier, kKey), "late");
    EXPECT_FALSE(find(tier, kKey).purged);
  }
}

TEST(MemoryTier, AWalkSeesEverythingOnceAndErasesWhatHasBeenPurged) {
  MemoryTier tier(sized(8 << 20), 2);
  const auto used = tier.budget().used();
  for (int i = 0; i < 3000; ++i)
    put(tier, {.key = std::string("http://a:80/") + (i % 3 == 0 ? "x/" : "y/") + std::to_string(i)});
  EXPECT_EQ(walk_over(tier).seen, 3000u);
  tier.log().append(purge(PurgeKind::pattern, "/x/*"));
  const auto walked = walk_over(tier);
  EXPECT_EQ(walked.seen, 3000u);
  EXPECT_EQ(walked.erased, 1000u);
  EXPECT_EQ(tier.entries(), 2000u);
  tier.log().append(purge(PurgeKind::everything, ""));
  EXPECT_EQ(walk_over(tier).erased, 2000u);
  EXPECT_EQ(tier.budget().used(), used);
}

TEST(MemoryTier, SettlingOneKeyErasesIt) {
  MemoryTier tier(sized(1 << 20), 1);
  put(tier, {.vary = "accept", .accept = "a"});
  put(tier, {.vary = "accept", .accept = "b"});
  EXPECT_EQ(tier.settle(cache::primary_key(kKey)), 0u);
  tier.log().append(purge(PurgeKind::host, "a", PurgeMode::soft));
  EXPECT_EQ(tier.settle(cache::primary_key(kKey)), 2u);
  EXPECT_EQ(tier.entries(), 2u);
  tier.log().append(purge(PurgeKind::host, "a"));
  EXPECT_EQ(tier.settle(cache::primary_key(kKey)), 2u);
  EXPECT_EQ(tier.entries(), 0u);
}

}  // namespace
}  // namespace forebay::tier::testing
