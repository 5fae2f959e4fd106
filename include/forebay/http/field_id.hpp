// The field names forebay acts on, as small numbers: a set of them fits in one machine word, so the hit path
// can ask "is any of these present?" with one AND.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace forebay::http {

enum class FieldId : std::uint8_t {
  other,  // any field that forebay only passes on
  accept,
  accept_encoding,
  accept_language,
  accept_ranges,
  age,
  allow,
  authorization,
  cache_control,
  cache_status,
  connection,
  content_encoding,
  content_language,
  content_length,
  content_location,
  content_range,
  content_type,
  cookie,
  date,
  etag,
  expect,
  expires,
  forwarded,
  host,
  if_match,
  if_modified_since,
  if_none_match,
  if_range,
  if_unmodified_since,
  keep_alive,
  last_modified,
  location,
  max_forwards,
  origin,
  pragma,
  proxy_authenticate,
  proxy_authentication_info,
  proxy_authorization,
  proxy_connection,
  proxy_status,
  range,
  referer,
  retry_after,
  server,
  set_cookie,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  user_agent,
  vary,
  via,
  warning,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_proto,
};
inline constexpr unsigned kFieldIds = static_cast<unsigned>(FieldId::x_forwarded_proto) + 1;
static_assert(kFieldIds <= 64, "a FieldSet is one 64-bit word");

/// The registered spelling, "Cache-Control"; "" for `other`.
std::string_view name(FieldId id) noexcept;
/// Case-insensitive (RFC 9110 §5.1); `other` for a name that is not in the list.
FieldId field_id(std::string_view name) noexcept;

class FieldSet {
 public:
  constexpr FieldSet() = default;
  constexpr FieldSet(std::initializer_list<FieldId> ids) {
    for (const auto id : ids) insert(id);
  }
  constexpr void insert(FieldId id) noexcept { bits_ |= std::uint64_t{1} << static_cast<unsigned>(id); }
  constexpr bool contains(FieldId id) const noexcept { return (bits_ >> static_cast<unsigned>(id)) & 1U; }
  constexpr bool intersects(FieldSet other) const noexcept { return (bits_ & other.bits_) != 0; }
  constexpr void clear() noexcept { bits_ = 0; }

 private:
  std::uint64_t bits_ = 0;
};

}  // namespace forebay::http
