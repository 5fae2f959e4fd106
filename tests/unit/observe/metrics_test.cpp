#include "forebay/observe/metrics.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace forebay::observe {
namespace {

using std::chrono::milliseconds;

TEST(Counter, AddsOneUnlessTold) {
  Counter counter;
  counter.add();
  counter.add(41);
  EXPECT_EQ(counter.value(), 42U);
}

TEST(Gauge, GoesDownToo) {
  Gauge gauge;
  gauge.add(2);
  gauge.add(-5);
  EXPECT_EQ(gauge.value(), -3);
}

TEST(Counter, IsReadWhileItsWorkerWrites) {
  constexpr std::uint64_t kLast = 100000;
  Counter counter;
  std::thread worker([&] {
    for (std::uint64_t i = 0; i < kLast; ++i) counter.add();
  });
  std::uint64_t before = 0;
  while (before < kLast) {
    const auto now = counter.value();
    ASSERT_GE(now, before);
    before = now;
  }
  worker.join();
  EXPECT_EQ(counter.value(), kLast);
}

struct BucketRow {
  std::int64_t milliseconds;
  std::size_t bucket;
};

class LatencyHistogramBuckets : public testing::TestWithParam<BucketRow> {};

TEST_P(LatencyHistogramBuckets, TakesLatenciesUpToItsBound) {
  LatencyHistogram histogram;
  histogram.record(milliseconds(GetParam().milliseconds));
  for (std::size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
    EXPECT_EQ(histogram.bucket(i), i == GetParam().bucket ? 1U : 0U) << "bucket " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Boundaries, LatencyHistogramBuckets,
                         testing::Values(BucketRow{std::numeric_limits<std::int64_t>::min(), 0},
                                         BucketRow{-1, 0}, BucketRow{0, 0}, BucketRow{1, 0}, BucketRow{2, 1},
                                         BucketRow{3, 2}, BucketRow{4, 2}, BucketRow{5, 3}, BucketRow{8, 3},
                                         BucketRow{9, 4}, BucketRow{1000, 10}, BucketRow{1024, 10},
                                         BucketRow{1025, 11}, BucketRow{32768, 15}, BucketRow{32769, 16},
                                         BucketRow{65536, 16}, BucketRow{65537, 17},
                                         BucketRow{std::numeric_limits<std::int64_t>::max(), 17}),
                         [](const auto& row) {
                           const auto ms = row.param.milliseconds;
                           return ms < 0 ? "minus_" + std::to_string(-(ms + 1)) : std::to_string(ms);
                         });

TEST(LatencyHistogram, SumsWhatItRecords) {
  LatencyHistogram histogram;
  for (const int ms : {3, 40, -7, 500}) histogram.record(milliseconds(ms));
  EXPECT_EQ(histogram.sum_milliseconds(), 543U);
}

}  // namespace
}  // namespace forebay::observe
