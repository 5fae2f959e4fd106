// A path pattern in the first line of the input, a path in the rest. Invariants: matching ends soon, a
// pattern without wildcards matches itself alone, and a path stays matched when "**" follows the pattern
// ("/**" alone also matches the "*" of OPTIONS, which is no path).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "forebay/cache/url_pattern.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using forebay::cache::PathGlob;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pattern = text.substr(0, text.find('\n'));
  const auto path = text.substr(std::min(pattern.size() + 1, text.size())).substr(0, 1024);
  const auto glob = PathGlob::compile(pattern);
  if (glob.has_value() != pattern.starts_with('/')) std::abort();
  if (!glob) return 0;
  const bool matches = glob->matches(path);
  if (pattern.find_first_of("*?") == std::string_view::npos && matches != (pattern == path)) std::abort();
  const auto longer = PathGlob::compile(std::string(pattern) + "**");
  if (matches && path.starts_with('/') && !longer->matches(path)) std::abort();
  return 0;
}
