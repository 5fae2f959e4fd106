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

const std::string* find_fit(const std::vector<std::string>& patterns, std::string_view name,
                            Case spelling) noexcept {
  const auto found = std::find_if(patterns.begin(), patterns.end(),
                                  [&](const std::string& pattern) { return fits(pattern, name, spelling); });
  return found == patterns.end() ? nullptr : &*found;
}

}  // namespace forebay::cache
