// Keys about which something was found out a short while ago: that their responses cannot be shared, so that
// their requests do not wait for each other; or that fetching them has failed.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/base/digest.hpp"

namespace forebay::flight {

/// Thread-safe. A fixed number of places; a newer key takes the place of an older one that falls on the same,
/// so memory is bounded and a forgotten key costs one shared wait, or one more attempt. A key may also be
/// taken for another with the same 64 bits, which costs a collapse, or a moment's patience, never a wrong
/// answer.
class KeyMemo {
 public:
  static constexpr std::size_t kPlaces = 65'536;

  void remember(const Digest& key, SteadyTime until);
  void forget(const Digest& key);
  bool contains(const Digest& key, SteadyTime now) const;

 private:
  struct Place {
    std::uint64_t key = 0;
    SteadyTime until{};
  };
  static constexpr std::size_t kStripes = 64;
  struct Stripe {
    mutable std::mutex mutex;
    std::vector<Place> places = std::vector<Place>(kPlaces / kStripes);  // guarded by mutex
  };
  std::size_t index(const Digest& key) const noexcept { return spread(key) % kPlaces; }

  std::array<Stripe, kStripes> stripes_;
};

}  // namespace forebay::flight
