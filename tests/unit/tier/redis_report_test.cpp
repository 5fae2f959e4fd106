#include "redis_report.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forebay::tier {
namespace {

/// What is written to standard error meanwhile.
template <class Do>
std::string lines_of(Do&& work) {
  ::testing::internal::CaptureStderr();
  work();
  return ::testing::internal::GetCapturedStderr();
}

TEST(RedisReport, CountsEachAndTellsOfOneNowAndThen) {
  observe::WorkerMetrics metrics;
  SteadyTime now{milliseconds{5000}};
  const auto first = lines_of([&] {
    observe::Log log({});
    RedisReport report(metrics, log);
    report.unusable("forebay:{1}", EntryFault::wrong_checksum, now);
    report.unusable("forebay:{2}", EntryFault::foreign, now + seconds{9});
    report.unusable("forebay:{3}", EntryFault::foreign, now + milliseconds{9999});
    report.unusable("forebay:{4}", EntryFault::bad_head, now + seconds{10});
    report.unusable("forebay:{5}", EntryFault::bad_body, now + seconds{20});
  });
  EXPECT_NE(first.find("redis: forebay:{1} cannot be used: wrong_checksum\n"), std::string::npos) << first;
  EXPECT_EQ(first.find("{2}"), std::string::npos) << first;
  EXPECT_EQ(first.find("{3}"), std::string::npos) << first;
  EXPECT_NE(first.find("{4} cannot be used: bad_head; 2 more since the last such line\n"), std::string::npos)
      << first;
  EXPECT_NE(first.find("{5} cannot be used: bad_body\n"), std::string::npos) << first;
  EXPECT_EQ(metrics.redis_unusable[static_cast<std::size_t>(EntryFault::foreign)].value(), 2u);
  EXPECT_EQ(metrics.redis_unusable[static_cast<std::size_t>(EntryFault::bad_head)].value(), 1u);
}

TEST(RedisReport, TellsWhatWasRefused) {
  observe::WorkerMetrics metrics;
  const auto told = lines_of([&] {
    observe::Log log({});
    RedisReport(metrics, log).refused("what it was", "OOM command not allowed", SteadyTime{});
  });
  EXPECT_NE(told.find("redis: what it was was refused: OOM command not allowed\n"), std::string::npos)
      << told;
}

}  // namespace
}  // namespace forebay::tier
