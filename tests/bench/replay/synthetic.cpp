#include "synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace forebay::bench {
namespace {

constexpr double kMedianBytes = 6'000;  // a web object's; the mean is some 30 KB
constexpr double kSpread = 1.7;         // sigma of the logarithm
constexpr double kLeastBytes = 200;
constexpr double kMostBytes = 2 << 20;
constexpr std::uint32_t kFlashObjects = 5;
constexpr std::uint64_t kFlashRequests = 20'000;  // how long a flash crowd lasts
constexpr std::uint32_t kRequestsPerSecond = 500;

/// splitmix64: the standard library's distributions differ between implementations, so nothing here uses
/// them.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() noexcept {
    auto z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  /// Uniform in (0, 1].
  double unit() noexcept { return static_cast<double>((next() >> 11U) + 1) * 0x1p-53; }
  std::uint32_t below(std::uint64_t end) noexcept {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(static_cast<std::uint64_t>(unit() * static_cast<double>(end)), end - 1));
  }
  double normal() noexcept {
    constexpr double kTwoPi = 6.283185307179586;
    return std::sqrt(-2 * std::log(unit())) * std::cos(kTwoPi * unit());
  }

 private:
  std::uint64_t state_;
};

/// Draws ranks: 0 is the most popular.
class Zipf {
 public:
  Zipf(std::uint32_t ranks, double exponent) : sums_(ranks) {
    double sum = 0;
    for (std::uint32_t i = 0; i < ranks; ++i) sums_[i] = sum += std::pow(i + 1.0, -exponent);
  }
  std::uint32_t draw(Random& random) const noexcept {
    const auto at = std::lower_bound(sums_.begin(), sums_.end(), random.unit() * sums_.back());
    return static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(at - sums_.begin(), std::ssize(sums_) - 1));
  }

 private:
  std::vector<double> sums_;
};

class Maker {
 public:
  Maker(const Mix& mix, std::uint32_t catalogue, std::uint64_t seed)
      : mix_(mix), random_(seed), zipf_(catalogue, mix.zipf), by_rank_(catalogue) {
    for (auto& object : by_rank_) object = new_object();
  }

  Trace make(std::uint64_t requests) {
    trace_.requests.reserve(requests);
    for (std::uint64_t i = 0; i < requests; ++i) {
      drift();
      trace_.requests.push_back({pick(i), static_cast<std::uint32_t>(i / kRequestsPerSecond)});
    }
    return number_anew();
  }

 private:
  std::uint32_t new_object() {
    const auto bytes = kMedianBytes * std::exp(kSpread * random_.normal());
    trace_.sizes.push_back(static_cast<std::uint32_t>(std::clamp(bytes, kLeastBytes, kMostBytes)));
    return static_cast<std::uint32_t>(trace_.sizes.size() - 1);
  }
  std::uint32_t pick(std::uint64_t i) {
    auto at = random_.unit();
    if ((at -= mix_.one_hit) <= 0) return new_object();
    if ((at -= mix_.scan) <= 0) return by_rank_[scanned_++ % by_rank_.size()];
    if ((at -= mix_.flash) <= 0) return flash(i);
    return by_rank_[zipf_.draw(random_)];
  }
  std::uint32_t flash(std::uint64_t i) {
    if (crowd_.empty() || i / kFlashRequests != crowd_number_) {
      crowd_number_ = i / kFlashRequests;
      crowd_.clear();
      for (std::uint32_t n = 0; n < kFlashObjects; ++n) crowd_.push_back(new_object());
    }
    return crowd_[random_.below(crowd_.size())];
  }
  /// A new object takes a rank; the one that had it is forgotten.
  void drift() {
    const auto changes = mix_.drift_per_million * static_cast<double>(by_rank_.size()) / 1e6;
    for (due_ += changes; due_ >= 1; due_ -= 1) by_rank_[zipf_rank_to_change()] = new_object();
  }
  std::uint32_t zipf_rank_to_change() noexcept { return random_.below(by_rank_.size()); }

  /// Objects that nobody asked for are left out.
  Trace number_anew() {
    constexpr auto kUnseen = UINT32_MAX;
    std::vector<std::uint32_t> numbers(trace_.sizes.size(), kUnseen);
    Trace out;
    for (auto& request : trace_.requests) {
      auto& number = numbers[request.object];
      if (number == kUnseen) {
        number = static_cast<std::uint32_t>(out.sizes.size());
        out.sizes.push_back(trace_.sizes[request.object]);
      }
      request.object = number;
    }
    out.requests = std::move(trace_.requests);
    return out;
  }

  const Mix& mix_;
  Random random_;
  Zipf zipf_;
  std::vector<std::uint32_t> by_rank_;
  std::vector<std::uint32_t> crowd_;
  std::uint64_t crowd_number_ = 0;
  std::uint64_t scanned_ = 0;
  double due_ = 0;
  Trace trace_;
};

}  // namespace

const std::vector<Mix>& presets() {
  static const std::vector<Mix> all = {
      {.name = "stationary", .zipf = 0.9},
      {.name = "scans", .zipf = 0.9, .one_hit = 0.1, .scan = 0.25},
      {.name = "drift", .zipf = 1.0, .one_hit = 0.15, .drift_per_million = 0.3},
      {.name = "cdn", .zipf = 0.75, .one_hit = 0.3, .scan = 0.05, .flash = 0.1, .drift_per_million = 0.1},
  };
  return all;
}

Trace make_trace(const Mix& mix, std::uint64_t requests, std::uint32_t catalogue, std::uint64_t seed) {
  return Maker(mix, catalogue, seed).make(requests);
}

}  // namespace forebay::bench
