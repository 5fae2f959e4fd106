// A field pattern in the first line of the input, a value in the rest. Invariants: a name that is accepted
// holds no colon or space, and matches its field whatever its case; a value matches as it is written.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "forebay/base/strings.hpp"
#include "forebay/proxy/route_table.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pattern = text.substr(0, text.find('\n'));
  const auto value = text.substr(std::min(pattern.size() + 1, text.size()));
  const auto name = pattern.substr(0, pattern.find(':'));
  const auto match = forebay::proxy::FieldMatch::compile(pattern);
  if (match.has_value() != forebay::is_token(name)) std::abort();
  if (!match) return 0;
  const bool names_a_value = name.size() < pattern.size();
  const auto wanted = names_a_value ? forebay::trim(pattern.substr(name.size() + 1)) : value;
  const auto other_case = forebay::lower(name);
  forebay::http::Fields fields;
  if (match->matches(fields)) std::abort();
  fields.add(other_case, value);
  if (match->matches(fields) != (value == wanted)) std::abort();
  fields.add(other_case, wanted);
  if (!match->matches(fields)) std::abort();
  return 0;
}
