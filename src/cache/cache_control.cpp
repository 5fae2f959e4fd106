#include "forebay/cache/cache_control.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "forebay/base/strings.hpp"
#include "forebay/http/field_list.hpp"

namespace forebay::cache {
namespace {

using http::FieldId;

/// cache-directive = token [ "=" ( token / quoted-string ) ], taken apart.
struct Directive {
  std::string_view name;
  std::string_view argument;  // as sent, with its quotes
  bool has_argument = false;
  bool is_spaced = false;  // whitespace around '=': not in the grammar

  bool is(std::string_view text) const noexcept { return iequals(name, text); }
};

Directive split(std::string_view element) noexcept {
  const auto equals = element.find('=');
  if (equals == std::string_view::npos) return {element, {}, false, false};
  const auto name = element.substr(0, equals);
  const auto argument = element.substr(equals + 1);
  Directive out{trim(name), trim(argument), true, false};
  out.is_spaced = out.name.size() != name.size() || out.argument.size() != argument.size();
  return out;
}

/// delta-seconds (RFC 9111 §1.2.2), as a token or quoted: §5.2 asks recipients to accept both.
std::optional<seconds> delta(const Directive& directive) noexcept {
  if (!directive.has_argument || directive.is_spaced) return std::nullopt;
  auto digits = directive.argument;
  if (digits.size() >= 2 && digits.front() == '"' && digits.back() == '"')
    digits = digits.substr(1, digits.size() - 2);
  const auto value = parse_decimal_capped(digits, static_cast<std::uint64_t>(kMaxDelta.count()));
  if (!value) return std::nullopt;
  return seconds{static_cast<seconds::rep>(*value)};
}

void take_smaller(std::optional<seconds>& slot, std::optional<seconds> value) noexcept {
  if (value) slot = slot ? std::min(*slot, *value) : *value;
}

void take_larger(std::optional<seconds>& slot, std::optional<seconds> value) noexcept {
  if (value) slot = slot ? std::max(*slot, *value) : *value;
}

template <class Control>
struct Flag {
  std::string_view name;
  bool Control::*member;
  bool permits = false;  // an argument, which the grammar does not know, makes it void
};

/// True if the directive is one of the flags.
template <class Control, std::size_t count>
bool take_flag(const std::array<Flag<Control>, count>& flags, Control& control,
               const Directive& directive) noexcept {
  for (const auto& flag : flags) {
    if (!directive.is(flag.name)) continue;
    if (!flag.permits || !directive.has_argument) control.*flag.member = true;
    return true;
  }
  return false;
}

constexpr std::array<Flag<RequestCacheControl>, 4> kRequestFlags{{
    {"no-cache", &RequestCacheControl::no_cache},
    {"no-store", &RequestCacheControl::no_store},
    {"no-transform", &RequestCacheControl::no_transform},
    {"only-if-cached", &RequestCacheControl::only_if_cached},
}};

constexpr std::array<Flag<ResponseCacheControl>, 8> kResponseFlags{{
    {"no-store", &ResponseCacheControl::no_store},
    {"private", &ResponseCacheControl::is_private},
    {"must-revalidate", &ResponseCacheControl::must_revalidate},
    {"proxy-revalidate", &ResponseCacheControl::proxy_revalidate},
    {"no-transform", &ResponseCacheControl::no_transform},
    {"public", &ResponseCacheControl::is_public, true},
    {"must-understand", &ResponseCacheControl::must_understand, true},
    {"immutable", &ResponseCacheControl::immutable, true},
}};

void take_request(RequestCacheControl& control, const Directive& directive) noexcept {
  if (take_flag(kRequestFlags, control, directive)) return;
  if (directive.is("max-age")) {
    take_smaller(control.max_age, delta(directive));
  } else if (directive.is("min-fresh")) {
    take_larger(control.min_fresh, delta(directive));
  } else if (directive.is("max-stale")) {
    take_smaller(control.max_stale, directive.has_argument ? delta(directive) : kMaxDelta);  // §5.2.1.2
  } else if (directive.is("stale-if-error")) {
    take_smaller(control.stale_if_error, delta(directive));
  }
}

/// The first occurrence counts, but what is malformed or contradicts it is remembered (§4.2.1).
void take_lifetime(ResponseCacheControl& control, std::optional<seconds>& slot,
                   const Directive& directive) noexcept {
  const auto value = delta(directive);
  if (!value || (slot && *slot != *value)) control.has_invalid_freshness = true;
  if (!slot) slot = value;
}

/// no-cache, or no-cache="field, field" (§5.2.2.4). Anything that does not name fields is the stricter,
/// unqualified form.
void take_no_cache(ResponseCacheControl& control, const Directive& directive) {
  const auto text = directive.has_argument ? http::unquote(directive.argument) : std::nullopt;
  std::string names;
  std::string_view rest = text ? std::string_view(*text) : directive.argument;
  while (const auto name = http::next_element(rest)) {
    if (!is_token(*name)) {
      names.clear();
      break;
    }
    if (!names.empty()) names += ',';
    names += lower(*name);
  }
  if (names.empty()) {
    control.no_cache = true;
    return;
  }
  if (!control.no_cache_fields.empty()) control.no_cache_fields += ',';
  control.no_cache_fields += names;
}

void take_response(ResponseCacheControl& control, const Directive& directive) {
  if (take_flag(kResponseFlags, control, directive)) return;
  if (directive.is("max-age")) {
    take_lifetime(control, control.max_age, directive);
  } else if (directive.is("s-maxage")) {
    take_lifetime(control, control.s_maxage, directive);
  } else if (directive.is("no-cache")) {
    take_no_cache(control, directive);
  } else if (directive.is("stale-while-revalidate")) {
    take_smaller(control.stale_while_revalidate, delta(directive));
  } else if (directive.is("stale-if-error")) {
    take_smaller(control.stale_if_error, delta(directive));
  }
}

}  // namespace

std::string_view name(ControlSource source) noexcept {
  switch (source) {
    case ControlSource::cache_control: return "cache_control";
    case ControlSource::targeted: return "targeted";
    case ControlSource::surrogate_control: return "surrogate_control";
    case ControlSource::x_accel_expires: return "x_accel_expires";
    case ControlSource::policy: return "policy";
  }
  return "";
}

RequestCacheControl parse_request_cache_control(const http::Fields& fields) {
  RequestCacheControl control;
  if (!fields.has_any({FieldId::cache_control, FieldId::pragma})) return control;
  if (fields.has(FieldId::cache_control)) {
    http::for_each_element(fields, FieldId::cache_control,
                           [&](std::string_view element) { take_request(control, split(element)); });
  } else {
    control.no_cache = http::has_element(fields, FieldId::pragma, "no-cache");  // RFC 9111 §5.4
  }
  return control;
}

ResponseCacheControl parse_response_cache_control(const http::Fields& fields) {
  ResponseCacheControl control;
  control.present = fields.has(FieldId::cache_control);
  http::for_each_element(fields, FieldId::cache_control, [&](std::string_view element) {
    if (http::has_open_quote(element)) control.is_private = true;
    take_response(control, split(element));
  });
  return control;
}

}  // namespace forebay::cache
