// What is kept of a response besides its head and body: when it came, and for how long it may be used.
#pragma once

#include <chrono>
#include <cstdint>

#include "forebay/base/clock.hpp"

namespace forebay::cache {

/// Position in the invalidation log; grows only.
using Position = std::uint64_t;

/// Seconds in the width they are kept in; converts to and from std::chrono::seconds. Never above kMaxDelta.
using StoredSeconds = std::chrono::duration<std::int32_t>;

/// Times and permissions of one stored response: what `decide` needs, computed once when it is stored.
struct Freshness {
  WallTime response_time;                   // when the head was received or last validated (§4.2.3)
  StoredSeconds initial_age{0};             // corrected_initial_age (§4.2.3)
  StoredSeconds lifetime{0};                // freshness lifetime (§4.2.1)
  StoredSeconds stale_while_revalidate{0};  // may be served so long after it became stale, while it is
                                            // validated in the background (RFC 5861 §3)
  StoredSeconds stale_if_error{0};          // the same when the origin fails (RFC 5861 §4)
  std::chrono::duration<std::int32_t, std::milli> fetch_time{0};  // what it took to get
  bool heuristic : 1 = false;                                     // the lifetime was guessed (§4.2.2)
  bool always_validate : 1 = false;                               // no-cache
  bool never_stale : 1 = false;  // must-revalidate, proxy-revalidate, s-maxage: §4.2.4
  /// The origin's Cache-Control is not in the head, but the policy's: a 304 without one changes no rule.
  bool control_replaced : 1 = false;
  /// The same where the route edits fields that rule caching.
  bool control_edited : 1 = false;
  /// Nobody may recode the content (§5.2.2.6), whatever clients are told.
  bool no_transform : 1 = false;
  /// The ETag is ours, made from the body once that is there: the upstream is not asked with it.
  bool made_etag : 1 = false;

  friend bool operator==(const Freshness&, const Freshness&) = default;
};

}  // namespace forebay::cache
