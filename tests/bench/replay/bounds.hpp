// What no policy can exceed, and what Belady's rule reaches, computed from the whole trace.
#pragma once

#include <cstdint>

#include "trace.hpp"

namespace forebay::bench {

struct Ratios {
  double requests = 0;  // share of the requests that hit
  double bytes = 0;     // share of the bytes that hits carry
};

/// Belady's rule: what is asked for again last leaves first, and is not taken in at all when that is the
/// newcomer. Exact for bodies of one size; with several sizes a policy that prefers small ones may do better.
Ratios belady(const Trace& trace, std::uint64_t capacity, std::uint64_t overhead);

/// An upper bound for any sizes (PFOO-L: Berger, Beckmann, Harchol-Balter, "Practical bounds on optimal
/// caching with variable object sizes", SIGMETRICS 2018): every hit takes its bytes times the requests
/// between, and all together have the capacity times the length of the trace; the cheapest hits are taken
/// first.
Ratios upper_bound(const Trace& trace, std::uint64_t capacity, std::uint64_t overhead);

}  // namespace forebay::bench
