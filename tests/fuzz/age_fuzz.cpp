// An Age that is accepted is within its range, and read again as it is written; what stands behind the first
// comma does not matter.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "forebay/cache/freshness.hpp"

namespace {

std::optional<forebay::seconds> read(std::string_view value) {
  forebay::http::Fields fields;
  fields.add("Age", value);
  return forebay::cache::received_age(fields);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto age = read(text);
  if (!age) return 0;
  if (age->count() < 0 || *age > forebay::cache::kMaxDelta) std::abort();
  if (read(std::to_string(age->count())) != age || read(text + ",x") != age) std::abort();
  return 0;
}
