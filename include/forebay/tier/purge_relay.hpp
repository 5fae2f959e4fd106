// Whom the invalidation log tells of what is purged here.
#pragma once

#include "forebay/cache/purge.hpp"

namespace forebay::tier {

/// Whom a log tells of the entries that are made on this node, so that others get them.
class PurgeRelay {
 public:
  /// Called by whoever purges, by any thread, before the entry has any effect, under the log's lock: the log
  /// is not to be asked or appended to.
  virtual void relay(const cache::Purge& purge) = 0;

 protected:
  ~PurgeRelay() = default;
};

}  // namespace forebay::tier
