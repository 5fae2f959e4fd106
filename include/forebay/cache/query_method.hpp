// QUERY requests (draft-ietf-httpbis-safe-method-w-body) that are answered from the store.
#pragma once

#include <cstdint>

namespace forebay::cache {

/// Whether they are, and up to which size: the content belongs to the key, so it is held until the answer is
/// there.
struct QueryMethodPolicy {
  bool enabled = false;
  std::uint64_t body_max = 64 * 1024;

  friend bool operator==(const QueryMethodPolicy&, const QueryMethodPolicy&) = default;
};

}  // namespace forebay::cache
