// Counters, gauges and histograms of one worker. Written by that worker alone without locks, summed by
// whoever reads.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace forebay::observe {

/// Single writer, any number of readers: a plain load and store instead of a locked read-modify-write.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Single writer: a number that also goes down.
class Gauge {
 public:
  void add(std::int64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Latencies in buckets that double from 1 ms to 65 s, plus one for everything above. Single writer.
class LatencyHistogram {
 public:
  static constexpr std::size_t kBuckets = 18;  // upper bounds 1 ms << i for i < 17, then +Inf

  void record(std::chrono::milliseconds latency) noexcept {
    const auto ms = static_cast<std::uint64_t>(latency.count() < 0 ? 0 : latency.count());
    const auto bucket = ms <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(ms - 1));
    buckets_[bucket < kBuckets ? bucket : kBuckets - 1].add();
    sum_.add(ms);
  }
  std::uint64_t bucket(std::size_t i) const noexcept { return buckets_[i].value(); }
  std::uint64_t sum_milliseconds() const noexcept { return sum_.value(); }

 private:
  std::array<Counter, kBuckets> buckets_;
  Counter sum_;
};

}  // namespace forebay::observe
