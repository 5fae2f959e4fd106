#include "forebay/tier/breaker.hpp"

#include <gtest/gtest.h>

namespace forebay::tier {
namespace {

using namespace std::chrono_literals;
using State = BreakerState;

struct BreakerTest : ::testing::Test {
  BreakerSettings settings{
      .failures = 3, .window = 10, .slow = 100ms, .min_pause = 1s, .max_pause = 8s, .probes = 2};
  Breaker breaker{settings};
  SteadyTime now{1'000s};

  void good(milliseconds took = 1ms) { breaker.succeeded(breaker.admit().value(), took, now, 0.5); }
  void bad() { breaker.failed(breaker.admit().value(), now, 0.5); }
  milliseconds pause() const { return breaker.probe_at() - now; }
  /// Waits for the pause to end and lets a probe come out so.
  void probe(bool well, double chance = 0.5) {
    if (breaker.state() == State::open) now = breaker.probe_at();
    const auto ticket = breaker.admit_probe(now).value();
    if (well) {
      breaker.succeeded(ticket, 1ms, now, chance);
    } else {
      breaker.failed(ticket, now, chance);
    }
  }
};

TEST_F(BreakerTest, NamesAreStable) {
  EXPECT_EQ(name(State::closed), "closed");
  EXPECT_EQ(name(State::open), "open");
  EXPECT_EQ(name(State::half_open), "half_open");
}

TEST_F(BreakerTest, OpensWhenEnoughOfTheLastCallsFailed) {
  for (int i = 0; i < 2; ++i) bad();
  EXPECT_EQ(breaker.state(), State::closed);
  bad();
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_FALSE(breaker.admit());
}

TEST_F(BreakerTest, FailuresBeforeTheWindowCountNoMore) {
  for (int round = 0; round < 5; ++round) {
    bad();
    bad();
    for (int i = 0; i < 9; ++i) good();  // one of the two has left the window
    good();
  }
  EXPECT_EQ(breaker.state(), State::closed);
  bad();
  for (int i = 0; i < 4; ++i) good();
  bad();
  for (int i = 0; i < 3; ++i) good();
  bad();  // three of the last ten
  EXPECT_EQ(breaker.state(), State::open);
}

TEST_F(BreakerTest, ASlowCallCountsAsFailed) {
  good(99ms);
  for (int i = 0; i < 3; ++i) good(100ms);
  EXPECT_EQ(breaker.state(), State::open);
}

TEST_F(BreakerTest, ANodeThatCannotBeReachedOpensItAtOnce) {
  breaker.trip(now, 0.5);
  EXPECT_EQ(breaker.state(), State::open);
}

TEST_F(BreakerTest, ProbesOneAtATimeOnceThePauseIsOver) {
  breaker.trip(now, 0.5);
  EXPECT_FALSE(breaker.admit_probe(now));
  now = breaker.probe_at() - 1ms;
  EXPECT_FALSE(breaker.admit_probe(now));
  now = breaker.probe_at();
  const auto ticket = breaker.admit_probe(now);
  ASSERT_TRUE(ticket);
  EXPECT_EQ(breaker.state(), State::half_open);
  EXPECT_FALSE(breaker.admit_probe(now));
  EXPECT_FALSE(breaker.admit());
  breaker.forget(*ticket);
  EXPECT_TRUE(breaker.admit_probe(now));
}

TEST_F(BreakerTest, ClosesWhenEnoughProbesSucceeded) {
  breaker.trip(now, 0.5);
  probe(true);
  EXPECT_EQ(breaker.state(), State::half_open);
  probe(true);
  EXPECT_EQ(breaker.state(), State::closed);
  for (int i = 0; i < 2; ++i) bad();  // what was before is forgotten
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST_F(BreakerTest, ASlowProbeIsAFailure) {
  breaker.trip(now, 0.5);
  now = breaker.probe_at();
  breaker.succeeded(breaker.admit_probe(now).value(), 100ms, now, 0.5);
  EXPECT_EQ(breaker.state(), State::open);
}

TEST_F(BreakerTest, PausesGrowToTheLongestAndNoFurther) {
  breaker.trip(now, 0.999);
  for (const auto longest : {1s, 2s, 4s, 8s, 8s, 8s}) {
    EXPECT_GT(pause(), longest - 10ms);
    EXPECT_LE(pause(), longest);
    probe(false, 0.999);
  }
}

TEST_F(BreakerTest, PausesAreDrawnBetweenHalfAndAll) {
  breaker.trip(now, 0);
  EXPECT_EQ(pause(), 500ms);
  probe(false, 0.5);
  EXPECT_EQ(pause(), 1500ms);
}

TEST_F(BreakerTest, ARelapseGoesOnWithThePausesWhereTheyWere) {
  breaker.trip(now, 0);
  probe(false, 0);
  for (int i = 0; i < 2; ++i) probe(true);
  EXPECT_EQ(breaker.state(), State::closed);
  now += 7s;  // not well for long enough
  breaker.trip(now, 0);
  EXPECT_EQ(pause(), 2s);
  for (int i = 0; i < 2; ++i) probe(true);
  now += 9s;
  breaker.trip(now, 0);
  EXPECT_EQ(pause(), 500ms);
}

TEST_F(BreakerTest, VerdictsOfAnEarlierStateCountNoMore) {
  const auto late = breaker.admit().value();
  breaker.trip(now, 0.5);
  breaker.succeeded(late, 1ms, now, 0.5);
  EXPECT_EQ(breaker.state(), State::open);
  now = breaker.probe_at();
  const auto probe_ticket = breaker.admit_probe(now).value();
  breaker.failed(late, now, 0.5);
  breaker.succeeded(late, 200ms, now, 0.5);
  breaker.forget(late);
  EXPECT_EQ(breaker.state(), State::half_open);
  EXPECT_FALSE(breaker.admit_probe(now));  // the probe is still under way
  breaker.succeeded(probe_ticket, 1ms, now, 0.5);
  EXPECT_TRUE(breaker.admit_probe(now));
}

TEST_F(BreakerTest, TripsOnceAtATime) {
  breaker.trip(now, 0.5);
  const auto probe_at = breaker.probe_at();
  now += 100ms;
  breaker.trip(now, 0.5);
  EXPECT_EQ(breaker.probe_at(), probe_at);
}

TEST_F(BreakerTest, AWindowOfSixtyFourIsTheWidest) {
  settings.window = 64;
  settings.failures = 64;
  Breaker wide(settings);
  for (int i = 0; i < 63; ++i) wide.failed(wide.admit().value(), now, 0.5);
  EXPECT_EQ(wide.state(), State::closed);
  wide.failed(wide.admit().value(), now, 0.5);
  EXPECT_EQ(wide.state(), State::open);
}

}  // namespace
}  // namespace forebay::tier
