// The three fields that speak to a cache like ours: CDN-Cache-Control, Surrogate-Control, X-Accel-Expires,
// one in each line of the input. Invariants: seconds stay in their range, names hold no list separator, and
// what a targeted field forbids nothing behind it lifts.
#include "forebay/cache/effective_control.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace cache = forebay::cache;

namespace {

std::string_view next_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  return line;
}

void check(const std::optional<forebay::seconds>& value) {
  if (value && (value->count() < 0 || *value > cache::kMaxDelta)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr forebay::WallTime kNow{forebay::seconds{1'718'452'800}};
  cache::Policy policy;
  policy.surrogate_control = policy.x_accel_expires = true;
  forebay::http::Fields fields;
  fields.add("Cache-Control", "private");
  for (const auto* name : {"CDN-Cache-Control", "Surrogate-Control", "X-Accel-Expires"}) {
    fields.add(name, next_line(text));
    const auto control = cache::effective_control(fields, policy, kNow);
    for (const auto& value :
         {control.max_age, control.s_maxage, control.stale_while_revalidate, control.stale_if_error})
      check(value);
    if (control.no_cache_fields.find_first_of(" \t\"") != std::string::npos) std::abort();
    if (control.source == cache::ControlSource::cache_control && !control.is_private) std::abort();
  }
  return 0;
}
