// May this response be stored? (RFC 9111 §3)
#pragma once

#include <cstdint>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/cache/cache_control.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/cache/policy.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

/// Why a response is not stored; `stored` when it may be. name() is the stable string of logs and
/// Cache-Status.
enum class StoreVerdict : std::uint8_t {
  stored,            // it may be stored
  disabled,          // the route does not cache
  method,            // neither to GET or QUERY nor to a POST that answers GETs (§3, RFC 9110 §9.3.3)
  status,            // the status code is interim, partial, or has rules we do not implement
  odd_request,       // an error that the request's own size or fields may have caused
  request_no_store,  // the request says no-store
  no_store,          // the response says no-store
  is_private,        // the response says private
  authorization,     // the request had Authorization and nothing allows sharing (§3.5)
  set_cookie,        // the response sets a cookie
  vary_any,          // Vary is *, malformed or too long: no request could match
  unsliceable,       // parts that were asked for as slices lack a strong entity tag or are others
  too_many_tags,     // it could not be invalidated by all of its tags
  content_type,      // its media type is not what the route's path pattern is for
  no_lifetime,       // neither explicit, default nor heuristic freshness, and no validator worth keeping
  born_stale,        // it is stale already and has no validator
  too_large,         // larger than max_body
  too_few_uses,      // it has not been asked for often enough yet
  no_room,           // the memory budget had no room for it
  incomplete,        // the body ended early
  invalidated,       // invalidated while it was being fetched
  superseded,        // another response has been stored while this one was validated
};
std::string_view name(StoreVerdict verdict) noexcept;
/// True if another request for the same key may well get a response that can be stored.
bool is_about_the_request(StoreVerdict verdict) noexcept;

/// Decides by the heads alone; size, completeness and invalidation are judged later by those who see them.
/// `request` is the client's request (its Authorization and Cache-Control count), with the method that was
/// sent upstream. `sharing`: who would get it.
StoreVerdict storability(const http::RequestHead& request, const http::ResponseHead& response,
                         const ResponseCacheControl& control, const Policy& policy, WallTime request_time,
                         WallTime response_time, Sharing sharing = Sharing::everybody);

/// RFC 9111 §3.5: what lets a response to a request with Authorization be shared.
bool may_share_despite_authorization(const ResponseCacheControl& control) noexcept;

/// The same for the answer to a POST as a later GET's answer (RFC 9110 §9.3.3): a 200 with a lifetime of its
/// own that says it represents the target.
StoreVerdict storability_of_post(const http::RequestHead& request, const EffectiveUri& uri,
                                 const http::ResponseHead& response, const ResponseCacheControl& control,
                                 const Policy& policy, WallTime request_time, WallTime response_time,
                                 Sharing sharing = Sharing::everybody);

}  // namespace forebay::cache
