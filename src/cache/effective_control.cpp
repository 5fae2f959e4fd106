#include "forebay/cache/effective_control.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "forebay/base/strings.hpp"
#include "forebay/cache/targeted_control.hpp"
#include "forebay/http/field_list.hpp"

namespace forebay::cache {
namespace {

constexpr std::string_view kOurName = "forebay";  // in Surrogate-Capability
constexpr auto kMost = static_cast<std::uint64_t>(kMaxDelta.count());

/// A value without its control targets; nothing if they name other surrogates only ("max-age=60;cdn").
std::optional<std::string_view> for_us(std::string_view element) noexcept {
  const auto semicolon = element.find(';');
  if (semicolon == std::string_view::npos) return element;
  auto targets = element.substr(semicolon + 1);
  while (!targets.empty()) {
    const auto end = std::min(targets.find(';'), targets.size());
    if (iequals(trim(targets.substr(0, end)), kOurName)) return trim(element.substr(0, semicolon));
    targets.remove_prefix(std::min(end + 1, targets.size()));
  }
  return std::nullopt;
}

/// "max-age=600" or "max-age=600+60", which adds a time in which it may be served stale.
void take_surrogate_age(ResponseCacheControl& control, std::string_view value) noexcept {
  const auto plus = value.find('+');
  const auto lifetime = parse_decimal_capped(value.substr(0, plus), kMost);
  if (!lifetime) {
    control.has_invalid_freshness = true;
    return;
  }
  control.max_age = seconds{static_cast<seconds::rep>(*lifetime)};
  if (plus == std::string_view::npos) return;
  if (const auto more = parse_decimal_capped(value.substr(plus + 1), kMost))
    control.stale_while_revalidate = seconds{static_cast<seconds::rep>(*more)};
}

std::optional<ResponseCacheControl> surrogate_control(std::string_view value) {
  ResponseCacheControl control;
  bool speaks_to_us = false;
  while (const auto element = http::next_element(value)) {
    const auto directive = for_us(*element);
    if (!directive) continue;
    speaks_to_us = true;
    constexpr std::string_view kMaxAge = "max-age=";
    if (iequals(*directive, "no-store")) control.no_store = true;
    if (iequals(directive->substr(0, kMaxAge.size()), kMaxAge))
      take_surrogate_age(control, directive->substr(kMaxAge.size()));
  }
  return speaks_to_us ? std::optional(control) : std::nullopt;
}

/// Seconds, "@" and a Unix time, or "0" for not at all.
std::optional<ResponseCacheControl> accel_expires(std::string_view value, WallTime now) noexcept {
  const bool is_moment = value.starts_with('@');
  const auto number = parse_decimal_capped(value.substr(is_moment ? 1 : 0), INT64_MAX / 1000);
  if (!number) return std::nullopt;
  auto lifetime = seconds{static_cast<seconds::rep>(*number)};
  if (is_moment) lifetime -= std::chrono::floor<seconds>(now.time_since_epoch());
  ResponseCacheControl control;
  control.max_age = std::clamp(lifetime, seconds{0}, kMaxDelta);
  control.no_store = *control.max_age == seconds{0};
  return control;
}

std::optional<ResponseCacheControl> said_by(ControlSource source,
                                            std::optional<ResponseCacheControl> control) {
  if (control) control->source = source;
  return control;
}

std::optional<ResponseCacheControl> targeted(const http::Fields& response, const Policy& policy,
                                             WallTime now) {
  for (const auto& name : policy.targeted_fields) {
    if (auto control = parse_targeted_control(http::joined(response, name)))
      return said_by(ControlSource::targeted, std::move(control));
  }
  if (policy.surrogate_control) {
    const auto value = http::joined(response, "Surrogate-Control");
    if (auto control = value.empty() ? std::nullopt : surrogate_control(value))
      return said_by(ControlSource::surrogate_control, std::move(control));
  }
  if (!policy.x_accel_expires) return std::nullopt;
  const auto value = http::joined(response, "X-Accel-Expires");
  return said_by(ControlSource::x_accel_expires, value.empty() ? std::nullopt : accel_expires(value, now));
}

}  // namespace

ResponseCacheControl effective_control(const http::Fields& response, const Policy& policy, WallTime now) {
  if (policy.ignore_cache_control) {
    ResponseCacheControl nothing;
    nothing.present = true;
    nothing.source = ControlSource::policy;
    return nothing;
  }
  auto control = targeted(response, policy, now);
  if (!control) return parse_response_cache_control(response);
  control->present = true;
  return *control;
}

}  // namespace forebay::cache
