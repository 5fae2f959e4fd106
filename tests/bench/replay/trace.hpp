// A request trace: who asked for what, in order.
#pragma once

#include <cstdint>
#include <istream>
#include <vector>

namespace forebay::bench {

struct Request {
  std::uint32_t object;     // objects are numbered from 0 in the order of their appearance
  std::uint32_t time_s;     // since some moment before the first request
  std::uint32_t ttl_s = 0;  // how long the response is fresh; 0: longer than the trace
};

struct Trace {
  std::vector<Request> requests;
  std::vector<std::uint32_t> sizes;  // of each object's body: the largest that the trace names

  /// The bytes of all distinct bodies, each with so much added.
  std::uint64_t distinct_bytes(std::uint64_t overhead) const noexcept;
};

/// Lines of `time_s,id,size_bytes[,ttl_s]`; ids are any numbers. Throws std::runtime_error that names the
/// line.
Trace read_trace(std::istream& in);

}  // namespace forebay::bench
