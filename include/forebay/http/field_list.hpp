// Comma-separated field values (RFC 9110 §5.6.1) and the parameters within them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "forebay/http/headers.hpp"

namespace forebay::http {

/// Takes the next non-empty element off the front of a list value, trimmed; commas inside quoted strings do
/// not separate. Nothing when the list is used up. An unterminated quoted string runs to the end of the
/// value.
std::optional<std::string_view> next_element(std::string_view& list) noexcept;

/// Calls `visit(element)` for every element of every line with this id, in order.
template <class Visit>
void for_each_element(const Fields& fields, FieldId id, Visit&& visit) {
  if (!fields.has(id)) return;
  for (const auto& line : fields) {
    if (line.id != id) continue;
    auto rest = line.value;
    while (const auto element = next_element(rest)) visit(*element);
  }
}

/// True if a quoted string in the value does not end: whatever is appended would become part of it.
bool has_open_quote(std::string_view text) noexcept;

/// True if any line with this id has this element, ignoring case.
bool has_element(const Fields& fields, FieldId id, std::string_view element) noexcept;

/// All lines of the field joined by ", " (RFC 9110 §5.3).
std::string joined(const Fields& fields, std::string_view name);

/// The text of a quoted-string without quotes and escapes; nothing if `text` is not one (RFC 9110 §5.6.4).
std::optional<std::string> unquote(std::string_view text);

}  // namespace forebay::http
