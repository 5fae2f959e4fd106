// The memory tier under several threads: what holds for one thread holds for four.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "forebay/cache/tags.hpp"
#include "stored.hpp"

namespace forebay::tier::testing {
namespace {

using cache::StoreVerdict;

constexpr unsigned kThreads = 4;

/// Runs `work(thread number)` on every thread at once.
template <class Work>
void on_all_threads(const Work& work) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) threads.emplace_back([&work, i] { work(i); });
  for (auto& thread : threads) thread.join();
}

std::string key_of(unsigned number) { return "http://a:80/" + std::to_string(number); }

/// One random step. What is found must be what was asked for.
void step(MemoryTier& tier, std::minstd_rand& random, std::string& scratch) {
  const auto number = static_cast<unsigned>(random() % 200);
  const auto key = key_of(number);
  const auto accept = random() % 2 == 0 ? "a" : "b";
  switch (random() % 16) {
    case 0: tier.invalidate(cache::primary_key(key)); break;
    case 1: tier.make_room(random() % 5000); break;
    case 2: {
      Reservation reserved(tier.budget());
      tier.reserve(reserved, random() % 5000);
      break;
    }
    case 3: {
      const auto found = tier.find(cache::primary_key(key), accepting(accept), scratch);
      if (found.response)
        tier.replace(digest(key), *found.response,
                     stored({.key = key,
                             .body = key + accept,
                             .vary = "accept",
                             .accept = accept,
                             .position = tier.log().position()}));
      break;
    }
    case 4:
    case 5:
    case 6:
    case 7:
      put(tier, {.key = key,
                 .body = key + accept,
                 .vary = "accept",
                 .accept = accept,
                 .position = tier.log().position()});
      break;
    default: {
      const auto found = tier.find(cache::primary_key(key), accepting(accept), scratch);
      if (!found.response) break;
      EXPECT_EQ(found.response->key(), key);
      EXPECT_EQ(found.response->body()->slices()[0].view(), key + accept);
    }
  }
}

TEST(MemoryTierThreads, StayInsideTheBudgetAndFindWhatTheyAskFor) {
  MemoryTier tier({.size = MemoryTier({.size = 0}, kThreads).budget().used() + 40'000}, kThreads);
  const auto tables = tier.budget().used();
  // Each thread may hold the body of one response that it is about to store.
  constexpr std::uint64_t kUnstored = kThreads * 200;
  std::atomic<bool> exceeded{false};
  on_all_threads([&](unsigned thread) {
    std::minstd_rand random(thread + 1);
    std::string scratch;
    for (int i = 0; i < 20'000; ++i) {
      step(tier, random, scratch);
      if (tier.budget().used() > tier.budget().limit() + kUnstored) exceeded = true;
    }
  });
  EXPECT_FALSE(exceeded);
  EXPECT_GT(tier.evictions(), 0u);
  for (unsigned i = 0; i < 200; ++i) tier.invalidate(cache::primary_key(key_of(i)));
  EXPECT_EQ(tier.entries(), 0u);
  EXPECT_EQ(tier.budget().used(), tables);
}

/// A fetch takes the log's position, then the origin's answer. What is found after an invalidation has
/// returned must come from an answer that was given later.
TEST(MemoryTierThreads, NothingOlderIsFoundAfterAnInvalidation) {
  MemoryTier tier({.size = 16 << 20}, kThreads);
  const auto key = key_of(1);
  std::atomic<int> version{0};  // what the origin answers
  std::atomic<int> fetching{kThreads - 1};
  const auto fetch = [&] {
    const auto position = tier.log().position();
    const auto answer = std::to_string(version.load());
    put(tier, {.key = key, .body = answer, .position = position});
  };
  on_all_threads([&](unsigned thread) {
    if (thread > 0) {
      for (int i = 0; i < 5000; ++i) fetch();
      fetching.fetch_sub(1);
      return;
    }
    while (fetching.load() > 0) {
      const int current = version.fetch_add(1) + 1;
      tier.invalidate(cache::primary_key(key));
      const auto found = body_found(tier, key);
      if (found == "-") continue;
      EXPECT_GE(std::stoi(found), current);
    }
  });
}

/// The same of purges that are found out later, of every kind, while somebody walks over the tier.
TEST(MemoryTierThreads, NothingOlderIsFoundAfterAPurge) {
  MemoryTier tier({.size = 16 << 20}, kThreads);
  const auto key = key_of(1);
  const Digest tag = cache::tag_digest("t");
  std::atomic<int> version{0};
  std::atomic<int> fetching{kThreads - 2};
  const auto fetch = [&] {
    const auto position = tier.log().position();
    const auto answer = std::to_string(version.load());
    put(tier, {.key = key, .body = answer, .position = position, .tags = {tag}});
  };
  const cache::Purge purges[] = {
      {.kind = cache::PurgeKind::url, .digest = cache::url_digest(key)},
      cache::Purge::parse(cache::PurgeKind::tag, "t").value(),
      cache::Purge::parse(cache::PurgeKind::prefix, "/").value(),
      cache::Purge::parse(cache::PurgeKind::pattern, "//a/*").value(),
      cache::Purge::parse(cache::PurgeKind::host, "a").value(),
      cache::Purge::parse(cache::PurgeKind::everything, "").value(),
  };
  on_all_threads([&](unsigned thread) {
    if (thread > 1) {
      for (int i = 0; i < 5000; ++i) fetch();
      fetching.fetch_sub(1);
      return;
    }
    MemoryTier::Walk at;
    for (std::size_t i = 0; fetching.load() > 0; ++i) {
      if (thread == 1) {
        if (!tier.walk(at, [](const cache::StoredResponse&, bool) {})) at = {};
        continue;
      }
      const int current = version.fetch_add(1) + 1;
      tier.log().append(purges[i % std::size(purges)]);
      const auto found = body_found(tier, key);
      if (found == "-") continue;
      EXPECT_GE(std::stoi(found), current);
    }
  });
}

}  // namespace
}  // namespace forebay::tier::testing
