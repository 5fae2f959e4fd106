// How often what is not stored has been missed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace forebay::tier {

/// Thread-safe, without locks. A fixed number of places; a newer name takes the place of an older one that
/// falls on the same, so memory is bounded, and what is forgotten begins at its first miss again. Two misses
/// at the same moment may count as one.
class MissCounts {
 public:
  static constexpr std::uint32_t kMost = 255;

  /// The number of places is rounded up to a power of two.
  explicit MissCounts(std::size_t places);

  /// Counts one more, and says how many there have been: kMost at the most.
  std::uint32_t add(std::uint64_t name) noexcept;
  void forget(std::uint64_t name) noexcept;

  std::uint64_t table_bytes() const noexcept { return places_.size() * sizeof(places_[0]); }

 private:
  static constexpr std::uint32_t kCountBits = 8;  // the rest of a place says whose it is
  static std::uint32_t mark(std::uint64_t name) noexcept {
    return static_cast<std::uint32_t>(name >> 32U) << kCountBits;
  }
  std::atomic<std::uint32_t>& place(std::uint64_t name) noexcept {
    return places_[name & (places_.size() - 1)];
  }

  std::vector<std::atomic<std::uint32_t>> places_;
};

}  // namespace forebay::tier
