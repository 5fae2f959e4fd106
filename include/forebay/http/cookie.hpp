// The Cookie field of requests (RFC 6265 §4.2).
#pragma once

#include <optional>
#include <string_view>

#include "forebay/base/strings.hpp"
#include "forebay/http/headers.hpp"

namespace forebay::http {

/// Calls `visit(name, value)` for each cookie-pair of every Cookie line, in order, until it returns false. A
/// pair without '=' is a name with an empty value. Names keep their case, values their quotes.
template <class Visit>
void for_each_cookie(const Fields& request, Visit&& visit) {
  if (!request.has(FieldId::cookie)) return;
  for (const auto& line : request) {
    if (line.id != FieldId::cookie) continue;
    auto rest = line.value;
    while (!rest.empty()) {
      const auto end = rest.find(';');
      const auto pair = trim(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      const auto equals = pair.find('=');
      const auto name = trim(pair.substr(0, equals));
      const auto value =
          equals == std::string_view::npos ? std::string_view() : trim(pair.substr(equals + 1));
      if (!name.empty() && !visit(name, value)) return;
    }
  }
}

/// The value of the first cookie of this name, as a server sees it.
std::optional<std::string_view> find_cookie(const Fields& request, std::string_view name) noexcept;

}  // namespace forebay::http
