#include "forebay/http/headers.hpp"

#include "forebay/base/strings.hpp"

namespace forebay::http {

std::optional<std::string_view> Fields::find(std::string_view name) const noexcept {
  for (const auto& line : lines_) {
    if (iequals(line.name, name)) return line.value;
  }
  return std::nullopt;
}

}  // namespace forebay::http
