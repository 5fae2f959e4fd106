// Settings of the memory tier and of Redis.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace forebay::tier {

using std::chrono::milliseconds;

/// Which stored response makes room; see src/tier/{balanced,size_aware}.hpp.
enum class Eviction : std::uint8_t { lru, balanced, size_aware };

struct MemorySettings {
  std::uint64_t size = 256ULL << 20;     // budget in bytes for everything the tier holds or is about to hold
  std::uint64_t max_body = 16ULL << 20;  // larger bodies are passed on, not stored
  bool store = true;                     // false: responses are kept in Redis alone
  Eviction eviction = Eviction::balanced;
  std::uint32_t size_weight = 50;  // size_aware's exponent k in percent: 0 is by uses alone, 100 by uses for
                                   // each byte

  friend bool operator==(const MemorySettings&, const MemorySettings&) = default;
};

struct RedisTlsSettings {
  bool verify = true;
  std::string ca_file;           // "" for the system's certificates
  std::string certificate_file;  // what forebay proves itself by; "" for nothing
  std::string key_file;          // its private key
  std::string server_name;       // SNI and the name that is verified; "" for each node's host

  friend bool operator==(const RedisTlsSettings&, const RedisTlsSettings&) = default;
};

/// When a node is left alone. Each worker judges for itself.
struct BreakerSettings {
  std::uint32_t failures = 5;   // so many of the last `window` calls failed or were slow; a failed connection
                                // counts as all of them
  std::uint32_t window = 20;    // at most 64
  milliseconds slow{150};       // from here on a call counts as failed; above the time limit: no call is slow
  milliseconds min_pause{500};  // before the first probe
  milliseconds max_pause{10'000};  // between probes; each pause is up to twice the one before
  std::uint32_t probes = 3;        // so many in a row have to succeed

  friend bool operator==(const BreakerSettings&, const BreakerSettings&) = default;
};

/// What is done with stored responses while it is not known what other nodes have purged.
enum class CutOff : std::uint8_t {
  serve,       // they are used as ever
  revalidate,  // they are validated before they are used
  bypass,      // requests pass
};

struct RedisSettings {
  std::string url;                      // see base/redis_url.hpp; "" for no Redis
  std::string user;                     // "" for what the URL says
  std::string password;                 // "" for what the URL says
  std::string sentinel_user;            // sentinels have users of their own; "" for the default user
  std::string sentinel_password;        // "" for none
  std::string name_space = "forebay";   // every key begins with it
  milliseconds connect_timeout{1'000};  // look-up, connection, TLS and login together
  milliseconds timeout{250};            // a call, waiting for a connection included
  RedisTlsSettings tls;
  BreakerSettings breaker;
  std::uint64_t max_body = 16ULL << 20;     // larger bodies are neither written nor read
  std::uint32_t chunk = 256U << 10;         // of larger bodies than what goes with the head
  std::uint64_t write_queue = 64ULL << 20;  // what waits to be written, on all workers together
  bool compress = false;                    // by zstd, where the content is not coded already
  std::chrono::seconds memory_ttl{0};       // how long a copy lives in memory; 0: as any other response
  milliseconds log_retention{14 * 24 *
                             3'600'000LL};  // entries of the invalidation log; records live half of it
  milliseconds max_unverified{30'000};      // without a word of the log; then:
  CutOff when_cut_off = CutOff::revalidate;
  milliseconds max_wait{8'000};  // for the head of what another node fetches; 0: nodes do not wait
  milliseconds lease{3'000};     // a node that is not heard of for so long has lost its fetch
  std::uint32_t max_unled = 16;  // requests to an upstream, on all workers, whose wait has expired

  bool is_set() const noexcept { return !url.empty(); }
  friend bool operator==(const RedisSettings&, const RedisSettings&) = default;
};

/// Where in Redis events arrive.
struct RedisEventSettings {
  std::string stream;   // "" for none
  std::string group;    // that reads it: of its consumers each event goes to one; "" for the namespace
  std::string channel;  // "" for none

  bool is_set() const noexcept { return !stream.empty() || !channel.empty(); }
  friend bool operator==(const RedisEventSettings&, const RedisEventSettings&) = default;
};

}  // namespace forebay::tier
