// A template in the first line, an event in the rest. Invariants: whatever the event says, what a pattern's
// template becomes has no wildcard that was not in the template, begins like it, and holds no byte that no
// URL holds; filling it never fails for a template without values.
#include "forebay/proxy/event_rules.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using forebay::proxy::TextTemplate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pattern = text.substr(0, text.find('\n'));
  const auto rest = text.substr(std::min(pattern.size() + 1, text.size()));
  const auto made = TextTemplate::compile(pattern, TextTemplate::Use::path);
  if (!made) return 0;
  boost::json::error_code ec;
  boost::json::parse_options options;
  options.max_depth = 8;
  const auto event = boost::json::parse(rest, ec, {}, options);
  if (ec || !event.is_object()) return 0;
  const auto filled = made->fill(event.as_object());
  const bool is_literal = pattern.find('{') == pattern.npos;
  if (!filled) {
    if (is_literal) std::abort();
    return 0;
  }
  if (is_literal && *filled != pattern) std::abort();
  if (!filled->starts_with(pattern.substr(0, pattern.find('{')))) std::abort();
  for (const char wildcard : {'*', '?', '#', ' ', '\n'})
    if (std::count(filled->begin(), filled->end(), wildcard) !=
        std::count(pattern.begin(), pattern.end(), wildcard))
      std::abort();
  return 0;
}
