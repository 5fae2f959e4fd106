#include "forebay/cache/storability.hpp"

#include <algorithm>

#include "forebay/cache/freshness.hpp"
#include "forebay/cache/invalidation.hpp"
#include "forebay/cache/tags.hpp"
#include "forebay/cache/vary.hpp"
#include "forebay/http/date.hpp"
#include "forebay/http/status.hpp"
#include "forebay/http/validators.hpp"

namespace forebay::cache {
namespace {

using http::FieldId;

/// RFC 9111 §3: final, and no code with rules that we do not implement: 206 is a part, 304 and 412 answer
/// conditions, RFC 6585 forbids storing 428, 429, 431 and 511. An unregistered code is treated as the x00 of
/// its class, which allows storing what says that it may be; codes from 600 on are invalid (RFC 9110 §15).
bool has_storable_status(int status) noexcept {
  if (status < 200 || status >= 600) return false;
  return http::is_understood(status) || http::reason_phrase(status).empty();
}

/// RFC 9111 §3: a method that is understood: its answer is found again by what the request asked for.
bool has_storable_method(http::Method method, const Policy& policy) noexcept {
  return method == http::Method::get || (method == http::Method::query && policy.query_method.enabled);
}

/// Errors by which an origin refuses a request as it was sent. Stored, they would be everybody's: one request
/// with fields that only the origin finds too large would take a page down for all ("cache-poisoned denial of
/// service", Nguyen, Lo Iacono, Federrath, CCS 2019).
bool blames_the_request(int status) noexcept {
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 411:
    case 413:
    case 414:
    case 415:
    case 417:
    case 422:
    case 501: return true;
    default: return false;
  }
}

constexpr std::size_t kOrdinaryHeadBytes = 4096;
constexpr std::size_t kOrdinaryValueBytes = 2048;

/// True for a request that other servers may well refuse: a large head, a long value, bytes beyond ASCII.
bool is_odd(const http::RequestHead& request) noexcept {
  std::size_t bytes = request.target.size();
  for (const auto& field : request.fields) {
    bytes += field.name.size() + field.value.size();
    if (field.value.size() > kOrdinaryValueBytes) return true;
    for (const char c : field.value)
      if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > '~') return true;
  }
  return bytes > kOrdinaryHeadBytes;
}

/// RFC 9111 §5.2.2.3: must-understand forbids storing a status that is not understood, and lifts no-store
/// from others.
StoreVerdict judge_no_store(int status, const ResponseCacheControl& control) noexcept {
  if (control.must_understand) {
    return http::is_understood(status) ? StoreVerdict::stored : StoreVerdict::status;
  }
  return control.no_store ? StoreVerdict::no_store : StoreVerdict::stored;
}

/// What a shared cache must not keep for others. What is kept for one client alone is kept by a private cache
/// in that regard (RFC 9111 §3.5, docs/decisions/0014-a-partition-is-a-private-cache.md).
StoreVerdict judge_sharing(const http::RequestHead& request, const http::ResponseHead& response,
                           const ResponseCacheControl& control, const Policy& policy, Sharing sharing) {
  const bool keeps_private = sharing != Sharing::everybody && policy.key.partition.stores_private;
  if (control.is_private && !keeps_private) return StoreVerdict::is_private;
  if (request.fields.has(FieldId::authorization) && sharing != Sharing::credentials &&
      !may_share_despite_authorization(control)) {
    return StoreVerdict::authorization;
  }
  if (policy.set_cookie == SetCookie::refuse && response.fields.has(FieldId::set_cookie))
    return StoreVerdict::set_cookie;
  if (!selecting_names(response.fields, policy.key)) return StoreVerdict::vary_any;
  if (!tags_of({}, response.fields, policy)) return StoreVerdict::too_many_tags;
  return StoreVerdict::stored;
}

bool has_validator(const http::ResponseHead& response, WallTime response_time) noexcept {
  const auto etag = response.fields.find(FieldId::etag);
  if (etag && http::parse_entity_tag(*etag)) return true;
  const auto modified = response.fields.find(FieldId::last_modified);
  return modified && http::parse_date(*modified, response_time).has_value();
}

/// The last point of RFC 9111 §3's list, and whether keeping the response is of any use.
StoreVerdict judge_usefulness(const http::ResponseHead& response, const ResponseCacheControl& control,
                              const Policy& policy, WallTime request_time, WallTime response_time) {
  const auto source = freshness_lifetime(response, control, policy, response_time).source;
  if (source == LifetimeSource::none && !control.is_public &&
      !http::is_heuristically_cacheable(response.status)) {
    return StoreVerdict::no_lifetime;
  }
  if (has_validator(response, response_time)) return StoreVerdict::stored;
  const auto freshness = assess(response, control, policy, request_time, response_time);
  if (source == LifetimeSource::none || freshness.always_validate) return StoreVerdict::no_lifetime;
  const auto stale_windows = std::max(freshness.stale_while_revalidate, freshness.stale_if_error);
  return remaining(freshness, response_time) + stale_windows > seconds{0} ? StoreVerdict::stored
                                                                          : StoreVerdict::born_stale;
}

}  // namespace

bool may_share_despite_authorization(const ResponseCacheControl& control) noexcept {
  return control.must_revalidate || control.is_public || control.s_maxage.has_value();
}

std::string_view name(StoreVerdict verdict) noexcept {
  switch (verdict) {
    case StoreVerdict::stored: return "stored";
    case StoreVerdict::disabled: return "disabled";
    case StoreVerdict::method: return "method";
    case StoreVerdict::status: return "status";
    case StoreVerdict::odd_request: return "odd_request";
    case StoreVerdict::request_no_store: return "request_no_store";
    case StoreVerdict::no_store: return "no_store";
    case StoreVerdict::is_private: return "private";
    case StoreVerdict::authorization: return "authorization";
    case StoreVerdict::set_cookie: return "set_cookie";
    case StoreVerdict::vary_any: return "vary_any";
    case StoreVerdict::unsliceable: return "unsliceable";
    case StoreVerdict::too_many_tags: return "too_many_tags";
    case StoreVerdict::content_type: return "content_type";
    case StoreVerdict::no_lifetime: return "no_lifetime";
    case StoreVerdict::born_stale: return "born_stale";
    case StoreVerdict::too_large: return "too_large";
    case StoreVerdict::too_few_uses: return "too_few_uses";
    case StoreVerdict::no_room: return "no_room";
    case StoreVerdict::incomplete: return "incomplete";
    case StoreVerdict::invalidated: return "invalidated";
    case StoreVerdict::superseded: return "superseded";
  }
  return "";
}

bool is_about_the_request(StoreVerdict verdict) noexcept {
  return verdict == StoreVerdict::authorization || verdict == StoreVerdict::request_no_store ||
         verdict == StoreVerdict::odd_request;
}

StoreVerdict storability(const http::RequestHead& request, const http::ResponseHead& response,
                         const ResponseCacheControl& control, const Policy& policy, WallTime request_time,
                         WallTime response_time, Sharing sharing) {
  if (!policy.enabled) return StoreVerdict::disabled;
  if (!has_storable_method(request.method, policy)) return StoreVerdict::method;
  if (!has_storable_status(response.status)) return StoreVerdict::status;
  if (blames_the_request(response.status) && is_odd(request)) return StoreVerdict::odd_request;
  if (parse_request_cache_control(request.fields).no_store)
    return StoreVerdict::request_no_store;  // §5.2.1.5
  if (const auto verdict = judge_no_store(response.status, control); verdict != StoreVerdict::stored)
    return verdict;
  if (const auto verdict = judge_sharing(request, response, control, policy, sharing);
      verdict != StoreVerdict::stored)
    return verdict;
  return judge_usefulness(response, control, policy, request_time, response_time);
}

StoreVerdict storability_of_post(const http::RequestHead& request, const EffectiveUri& uri,
                                 const http::ResponseHead& response, const ResponseCacheControl& control,
                                 const Policy& policy, WallTime request_time, WallTime response_time,
                                 Sharing sharing) {
  if (request.method != http::Method::post || !represents_target(uri, response, policy.key.query))
    return StoreVerdict::method;
  if (response.status != 200) return StoreVerdict::status;
  switch (freshness_lifetime(response, control, policy, response_time).source) {
    case LifetimeSource::s_maxage:
    case LifetimeSource::max_age:
    case LifetimeSource::expires: break;
    case LifetimeSource::none:
    case LifetimeSource::status_ttl:
    case LifetimeSource::default_ttl:
    case LifetimeSource::heuristic:
    case LifetimeSource::invalid: return StoreVerdict::no_lifetime;
  }
  auto as_get = request;
  as_get.method = http::Method::get;
  return storability(as_get, response, control, policy, request_time, response_time, sharing);
}

}  // namespace forebay::cache
