#include "forebay/base/quantity.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>

#include "forebay/base/strings.hpp"

namespace forebay {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Smallest first: formatting looks for the largest that divides.
constexpr std::array kDurationUnits{
    Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000},
};
constexpr std::array kSizeUnits{
    Unit{"B", 1},
    Unit{"KiB", std::uint64_t{1} << 10},
    Unit{"MiB", std::uint64_t{1} << 20},
    Unit{"GiB", std::uint64_t{1} << 30},
    Unit{"TiB", std::uint64_t{1} << 40},
};

Error invalid(std::string_view text, std::string_view reason) {
  std::string detail{"\""};
  detail.append(text).append("\": ").append(reason);
  return fail(ErrorKind::invalid_value, std::move(detail));
}

Error wrong_unit(std::string_view text, std::string_view unit, std::span<const Unit> units) {
  std::string reason{unit.empty() ? "a unit is missing" : "unknown unit \""};
  if (!unit.empty()) reason.append(unit).append("\"");
  reason.append(", expected one of");
  for (const auto& known : units) reason.append(&known == units.data() ? " " : ", ").append(known.name);
  return invalid(text, reason);
}

/// A whole number directly followed by one of `units`; without a unit it counts `bare` (nothing: a unit is
/// needed, except by zero).
Result<std::uint64_t> parse(std::string_view text, std::span<const Unit> units,
                            std::optional<std::uint64_t> bare, std::uint64_t limit) {
  const auto end_of_number = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = text.substr(0, static_cast<std::size_t>(end_of_number - text.begin()));
  const auto unit = text.substr(digits.size());
  if (digits.empty()) return invalid(text, "expected a whole number");
  if (unit.starts_with('.') || unit.starts_with(',')) return invalid(text, "fractions are not supported");
  const auto number = parse_decimal(digits);
  if (!number) return invalid(text, "the number is too large");

  auto factor = bare;
  if (!unit.empty()) {
    const auto known =
        std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit; });
    if (known == units.end()) return wrong_unit(text, unit, units);
    factor = known->factor;
  } else if (*number == 0) {
    factor = 1;
  }
  if (!factor) return wrong_unit(text, unit, units);
  if (*number > limit / *factor) return invalid(text, "the number is too large");
  return *number * *factor;
}

/// `value`, which is not 0, in the largest unit that divides it; in the smallest one as `smallest` says.
std::string format(std::uint64_t value, std::span<const Unit> units, std::string_view smallest) {
  for (auto i = units.size() - 1; i > 0; --i) {
    const auto& unit = units[i];
    if (value % unit.factor == 0) return std::to_string(value / unit.factor).append(unit.name);
  }
  return std::to_string(value).append(smallest);
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  constexpr auto kLimit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto value = parse(text, kDurationUnits, std::nullopt, kLimit);
  if (!value) return value.error();
  return std::chrono::milliseconds{static_cast<std::int64_t>(*value)};
}

Result<std::uint64_t> parse_size(std::string_view text) {
  return parse(text, kSizeUnits, 1, std::numeric_limits<std::uint64_t>::max());
}

std::string format_duration(std::chrono::milliseconds value) {
  if (value.count() == 0) return "0";
  const bool negative =
      value.count() < 0;  // not a duration anybody can configure, but one a log line may hold
  const auto magnitude = static_cast<std::uint64_t>(value.count());
  return (negative ? "-" : "") + format(negative ? 0 - magnitude : magnitude, kDurationUnits, "ms");
}

std::string format_size(std::uint64_t bytes) { return bytes == 0 ? "0" : format(bytes, kSizeUnits, ""); }

}  // namespace forebay
