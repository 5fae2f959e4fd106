#include "forebay/cache/targeted_control.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "forebay/base/strings.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/structured_field.hpp"

namespace forebay::cache {
namespace {

namespace sf = http::sf;

/// Set, for a directive that restricts: there, and not Boolean false. The type §2.1 infers is Boolean true,
/// or a String for private; a value of another type is not consumed, the directive stands.
bool restricts(const sf::Member* member) noexcept {
  if (!member) return false;
  const auto* value = sf::value_if<bool>(*member);
  return !value || *value;
}

/// Set, for a directive that permits: Boolean true, the type §2.1 infers, and nothing else.
bool permits(const sf::Member* member) noexcept {
  const auto* value = member ? sf::value_if<bool>(*member) : nullptr;
  return value && *value;
}

struct Flag {
  std::string_view name;
  bool ResponseCacheControl::*member;
  bool (*is_set)(const sf::Member*) noexcept;
};

constexpr Flag kFlags[] = {
    {"no-store", &ResponseCacheControl::no_store, restricts},
    {"private", &ResponseCacheControl::is_private, restricts},
    {"must-revalidate", &ResponseCacheControl::must_revalidate, restricts},
    {"proxy-revalidate", &ResponseCacheControl::proxy_revalidate, restricts},
    {"no-transform", &ResponseCacheControl::no_transform, restricts},
    {"public", &ResponseCacheControl::is_public, permits},
    {"must-understand", &ResponseCacheControl::must_understand, permits},
    {"immutable", &ResponseCacheControl::immutable, permits},
};

/// delta-seconds (RFC 9111 §1.2.2) is an Integer here, and only that: §2.1 warns of converting other types.
std::optional<seconds> delta(const sf::Member* member) noexcept {
  const auto* value = member ? sf::value_if<std::int64_t>(*member) : nullptr;
  if (!value || *value < 0) return std::nullopt;
  return std::min(seconds{*value}, kMaxDelta);
}

/// A lifetime that is there but cannot be read makes the response stale (RFC 9111 §4.2.1).
std::optional<seconds> lifetime(const sf::Member* member, ResponseCacheControl& control) noexcept {
  const auto value = delta(member);
  if (member && !value) control.has_invalid_freshness = true;
  return value;
}

/// Lower-case names separated by ','; empty if the list has none, or an element that is no name.
std::string field_names(std::string_view list) {
  std::string names;
  while (const auto name = http::next_element(list)) {
    if (!is_token(*name)) return {};
    if (!names.empty()) names += ',';
    names += lower(*name);
  }
  return names;
}

/// Boolean true, or a String of field names (§2.1, RFC 9111 §5.2.2.4). What does not name fields, an Inner
/// List or Token included, is the stricter, unqualified form.
void take_no_cache(ResponseCacheControl& control, const sf::Member* member) {
  if (!restricts(member)) return;
  if (const auto* text = sf::value_if<std::string>(*member)) control.no_cache_fields = field_names(*text);
  control.no_cache = control.no_cache_fields.empty();
}

}  // namespace

std::optional<ResponseCacheControl> parse_targeted_control(std::string_view value) {
  const auto directives = sf::parse_dictionary(value);
  if (!directives || directives->empty()) return std::nullopt;  // §2.1: ignored
  ResponseCacheControl control;
  control.present = true;
  for (const auto& flag : kFlags) control.*flag.member = flag.is_set(directives->find(flag.name));
  take_no_cache(control, directives->find("no-cache"));
  control.max_age = lifetime(directives->find("max-age"), control);
  control.s_maxage = lifetime(directives->find("s-maxage"), control);
  control.stale_while_revalidate = delta(directives->find("stale-while-revalidate"));
  control.stale_if_error = delta(directives->find("stale-if-error"));
  return control;
}

}  // namespace forebay::cache
