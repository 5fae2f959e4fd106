// What is read formats as text that reads the same.
#include "forebay/base/quantity.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace forebay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto value = parse_duration(text)) {
    const auto again = parse_duration(format_duration(*value));
    if (!again || *again != *value) std::abort();
  }
  if (const auto value = parse_size(text)) {
    const auto again = parse_size(format_size(*value));
    if (!again || *again != *value) std::abort();
  }
  return 0;
}
