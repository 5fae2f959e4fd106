#include "config/expand.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "config/words.hpp"
#include "forebay/base/strings.hpp"

namespace forebay::config {

namespace {

constexpr std::size_t kMaxExpandedBytes = 64 * 1024;

bool is_variable_name(std::string_view name) {
  const auto fits = [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; };
  return !name.empty() && !is_digit(name.front()) && std::all_of(name.begin(), name.end(), fits);
}

/// What stands between the braces, replaced.
Result<std::string> replace(std::string_view inner, const Environment& environment) {
  const std::size_t end = std::min(inner.find(':'), inner.size());
  const std::string_view name = inner.substr(0, end);
  const std::string_view rest = inner.substr(end);
  if (!is_variable_name(name) || !(rest.empty() || rest.starts_with(":-")) || rest.find("${") != rest.npos) {
    return fail(ErrorKind::invalid_value,
                "expected `${NAME}` or `${NAME:-default}`, found " + variable_in_ticks(inner));
  }
  const std::optional<std::string> value = environment(name);
  if (!rest.empty()) return value && !value->empty() ? *value : std::string(rest.substr(2));
  if (value) return *value;
  return fail(ErrorKind::invalid_value, "the environment variable " + in_ticks(name) + " is not set; `${" +
                                            std::string(name) + ":-default}` needs none");
}

}  // namespace

Result<std::string> expand(std::string_view text, const Environment& environment) {
  std::string out;
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    out += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.starts_with("${")) {
      const std::size_t close = text.find('}');
      if (close == text.npos) return fail(ErrorKind::invalid_value, "`${` without its `}`");
      const Result<std::string> value = replace(text.substr(2, close - 2), environment);
      if (!value) return value.error();
      out += *value;
      text.remove_prefix(close + 1);
    } else if (!text.empty()) {
      out += '$';
      text.remove_prefix(text.starts_with("$$") ? 2 : 1);
    }
    if (out.size() > kMaxExpandedBytes) return fail(ErrorKind::invalid_value, "longer than 64KiB");
  }
  return out;
}

}  // namespace forebay::config
