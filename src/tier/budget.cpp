#include "forebay/tier/budget.hpp"

namespace forebay::tier {

std::string_view name(ChargeKind kind) noexcept {
  switch (kind) {
    case ChargeKind::heads: return "heads";
    case ChargeKind::bodies: return "bodies";
    case ChargeKind::bookkeeping: return "bookkeeping";
    case ChargeKind::in_flight: return "in_flight";
    case ChargeKind::buffers: return "buffers";
  }
  return "";
}

}  // namespace forebay::tier
