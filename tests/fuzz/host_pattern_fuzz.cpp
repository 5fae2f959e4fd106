// A host pattern in the first line of the input, a host in the rest. Invariants: a pattern that is accepted
// holds no wildcard but its first label, case does not matter, and what "*.name" matches ends in it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "forebay/base/strings.hpp"
#include "forebay/cache/url_pattern.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pattern = text.substr(0, text.find('\n'));
  const auto host = text.substr(std::min(pattern.size() + 1, text.size()));
  const auto compiled = forebay::cache::HostPattern::compile(pattern);
  if (!compiled) return 0;
  if (pattern.rfind('*') != pattern.npos && pattern.rfind('*') != 0) std::abort();
  const auto lower = forebay::lower(host);
  const bool matches = compiled->matches(host);
  if (compiled->matches(lower) != matches) std::abort();
  if (pattern == "*") {
    if (!matches) std::abort();
  } else if (pattern.starts_with('*')) {
    if (matches && (!lower.ends_with(forebay::lower(pattern.substr(1))) || host.size() < pattern.size()))
      std::abort();
  } else if (matches != forebay::iequals(host, pattern)) {
    std::abort();
  }
  return 0;
}
