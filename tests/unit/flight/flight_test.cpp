#include "forebay/flight/flight.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "feeding.hpp"

namespace forebay::flight::testing {
namespace {

using namespace std::chrono_literals;

Verdict verdict_of(Outcome outcome) {
  return {.outcome = outcome, .response = {}, .length = {}, .feed = {}, .error = {}};
}

TEST(Flight, WakesItsWaitersWithTheVerdict) {
  Side side;
  Flight flight("key", 7);
  EXPECT_EQ(flight.key(), "key");
  EXPECT_EQ(flight.position(), 7u);
  EXPECT_EQ(flight.verdict().outcome, Outcome::pending);
  const auto signal = io::Signal::make(side.executor());
  EXPECT_FALSE(flight.has_waiters());
  EXPECT_TRUE(flight.add_waiter(signal, 10));
  EXPECT_TRUE(flight.has_waiters());
  const auto woken = side.start(signal->wait(1h));
  side.settle();
  EXPECT_FALSE(*woken);
  flight.decide({.outcome = Outcome::failed, .error = fail(ErrorKind::connect_refused)});
  side.settle();
  EXPECT_EQ(*woken, true);
  EXPECT_EQ(flight.verdict().error.kind, ErrorKind::connect_refused);
}

TEST(Flight, TheFirstVerdictCounts) {
  Flight flight("key", 0);
  flight.decide(verdict_of(Outcome::sharing));
  flight.decide(verdict_of(Outcome::failed));
  EXPECT_EQ(flight.verdict().outcome, Outcome::sharing);
}

TEST(Flight, AWaiterThatComesAfterTheVerdictDoesNotWait) {
  Side side;
  Flight flight("key", 0);
  flight.decide(verdict_of(Outcome::unshareable));
  const auto signal = io::Signal::make(side.executor());
  EXPECT_TRUE(flight.add_waiter(signal, 0));
  const auto woken = side.start(signal->wait(1h));
  side.settle();
  EXPECT_EQ(*woken, true);
}

TEST(Flight, LimitsItsWaiters) {
  Side side;
  Flight flight("key", 0);
  const auto first = io::Signal::make(side.executor());
  const auto second = io::Signal::make(side.executor());
  EXPECT_TRUE(flight.add_waiter(first, 1));
  EXPECT_FALSE(flight.add_waiter(second, 1));
  flight.remove_waiter(second);  // never was one
  EXPECT_FALSE(flight.add_waiter(second, 1));
  flight.remove_waiter(first);
  EXPECT_TRUE(flight.add_waiter(second, 1));
  EXPECT_EQ(first.use_count(), 1);
}

TEST(Flight, KeepsNoWaiterAfterTheVerdict) {
  Side side;
  Flight flight("key", 0);
  const auto signal = io::Signal::make(side.executor());
  flight.add_waiter(signal, 1);
  flight.decide(verdict_of(Outcome::dangling));
  side.settle();
  EXPECT_EQ(signal.use_count(), 1);
}

TEST(Flight, NoWaiterMissesAVerdictGivenOnAnotherThread) {
  for (int round = 0; round < 300; ++round) {
    Side side;
    Flight flight("key", 0);
    std::thread leader([&] { flight.decide(verdict_of(Outcome::renewed)); });
    std::vector<Eventual<bool>> woken;
    std::vector<std::shared_ptr<io::Signal>> signals;
    for (int i = 0; i < 3; ++i) {
      signals.push_back(io::Signal::make(side.executor()));
      EXPECT_TRUE(flight.add_waiter(signals.back(), 10));
      woken.push_back(side.start(signals.back()->wait(20s)));
    }
    side.context.run_for(20s);
    leader.join();
    for (const auto& outcome : woken) EXPECT_EQ(*outcome, true);
  }
}

}  // namespace
}  // namespace forebay::flight::testing
