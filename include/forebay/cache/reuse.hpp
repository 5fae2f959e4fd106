// May this stored response answer this request, and how? (RFC 9111 §4)
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/cache/cache_control.hpp"
#include "forebay/cache/policy.hpp"
#include "forebay/cache/purged.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/cache_status.hpp"

namespace forebay::cache {

/// What a lookup found.
struct Found {
  StoredResponsePtr response;  // the newest that this request selects; nothing when there is none
  bool key_known = false;      // there is a response for the key, though perhaps for another variant
  StoredResponsePtr other;     // when only other variants are there: one of them, for its Vary names
  Purged purged{};             // what has been done to `response`
};

/// What to do about a request, as a value: the lifecycle performs it.
struct Reuse {
  enum Action : std::uint8_t {
    serve,     // answer from the store
    refresh,   // the same, and validate it in the background (RFC 5861 §3, or early)
    validate,  // ask the origin whether the stored response still holds (§4.3)
    fetch,     // nothing usable is stored
    refuse,    // only-if-cached and nothing usable: 504 (§5.2.1.7)
  };
  Action action = fetch;
  http::ForwardReason forward = http::ForwardReason::uri_miss;  // why upstream, unless served
  bool stale = false;           // served although stale (max-stale, stale-while-revalidate)
  bool on_error = false;        // may be served if the origin fails (RFC 5861 §4)
  std::chrono::seconds age{0};  // current age, when there is a stored response
  std::chrono::seconds ttl{0};  // remaining freshness, negative when stale

  bool serves() const noexcept { return action == serve || action == refresh; }
};

/// What is done instead when the stored response lacks a part of what is wanted: the part is fetched.
Reuse for_the_rest(Reuse reuse, const RequestCacheControl& control) noexcept;

/// Pure. `control` is the request's own Cache-Control; `random` is uniform in (0, 1] and looked at only when
/// the policy has an early refresh.
Reuse decide(const RequestCacheControl& control, const Found& found, const Policy& policy, WallTime now,
             double random) noexcept;

}  // namespace forebay::cache
