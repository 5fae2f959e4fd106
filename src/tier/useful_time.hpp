// How long a response is of any use: so long it stays in Redis, and in memory it is the first to go after
// that. Pure.
#pragma once

#include <chrono>
#include <optional>

#include "forebay/base/clock.hpp"
#include "forebay/cache/stored_response.hpp"

namespace forebay::tier {

/// For responses that can be validated, on routes without `keep`: in memory they stay as long as there is
/// room for what is newer, which Redis is not known to have.
inline constexpr seconds kKeepUnlessSaid{std::chrono::hours{24}};

/// For how long from now on anything can be done with the response: as long as it is fresh, then within the
/// longer of its stale windows, and then for as long as it is kept for validation (see cache::Policy::keep).
/// Zero when it is of no use any more.
milliseconds useful_time(const cache::StoredResponse& stored, std::optional<seconds> keep,
                         WallTime now) noexcept;

}  // namespace forebay::tier
