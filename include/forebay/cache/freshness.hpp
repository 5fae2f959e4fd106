// How long a response stays fresh and how old it is (RFC 9111 §4.2).
#pragma once

#include <chrono>
#include <cstdint>
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
  default_ttl,
  heuristic,
  invalid
};
std::string_view name(LifetimeSource source) noexcept;

struct Lifetime {
  seconds value{0};
  LifetimeSource source = LifetimeSource::none;
};

/// RFC 9111 §4.2.1 for a shared cache: s-maxage, max-age, Expires - Date, else the policy's default_ttl, else
/// heuristic (§4.2.2, where status or `public` allows it). Invalid explicit information means stale.
Lifetime freshness_lifetime(const http::ResponseHead& response, const ResponseCacheControl& control,
                            const Policy& policy, WallTime response_time);

/// corrected_initial_age (§4.2.3). A malformed Age counts as absent, of several lines the first counts; the
/// arithmetic saturates at kMaxDelta.
seconds corrected_initial_age(const http::ResponseHead& response, WallTime request_time,
                              WallTime response_time);

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

}  // namespace forebay::cache
