// Entity tags (RFC 9110 §8.8.3).
#pragma once

#include <optional>
#include <string_view>

#include "forebay/http/headers.hpp"

namespace forebay::http {

/// An entity tag: views into the field value. `opaque` includes the quotes.
struct EntityTag {
  bool weak = false;
  std::string_view opaque;
};

/// Exactly one entity-tag; nothing for anything else.
std::optional<EntityTag> parse_entity_tag(std::string_view text) noexcept;
/// Takes the next member off the front of a list of them, trimmed, well-formed or not. Like next_element, but
/// for members whose quotes know no escapes: a backslash in an entity tag is a backslash.
std::optional<std::string_view> next_tag(std::string_view& list) noexcept;
/// RFC 9110 §8.8.3.2.
bool strongly_equal(const EntityTag& a, const EntityTag& b) noexcept;
bool weakly_equal(const EntityTag& a, const EntityTag& b) noexcept;

enum class Comparison { strong, weak };
/// True if a line of this field (If-Match, If-None-Match) is "*" or lists a tag that equals `tag`. A
/// malformed member matches nothing. Without `tag` only "*" matches.
bool lists_tag(const Fields& fields, FieldId id, const std::optional<EntityTag>& tag,
               Comparison how) noexcept;

}  // namespace forebay::http
