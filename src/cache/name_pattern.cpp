#include "forebay/cache/name_pattern.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"

namespace forebay::cache {

bool fits(std::string_view pattern, std::string_view name, Case spelling) noexcept {
  const bool is_prefix = pattern.ends_with('*');
  if (is_prefix) pattern.remove_suffix(1);
  if (is_prefix ? name.size() < pattern.size() : name.size() != pattern.size()) return false;
  name = name.substr(0, pattern.size());
  return spelling == Case::matters ? name == pattern : iequals(name, pattern);
}

bool fits_any(const std::vector<std::string>& patterns, std::string_view name, Case spelling) noexcept {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return fits(pattern, name, spelling); });
}

}  // namespace forebay::cache
