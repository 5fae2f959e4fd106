// The names of what has left lately, without what it was.
//
// A table of fixed size, eight places to a bucket; each holds half of a name and when it came, by a clock
// that counts the bytes which have left. So the reach is one of bytes, whatever the number of names, as far
// as the places suffice: where a bucket is full, the oldest goes. A name that was never there is taken for
// one with a chance of 8 in 4 billion.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace forebay::tier {

/// Not thread-safe. Nothing is allocated after it is made.
class Ghost {
 public:
  /// Reaches back over this part of the capacity.
  Ghost(std::uint64_t capacity, double reach);

  void remember(std::uint64_t name, std::uint64_t weight) noexcept;
  bool knows(std::uint64_t name) const noexcept;
  /// Whether it was known; it is not any more.
  bool recall(std::uint64_t name) noexcept;

  /// The places stay as many as they are.
  void resize(std::uint64_t capacity) noexcept;
  std::uint64_t table_bytes() const noexcept { return buckets_.size() * sizeof(Bucket); }

  /// One place for so many bytes of capacity.
  static constexpr std::uint64_t kBytesPerPlace = 2048;

 private:
  struct Place {
    std::uint32_t half = 0;
    std::uint32_t came = 0;
  };
  static constexpr std::size_t kPlaces = 8;
  using Bucket = std::array<Place, kPlaces>;

  std::uint32_t age_of(const Place& place) const noexcept { return now() - place.came; }
  std::uint32_t now() const noexcept { return static_cast<std::uint32_t>(left_bytes_ / tick_); }
  std::size_t bucket_of(std::uint64_t name) const noexcept { return name & (buckets_.size() - 1); }
  const Place* find(std::uint64_t name) const noexcept;

  /// A reach has so many ticks at most; the clock wraps after as many reaches, which a place may outlive once
  /// in a while.
  static constexpr std::uint32_t kMostTicks = 1U << 16U;

  const double part_;
  std::vector<Bucket> buckets_;
  std::uint64_t tick_ = 1;        // bytes
  std::uint32_t reach_ = 0;       // ticks
  std::uint64_t left_bytes_ = 0;  // begins where empty places are out of reach
};

}  // namespace forebay::tier
