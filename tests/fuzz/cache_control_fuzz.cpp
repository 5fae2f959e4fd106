// Cache-Control of both kinds. Invariants: seconds stay in their range, no field name holds a list separator,
// no line lifts the restrictions of another.
#include "forebay/cache/cache_control.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using forebay::http::FieldId;

void check(const std::optional<std::chrono::seconds>& value) {
  if (value && (value->count() < 0 || *value > forebay::cache::kMaxDelta)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  forebay::http::Fields fields;
  fields.add(FieldId::cache_control, "Cache-Control", text);
  const auto request = forebay::cache::parse_request_cache_control(fields);
  const auto response = forebay::cache::parse_response_cache_control(fields);
  for (const auto& value : {request.max_age, request.min_fresh, request.max_stale}) check(value);
  for (const auto& value :
       {response.max_age, response.s_maxage, response.stale_while_revalidate, response.stale_if_error}) {
    check(value);
  }
  if (response.no_cache_fields.find_first_of(" \t\"") != std::string::npos) std::abort();
  fields.add(FieldId::cache_control, "Cache-Control", "private, no-store, no-cache");
  const auto restricted = forebay::cache::parse_response_cache_control(fields);
  if (!restricted.is_private || !restricted.no_store || !restricted.no_cache) std::abort();
  return 0;
}
