// Names of fields, cookies and query parameters as an operator lists them: "utm_*" stands for all that begin
// so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forebay::cache {

enum class Case : bool { matters, ignored };

/// A pattern is the name itself, or the beginning of names followed by one '*'.
bool fits(std::string_view pattern, std::string_view name, Case spelling = Case::matters) noexcept;
/// The first of the patterns that fits, or nothing.
const std::string* find_fit(const std::vector<std::string>& patterns, std::string_view name,
                            Case spelling = Case::matters) noexcept;
inline bool fits_any(const std::vector<std::string>& patterns, std::string_view name) noexcept {
  return find_fit(patterns, name) != nullptr;
}

}  // namespace forebay::cache
