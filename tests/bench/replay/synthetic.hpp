// Synthetic web traces from a seed: the same everywhere.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "trace.hpp"

namespace forebay::bench {

/// What a trace is made of. Shares are of the requests; what they leave is the catalogue's.
struct Mix {
  std::string_view name;
  double zipf = 0.9;             // popularity of the n-th object of the catalogue: 1 / n^zipf
  double one_hit = 0;            // requests for objects that nobody asks for again
  double scan = 0;               // requests of a crawler that walks over the catalogue's tail in order
  double flash = 0;              // requests in flash crowds, each for a handful of new objects
  double drift_per_million = 0;  // share of the catalogue's ranks that change their object in 1 M requests
};

/// stationary, scans, drift, cdn.
const std::vector<Mix>& presets();

/// `catalogue`: objects of lasting popularity. Bodies are lognormal, 200 B to 2 MiB.
Trace make_trace(const Mix& mix, std::uint64_t requests, std::uint32_t catalogue, std::uint64_t seed);

}  // namespace forebay::bench
