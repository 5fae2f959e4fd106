// Settings of one named upstream.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace forebay::upstream {

using std::chrono::milliseconds;

struct TlsSettings {
  bool verify = true;
  std::string ca_file;      // "" for the system's certificates
  std::string server_name;  // SNI and the name that is verified; "" for the server's host

  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

struct UpstreamSettings {
  std::string name;
  /// "http://host:port", "https://host:port" or "unix:/path".
  std::vector<std::string> servers;
  TlsSettings tls;
  milliseconds connect_timeout{3'000};
  milliseconds first_byte_timeout{60'000};  // request sent to response head received
  milliseconds between_bytes_timeout{
      30'000};                          // between two reads of a response body, two writes of a request body
  milliseconds idle_timeout{30'000};    // a pooled connection is closed after this long unused
  std::uint32_t max_connections = 256;  // requests under way to one server, over all workers; 0: unlimited
  std::uint32_t max_idle = 32;          // pooled connections per server and worker
  std::uint32_t queue = 1024;           // requests that wait for one of max_connections
  milliseconds queue_timeout{5'000};
  std::uint32_t refreshes_at_once = 32;  // in the background, over all workers
  std::uint32_t refreshes_per_second = 100;
  milliseconds resolve_interval{30'000};  // names are looked up again in the background this often
  std::uint64_t max_head = 64 * 1024;     // a larger response head is an error

  friend bool operator==(const UpstreamSettings&, const UpstreamSettings&) = default;
};

}  // namespace forebay::upstream
