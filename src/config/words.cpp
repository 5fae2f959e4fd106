#include "config/words.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "forebay/base/strings.hpp"

namespace forebay::config {

namespace {

constexpr std::size_t kMaxQuotedBytes = 80;
constexpr std::size_t kMaxNameBytes = 64;  // the distance is quadratic
constexpr std::size_t kMaxCompared = 256;
constexpr std::size_t kMaxListed = 12;

}  // namespace

std::string without_controls(std::string text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

std::string printable(std::string_view text) {
  std::size_t length = std::min(text.size(), kMaxQuotedBytes);
  if (length < text.size()) {
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  }
  std::string out = without_controls(std::string(text.substr(0, length)));
  return length < text.size() ? out + "..." : out;
}

std::string in_ticks(std::string_view text) { return "`" + printable(text) + "`"; }

std::string variable_in_ticks(std::string_view inner) { return "`${" + printable(inner) + "}`"; }

std::string one_of(const std::vector<std::string_view>& names) {
  std::string out;
  const std::size_t shown = std::min(names.size(), kMaxListed);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
    out += in_ticks(names[i]);
  }
  if (shown < names.size()) out += " or " + std::to_string(names.size() - shown) + " more";
  return out;
}

std::string_view nearest(std::string_view name, const std::vector<std::string_view>& known) {
  if (name.size() > kMaxNameBytes) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;  // one more than is near
  const std::string wanted = lower(name);
  for (const std::string_view candidate : std::span(known).first(std::min(known.size(), kMaxCompared))) {
    if (candidate.size() > kMaxNameBytes) continue;
    const auto [shorter, longer] = std::minmax({candidate.size(), name.size()});
    if (longer - shorter >= best_distance) continue;  // it takes as many insertions at least
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string hint(std::string_view name, const std::vector<std::string_view>& known) {
  if (const std::string_view near = nearest(name, known); !near.empty()) {
    return "; did you mean " + in_ticks(near) + "?";
  }
  return known.empty() ? "" : "; known here: " + one_of(known);
}

}  // namespace forebay::config
