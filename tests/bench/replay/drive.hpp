// Drives a memory tier with a trace, as a fetch and a hit do.
#pragma once

#include <cstdint>
#include <vector>

#include "bounds.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/tier/memory_tier.hpp"
#include "trace.hpp"

namespace forebay::bench {

/// The keys of a trace's objects, made before the time is taken.
class Keys {
 public:
  explicit Keys(std::size_t objects);
  cache::PrimaryKey operator[](std::uint32_t object) const noexcept {
    return {std::string_view(texts_).substr(std::size_t{object} * kBytes, kBytes), digests_[object]};
  }
  static constexpr std::size_t kBytes = 26;  // http://trace:80/0000000000

 private:
  std::string texts_;
  std::vector<Digest> digests_;
};

struct Drive {
  std::uint64_t capacity = 0;       // what the budget holds beyond the tier's fixed tables
  std::uint64_t overhead = 512;     // what is charged for a stored response besides its body
  tier::MemorySettings settings{};  // all but the size
  std::size_t shards = 1;
  unsigned threads = 1;
};

struct Driven {
  Ratios hits;
  std::uint64_t evictions = 0;
  std::uint64_t refused = 0;      // misses that were not stored
  std::uint64_t over_budget = 0;  // by how much the charge exceeded the budget at the most
  double peak_share = 0;          // the largest charge against the budget
  double seconds = 0;
  std::uint64_t lock_waits = 0;
};

/// What is charged for a stored response besides its body, without padding: overheads cannot be smaller.
std::uint64_t least_overhead();

Driven drive(const Trace& trace, const Keys& keys, const Drive& how);

}  // namespace forebay::bench
