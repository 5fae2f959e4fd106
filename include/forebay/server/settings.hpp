// Settings of the downstream side.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace forebay::server {

using std::chrono::milliseconds;

struct ListenSettings {
  std::string address;  // "0.0.0.0:8080", "[::]:8080" or "unix:/run/forebay/http.sock"
  std::uint32_t backlog = 4096;
  std::uint32_t max_connections = 20000;  // over all workers; more are accepted and closed at once

  friend bool operator==(const ListenSettings&, const ListenSettings&) = default;
};

/// Each limit has the status it is answered with.
struct Limits {
  std::uint64_t request_line = 8 * 1024;    // 414
  std::uint64_t request_head = 32 * 1024;   // 431; at least request_line
  std::uint32_t request_fields = 100;       // 431
  std::uint64_t request_body = 1ULL << 30;  // 413; 0: unlimited

  friend bool operator==(const Limits&, const Limits&) = default;
};

/// Kept by the worker's sweep, exact to its period (see io/deadline.hpp).
struct Timeouts {
  milliseconds header{10'000};     // first byte of a request to the end of its head: 408
  milliseconds idle{60'000};       // between requests on a kept connection
  milliseconds body{30'000};       // between two reads of a request body
  milliseconds tunnel{3'600'000};  // an upgraded connection on which nothing moves
  milliseconds write{30'000};      // a write that makes no progress

  friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

}  // namespace forebay::server
