// How long a response stays fresh and how old it is (RFC 9111 §4.2).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/cache/cache_control.hpp"
#include "forebay/cache/policy.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

/// Where a freshness lifetime came from.
enum class LifetimeSource : std::uint8_t {
  none,
  s_maxage,
  max_age,
  expires,
  status_ttl,
  default_ttl,
  heuristic,
  invalid
};
std::string_view name(LifetimeSource source) noexcept;

struct Lifetime {
  seconds value{0};
  LifetimeSource source = LifetimeSource::none;
};

/// RFC 9111 §4.2.1 for a shared cache: s-maxage, max-age, Expires - Date, else the policy's status_ttl or
/// default_ttl, else heuristic (§4.2.2, where status or `public` allows it). Invalid explicit information
/// means stale.
Lifetime freshness_lifetime(const http::ResponseHead& response, const ResponseCacheControl& control,
                            const Policy& policy, WallTime response_time);

/// age_value (§5.1): the first member of the first Age line; nothing where that is no delta-seconds.
std::optional<seconds> received_age(const http::Fields& response) noexcept;

/// corrected_initial_age (§4.2.3). A malformed Age counts as absent, of several lines the first counts; the
/// arithmetic saturates at kMaxDelta.
seconds corrected_initial_age(const http::ResponseHead& response, WallTime request_time,
                              WallTime response_time);

/// `lifetime` within the policy's bounds.
seconds bounded_lifetime(const Lifetime& lifetime, const ResponseCacheControl& control,
                         const Policy& policy) noexcept;

/// The lifetime without a random part of it (Policy::ttl_jitter); `random` is uniform in (0, 1].
StoredSeconds jittered(StoredSeconds lifetime, const Policy& policy, double random) noexcept;

/// True if clients are told policy.client_cache_control instead of what the origin said: for responses that
/// succeed or redirect and that may be shared. An error must not be kept by browsers for as long as a page;
/// nor may a private response become public on its way.
bool replaces_cache_control(const http::ResponseHead& response, const ResponseCacheControl& control,
                            const Policy& policy) noexcept;

/// Everything `decide` will need, from one response head.
Freshness assess(const http::ResponseHead& response, const ResponseCacheControl& control,
                 const Policy& policy, WallTime request_time, WallTime response_time);

/// §4.2.3: initial age plus resident time; a clock that went backwards adds nothing.
seconds current_age(const Freshness& freshness, WallTime now) noexcept;
/// Remaining lifetime: negative when stale. What RFC 9211 calls ttl.
seconds remaining(const Freshness& freshness, WallTime now) noexcept;

/// True if a fresh response is to be refreshed now, before it expires: "optimal probabilistic cache stampede
/// prevention" (Vattani, Chierichetti, Lowenstein, VLDB 2015), where each use draws `random` in (0, 1] and
/// refreshes if `fetch_time * beta * -ln(random)` reaches the time that is left. Only in the last
/// kEarlyWindow fetch times, and in the second half of the lifetime: however many uses draw, a refresh begins
/// no earlier than it takes to be done in time.
bool is_due_early(const Freshness& freshness, const Policy& policy, WallTime now, double random) noexcept;
inline constexpr int kEarlyWindow = 2;

}  // namespace forebay::cache
