// Which of several responses that a request selects is used.
#pragma once

#include "forebay/cache/stored_response.hpp"

namespace forebay::tier {

/// RFC 9111 §4: of several that match the most recent, by Date.
inline bool is_more_recent(const cache::StoredResponse& a, const cache::StoredResponse& b) noexcept {
  const auto date = a.date();
  const auto other = b.date();
  return date && other && *date != *other ? *date > *other
                                          : a.freshness().response_time > b.freshness().response_time;
}

}  // namespace forebay::tier
