#include "forebay/flight/flight_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace forebay::flight {
namespace {

using Followed = std::shared_ptr<Flight>;

bool always(const Flight&) { return true; }
bool never(const Flight&) { return false; }

Lead lead_of(FlightTable::Seat seat) {
  EXPECT_TRUE(std::holds_alternative<Lead>(seat));
  return std::move(std::get<Lead>(seat));
}
Followed followed(FlightTable::Seat seat) {
  return std::holds_alternative<Followed>(seat) ? std::get<Followed>(seat) : nullptr;
}
Verdict verdict_of(Outcome outcome) {
  Verdict verdict;
  verdict.outcome = outcome;
  return verdict;
}

TEST(FlightTable, OneLeadsAndTheOthersFollow) {
  FlightTable table;
  const auto lead = lead_of(table.join("key", 3, always));
  EXPECT_EQ(lead.flight().key(), "key");
  EXPECT_EQ(lead.flight().position(), 3u);
  EXPECT_EQ(followed(table.join("key", 4, always)), lead.shared());
  EXPECT_EQ(followed(table.join("key", 5, always)), lead.shared());
  EXPECT_EQ(table.flights(), 1u);
  const auto other = lead_of(table.join("another key", 3, always));
  EXPECT_EQ(table.flights(), 2u);
}

TEST(FlightTable, AFlightEndsWithItsVerdict) {
  for (const auto outcome : {Outcome::renewed, Outcome::unshareable, Outcome::failed}) {
    FlightTable table;
    auto lead = lead_of(table.join("key", 0, always));
    lead.decide(verdict_of(outcome));
    EXPECT_EQ(table.flights(), 0u);
    EXPECT_EQ(lead.flight().verdict().outcome, outcome);
    EXPECT_FALSE(followed(table.join("key", 0, always)));
  }
}

TEST(FlightTable, ASharedBodyIsFollowedUntilItIsStored) {
  FlightTable table;
  auto lead = lead_of(table.join("key", 0, always));
  lead.decide(verdict_of(Outcome::sharing));
  EXPECT_EQ(followed(table.join("key", 0, always)), lead.shared());
  lead.leave_table();
  EXPECT_EQ(table.flights(), 0u);
  lead.leave_table();
  EXPECT_FALSE(followed(table.join("key", 0, always)));
}

TEST(FlightTable, ALeadThatGoesWithoutAVerdictLeavesItsFlightDangling) {
  FlightTable table;
  Followed flight;
  {
    const auto lead = lead_of(table.join("key", 0, always));
    flight = followed(table.join("key", 0, always));
    EXPECT_EQ(flight->verdict().outcome, Outcome::pending);
  }
  EXPECT_EQ(flight->verdict().outcome, Outcome::dangling);
  EXPECT_EQ(table.flights(), 0u);
}

TEST(FlightTable, ALeadThatGoesAfterItsVerdictChangesNothing) {
  FlightTable table;
  Followed flight;
  {
    auto lead = lead_of(table.join("key", 0, always));
    flight = lead.shared();
    lead.decide(verdict_of(Outcome::sharing));
  }
  EXPECT_EQ(flight->verdict().outcome, Outcome::sharing);
  EXPECT_EQ(table.flights(), 0u);
}

TEST(FlightTable, LeadershipMoves) {
  FlightTable table;
  Lead last;
  {
    auto first = lead_of(table.join("key", 0, always));
    Lead second(std::move(first));
    last = std::move(second);
  }
  EXPECT_EQ(table.flights(), 1u);
  EXPECT_EQ(last.flight().verdict().outcome, Outcome::pending);
  auto dropped = last.shared();
  last = Lead();
  EXPECT_EQ(table.flights(), 0u);
  EXPECT_EQ(dropped->verdict().outcome, Outcome::dangling);
}

TEST(FlightTable, AnInvalidatedFlightIsReplacedAndGoesOnForItsFollowers) {
  FlightTable table;
  auto old = lead_of(table.join("key", 1, always));
  const auto asked_since = [](const Flight& flight) { return flight.position() >= 2; };
  auto fresh = lead_of(table.join("key", 2, asked_since));
  EXPECT_NE(old.shared(), fresh.shared());
  EXPECT_EQ(table.flights(), 1u);
  EXPECT_EQ(followed(table.join("key", 3, asked_since)), fresh.shared());

  old.decide(verdict_of(Outcome::renewed));  // must not take its successor out of the table
  EXPECT_EQ(followed(table.join("key", 3, asked_since)), fresh.shared());
  EXPECT_EQ(old.flight().verdict().outcome, Outcome::renewed);
}

TEST(FlightTable, EveryInvalidationReplaces) {
  FlightTable table;
  std::vector<Lead> leads;
  for (int i = 0; i < 5; ++i) leads.push_back(lead_of(table.join("key", 0, never)));
  EXPECT_EQ(table.flights(), 1u);
  leads.clear();
  EXPECT_EQ(table.flights(), 0u);
}

TEST(FlightTable, NobodyFollowsALeadThatFliesAlone) {
  FlightTable table;
  auto alone = FlightTable::alone("key", 9);
  EXPECT_EQ(alone.flight().position(), 9u);
  EXPECT_EQ(table.flights(), 0u);
  const auto lead = lead_of(table.join("key", 0, always));
  alone.decide(verdict_of(Outcome::failed));
  EXPECT_EQ(table.flights(), 1u);
}

/// Two keys of 32 bytes with the same XXH3-128 digest: each has one factor of the first product equal to the
/// hash's own constant, so that the product is zero, and the sums that go into the digest are the same.
std::pair<std::string, std::string> colliding_keys() {
  constexpr std::uint64_t kFirst = 0xbe4ba423396cfeb8;
  constexpr std::uint64_t kSecond = 0x1cad21f72c81017c;
  constexpr std::uint64_t kFree = 0x6162636465666768;
  const auto key = [](std::uint64_t low, std::uint64_t high) {
    std::string text(32, 'k');
    std::memcpy(text.data(), &low, sizeof low);
    std::memcpy(text.data() + 8, &high, sizeof high);
    return text;
  };
  return {key(kFirst, kFree), key(kFirst + kFree - kSecond, kSecond)};
}

TEST(FlightTable, AnotherKeyWithTheSameDigestFliesAlone) {
  const auto [one, other] = colliding_keys();
  ASSERT_NE(one, other);
  ASSERT_EQ(digest(one), digest(other));
  FlightTable table;
  const auto lead = lead_of(table.join(one, 0, always));
  {
    auto second = lead_of(table.join(other, 0, always));
    EXPECT_NE(lead.shared(), second.shared());
    EXPECT_EQ(second.flight().key(), other);
    second.decide(verdict_of(Outcome::renewed));
  }
  EXPECT_EQ(table.flights(), 1u);
  EXPECT_EQ(followed(table.join(one, 0, always)), lead.shared());
}

TEST(FlightTable, ManyThreadsHaveOneLead) {
  constexpr int kThreads = 4;
  FlightTable table;
  for (int round = 0; round < 300; ++round) {
    std::atomic<int> ready{0};
    std::atomic<int> leads{0};
    std::atomic<int> seated{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        ready.fetch_add(1);
        while (ready.load() < kThreads) std::this_thread::yield();
        auto seat = table.join("key", 0, always);
        if (std::holds_alternative<Lead>(seat)) leads.fetch_add(1);
        seated.fetch_add(1);
        while (seated.load() < kThreads) std::this_thread::yield();
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(leads.load(), 1);
    EXPECT_EQ(table.flights(), 0u);
  }
}

}  // namespace
}  // namespace forebay::flight
