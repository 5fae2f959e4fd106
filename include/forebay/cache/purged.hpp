// What purges have done to a stored response.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "forebay/base/clock.hpp"

namespace forebay::cache {

/// How much a purge takes away, from little to much.
enum class PurgeMode : std::uint8_t {
  none,     // nothing
  refresh,  // it is served as before, and fetched anew behind the back of the next who asks
  soft,     // it is stale from now on: validation and the stale windows are as if it had just expired
  hard,     // it may not be used any more, nor stand in for an error
};
inline constexpr std::size_t kPurgeModes = 4;
/// "hard", "soft", "refresh", "none".
std::string_view name(PurgeMode mode) noexcept;

/// The strongest purge of a stored response, and when it came. The time is looked at for a soft one's stale
/// windows alone: which purge came after which response is for the log's positions to say.
struct Purged {
  PurgeMode mode = PurgeMode::none;
  WallTime at{};

  bool is_hard() const noexcept { return mode == PurgeMode::hard; }
  /// The stronger counts, of two of one mode the first.
  void add(const Purged& other) noexcept {
    if (other.mode > mode || (other.mode == mode && other.at < at)) *this = other;
  }
  explicit operator bool() const noexcept { return mode != PurgeMode::none; }
  friend bool operator==(const Purged&, const Purged&) = default;
};

}  // namespace forebay::cache
