// Members of Accept-like fields with their weight (RFC 9110 §12.4.2).
#pragma once

#include <optional>
#include <string_view>

namespace forebay::http {

/// "de;q=0.5": a view of the value, and its weight in thousandths; 0 means "not acceptable".
struct Weighted {
  std::string_view value;
  int weight = 1000;
};

/// One list member. A missing weight counts as 1; nothing for an empty value or a malformed weight. Other
/// parameters are skipped.
std::optional<Weighted> parse_weighted(std::string_view member) noexcept;

}  // namespace forebay::http
