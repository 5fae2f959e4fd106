// HTTP dates (RFC 9110 §5.6.7).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "forebay/base/clock.hpp"

namespace forebay::http {

/// Reads IMF-fixdate, RFC 850 and asctime dates. `now` decides the century of RFC 850's two-digit year: a
/// date more than 50 years ahead is in the past. Names and "GMT" match in any case, as a cache should (RFC
/// 9111 §4.2); the name of the day is not held against the date. Nothing if the text is not exactly one valid
/// date between 1601 and 9999 (a leap second reads as :59).
std::optional<WallTime> parse_date(std::string_view text, WallTime now) noexcept;

inline constexpr std::size_t kDateLength = 29;
/// Writes IMF-fixdate at `out`, which has room for kDateLength characters. Fractions of a second are dropped;
/// a time outside the years 0 to 9999, which the format cannot express, becomes the nearest one inside.
void write_date(char* out, WallTime time) noexcept;
std::string format_date(WallTime time);

}  // namespace forebay::http
