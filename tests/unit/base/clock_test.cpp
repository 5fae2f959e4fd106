#include "forebay/base/clock.hpp"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(SystemClock, TellsTheTimeOfTheSystem) {
  const SystemClock clock;
  const auto before = std::chrono::system_clock::now();
  const auto told = clock.now();
  const auto after = std::chrono::system_clock::now();
  // The coarse clock lags by up to one tick; a tick is at most 10 ms.
  EXPECT_GE(told, std::chrono::floor<milliseconds>(before) - milliseconds{10});
  EXPECT_LE(told, after);
}

TEST(SystemClock, SteadyTimeNeverGoesBack) {
  const SystemClock clock;
  auto last = clock.steady_now();
  for (int i = 0; i < 1000; ++i) {
    const auto next = clock.steady_now();
    ASSERT_GE(next, last);
    last = next;
  }
}

TEST(SystemClock, SteadyTimeIsTheOneOfTheStandardLibrary) {
  const SystemClock clock;
  const auto before = std::chrono::steady_clock::now();
  const auto told = clock.steady_now();
  EXPECT_GE(told, std::chrono::floor<milliseconds>(before) - milliseconds{10});
  EXPECT_LE(told, std::chrono::steady_clock::now());
}

}  // namespace
}  // namespace forebay
