#include "useful_time.hpp"

#include <algorithm>

#include "forebay/cache/freshness.hpp"
#include "forebay/cache/validation.hpp"

namespace forebay::tier {

milliseconds useful_time(const cache::StoredResponse& stored, std::optional<seconds> keep,
                         WallTime now) noexcept {
  const auto& freshness = stored.freshness();
  const seconds windows = std::max(freshness.stale_while_revalidate, freshness.stale_if_error);
  const auto unless_said = cache::can_validate(stored) ? kKeepUnlessSaid : seconds{0};
  const auto kept = std::clamp(keep.value_or(unless_said), seconds{0}, cache::kMaxDelta);
  return std::max(cache::remaining(freshness, now) + windows + kept, seconds{0});
}

}  // namespace forebay::tier
