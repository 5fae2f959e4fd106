// Any bytes as the body of POST /purge. Invariants: what is understood is within bounds, and what is not is
// answered with a short sentence.
#include "admin/purge_json.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto request = forebay::admin::parse_purge(body);
  if (!request) {
    if (request.error().detail.empty() || request.error().detail.size() > 400) std::abort();
    return 0;
  }
  using forebay::proxy::PurgeOrder;
  if (request->order.size() > 5 * PurgeOrder::kMaxTexts) std::abort();
  if (request->timeout.count() < 0 || request->timeout > std::chrono::seconds(60)) std::abort();
  return 0;
}
