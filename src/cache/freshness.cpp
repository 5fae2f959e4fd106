#include "forebay/cache/freshness.hpp"

#include <algorithm>
#include <cmath>

#include "forebay/base/strings.hpp"
#include "forebay/http/date.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/status.hpp"

namespace forebay::cache {
namespace {

using http::FieldId;

constexpr milliseconds kMaxFetchTime{std::chrono::hours{24}};

/// Whole seconds between 0 and kMaxDelta (RFC 9111 §1.2.2).
template <class Duration>
seconds saturate(Duration value) noexcept {
  return std::clamp(std::chrono::floor<seconds>(value), seconds{0}, kMaxDelta);
}

std::optional<WallTime> find_date(const http::Fields& fields, FieldId id, WallTime now) noexcept {
  const auto text = fields.find(id);
  return text ? http::parse_date(*text, now) : std::nullopt;
}

/// date_value (RFC 9111 §4.2.3): a Date that is missing or malformed counts as sent on arrival (RFC 9110
/// §6.6.1).
WallTime date_value(const http::Fields& fields, WallTime response_time) noexcept {
  return find_date(fields, FieldId::date, response_time).value_or(response_time);
}

/// Expires, or nothing if there is none. Several lines that differ are no information (RFC 9111 §4.2.1).
std::optional<Lifetime> expires_lifetime(const http::Fields& fields, WallTime response_time) noexcept {
  const auto text = fields.find(FieldId::expires);
  if (!text) return std::nullopt;
  for (const auto& line : fields) {
    if (line.id == FieldId::expires && line.value != *text)
      return Lifetime{seconds{0}, LifetimeSource::invalid};
  }
  const auto expires = http::parse_date(*text, response_time);
  if (!expires) return Lifetime{seconds{0}, LifetimeSource::expires};  // "0" and the like: expired (§5.3)
  return Lifetime{saturate(*expires - date_value(fields, response_time)), LifetimeSource::expires};
}

/// A part of the time since Last-Modified (RFC 9111 §4.2.2); nothing worth speaking of is none.
Lifetime heuristic_lifetime(const http::Fields& fields, const Policy& policy,
                            WallTime response_time) noexcept {
  const auto modified = find_date(fields, FieldId::last_modified, response_time);
  if (!modified) return {};
  const auto unchanged = saturate(date_value(fields, response_time) - *modified);
  const auto value = std::min(unchanged * policy.heuristic_percent / 100, policy.heuristic_max);
  if (value <= seconds{0}) return {};
  return {std::min(value, kMaxDelta), LifetimeSource::heuristic};
}

/// RFC 5861: what the response says, or else the policy. `must-revalidate` and the like forbid both windows
/// (RFC 9111 §4.2.4). s-maxage only implies proxy-revalidate (§5.2.2.10): a window that the same response
/// names is the more specific of the two and holds.
StoredSeconds stale_window(const ResponseCacheControl& control, std::optional<seconds> said,
                           std::optional<seconds> by_policy) noexcept {
  if (control.must_revalidate || control.proxy_revalidate || control.no_cache ||
      !control.no_cache_fields.empty())
    return StoredSeconds{0};
  if (said) return *said;
  return control.s_maxage ? StoredSeconds{0} : StoredSeconds{saturate(by_policy.value_or(seconds{0}))};
}

/// True if the head that clients get says something else about caching than what the origin sent.
bool edits_control(const Policy& policy) noexcept {
  const auto is_edited = [&](std::string_view name) { return policy.response_edits.touches(name); };
  return !policy.response_edits.is_empty() &&
         (is_edited("Cache-Control") || is_edited("Expires") || is_edited("Pragma") ||
          is_edited("Surrogate-Control") || is_edited("X-Accel-Expires") ||
          std::any_of(policy.targeted_fields.begin(), policy.targeted_fields.end(), is_edited));
}

}  // namespace

std::string_view name(LifetimeSource source) noexcept {
  switch (source) {
    case LifetimeSource::none: return "none";
    case LifetimeSource::s_maxage: return "s_maxage";
    case LifetimeSource::max_age: return "max_age";
    case LifetimeSource::expires: return "expires";
    case LifetimeSource::status_ttl: return "status_ttl";
    case LifetimeSource::default_ttl: return "default_ttl";
    case LifetimeSource::heuristic: return "heuristic";
    case LifetimeSource::invalid: return "invalid";
  }
  return "";
}

Lifetime freshness_lifetime(const http::ResponseHead& response, const ResponseCacheControl& control,
                            const Policy& policy, WallTime response_time) {
  // RFC 9111 §4.2.1, in its order; explicit information that is invalid is not replaced by a guess.
  if (control.has_invalid_freshness) return {seconds{0}, LifetimeSource::invalid};
  if (control.s_maxage) return {*control.s_maxage, LifetimeSource::s_maxage};
  if (control.max_age) return {*control.max_age, LifetimeSource::max_age};
  if (control.source == ControlSource::cache_control)
    if (const auto lifetime = expires_lifetime(response.fields, response_time)) return *lifetime;
  if (const auto* row = policy.find_status(response.status))
    return {saturate(row->ttl), LifetimeSource::status_ttl};
  // §4.2.2: a lifetime may be assumed where the status allows that, or `public` does.
  if (!http::is_heuristically_cacheable(response.status) && !control.is_public) return {};
  if (policy.default_ttl) return {saturate(*policy.default_ttl), LifetimeSource::default_ttl};
  return heuristic_lifetime(response.fields, policy, response_time);
}

std::optional<seconds> received_age(const http::Fields& response) noexcept {
  auto text = response.find(FieldId::age);
  const auto first = text ? http::next_element(*text) : std::nullopt;
  if (!first) return std::nullopt;
  const auto value = parse_decimal_capped(*first, static_cast<std::uint64_t>(kMaxDelta.count()));
  if (!value) return std::nullopt;
  return seconds{static_cast<seconds::rep>(*value)};
}

seconds corrected_initial_age(const http::ResponseHead& response, WallTime request_time,
                              WallTime response_time) {
  // RFC 9111 §4.2.3. A response that seems to come before its request was timed by a clock that was set back.
  const auto apparent_age = saturate(response_time - date_value(response.fields, response_time));
  const auto response_delay = saturate(response_time - request_time);
  const auto corrected_age_value =
      std::min(received_age(response.fields).value_or(seconds{0}) + response_delay, kMaxDelta);
  return std::max(apparent_age, corrected_age_value);
}

bool replaces_cache_control(const http::ResponseHead& response, const ResponseCacheControl& control,
                            const Policy& policy) noexcept {
  return !policy.client_cache_control.empty() && response.status < 400 && !control.is_private &&
         !control.no_store &&
         (policy.set_cookie == SetCookie::strip || !response.fields.has(FieldId::set_cookie));
}

seconds bounded_lifetime(const Lifetime& lifetime, const ResponseCacheControl& control,
                         const Policy& policy) noexcept {
  if (lifetime.source == LifetimeSource::none || lifetime.source == LifetimeSource::invalid ||
      control.no_cache || !control.no_cache_fields.empty())
    return lifetime.value;
  auto value = lifetime.value;
  if (policy.min_ttl) value = std::max(value, *policy.min_ttl);
  if (policy.max_ttl) value = std::min(value, *policy.max_ttl);
  return std::min(value, kMaxDelta);
}

StoredSeconds jittered(StoredSeconds lifetime, const Policy& policy, double random) noexcept {
  const auto less = static_cast<double>(lifetime.count()) * policy.ttl_jitter / 100 * random;
  return lifetime - StoredSeconds{static_cast<std::int32_t>(less)};
}

bool is_due_early(const Freshness& freshness, const Policy& policy, WallTime now, double random) noexcept {
  if (policy.early_refresh == 0 || freshness.lifetime == StoredSeconds{0}) return false;
  const milliseconds lifetime = freshness.lifetime;
  const auto left = freshness.response_time + lifetime - seconds{freshness.initial_age} - now;
  const milliseconds fetch_time = freshness.fetch_time;
  if (left > std::min(kEarlyWindow * fetch_time, lifetime / 2)) return false;
  const auto reach = static_cast<double>(fetch_time.count()) * policy.early_refresh / 100 * -std::log(random);
  return reach >= static_cast<double>(left.count());
}

Freshness assess(const http::ResponseHead& response, const ResponseCacheControl& control,
                 const Policy& policy, WallTime request_time, WallTime response_time) {
  const auto lifetime = freshness_lifetime(response, control, policy, response_time);
  Freshness out;
  out.response_time = response_time;
  out.initial_age = corrected_initial_age(response, request_time, response_time);
  out.lifetime = bounded_lifetime(lifetime, control, policy);
  out.heuristic = lifetime.source == LifetimeSource::heuristic;
  // no-cache="field" (§5.2.2.4) is taken for the unqualified form: the whole response is validated.
  out.always_validate = control.no_cache || !control.no_cache_fields.empty();
  // §4.2.4; s-maxage implies proxy-revalidate (§5.2.2.10).
  out.never_stale = control.must_revalidate || control.proxy_revalidate || control.s_maxage.has_value();
  out.stale_while_revalidate =
      stale_window(control, control.stale_while_revalidate, policy.stale_while_revalidate);
  out.stale_if_error = stale_window(control, control.stale_if_error, policy.stale_if_error);
  out.fetch_time = std::chrono::duration_cast<decltype(out.fetch_time)>(
      std::clamp(response_time - request_time, milliseconds{0}, kMaxFetchTime));
  out.control_replaced = replaces_cache_control(response, control, policy);
  out.control_edited = edits_control(policy);
  out.no_transform = http::has_element(response.fields, FieldId::cache_control, "no-transform");
  return out;
}

seconds current_age(const Freshness& freshness, WallTime now) noexcept {
  const auto resident_time = saturate(now - freshness.response_time);
  return std::min(seconds{freshness.initial_age} + resident_time, kMaxDelta);
}

seconds remaining(const Freshness& freshness, WallTime now) noexcept {
  return seconds{freshness.lifetime} - current_age(freshness, now);
}

}  // namespace forebay::cache
