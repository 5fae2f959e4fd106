// An accepted tag is found in a list of itself, weakly always and strongly unless it is weak.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "forebay/http/validators.hpp"

using namespace forebay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  http::Fields fields;
  fields.add("If-None-Match", text);
  const auto has = [&](const std::optional<http::EntityTag>& tag, http::Comparison how) {
    return http::lists_tag(fields, http::FieldId::if_none_match, tag, how);
  };
  const auto other = http::parse_entity_tag("\"v1\"");
  if (has(other, http::Comparison::strong) && !has(other, http::Comparison::weak)) std::abort();
  const auto tag = http::parse_entity_tag(text);
  if (!tag) return 0;
  if (!has(tag, http::Comparison::weak)) std::abort();
  if (has(tag, http::Comparison::strong) == tag->weak) std::abort();
  return 0;
}
