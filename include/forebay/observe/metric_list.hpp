// Every metric of a worker, once: name, label and help text stand in metric_list.cpp beside each other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/observe/metrics.hpp"
#include "forebay/observe/redis_results.hpp"

namespace forebay::observe {

/// How an exchange was answered; the label `result` of forebay_requests_total and the word in the access log.
enum class CacheResult : std::uint8_t {
  hit,          // from the store, fresh
  stale,        // from the store, stale
  revalidated,  // from the store after a 304
  miss,         // from upstream, through a fetch of its own or one that was shared
  pass,         // from upstream without lookup
  error,        // answered by forebay because the upstream failed
  refused,      // answered by forebay without asking anybody: malformed, forbidden or over a limit
};
inline constexpr std::size_t kCacheResults = 7;
std::string_view name(CacheResult result) noexcept;

/// Why a connection was ended before its time; the label `reason` of forebay_connections_aborted_total.
enum class AbortReason : std::uint8_t {
  header_timeout,
  body_timeout,
  write_timeout,
  bad_request,
  incomplete_response
};
inline constexpr std::size_t kAbortReasons = 5;
std::string_view name(AbortReason reason) noexcept;

/// The kinds of error that a call to Redis ends with; the label `kind` of forebay_redis_errors_total.
inline constexpr std::size_t kRedisErrors = 5;

/// One worker's numbers. Aligned so that two workers never share a cache line.
struct alignas(64) WorkerMetrics {
  std::array<Counter, kCacheResults> requests;
  std::array<Counter, 6> responses_by_class;  // 1xx … 5xx at [1] … [5]
  Counter sent_bytes;                         // to clients, heads and bodies
  Counter received_bytes;                     // from clients
  Counter connections_accepted;
  Counter connections_refused;  // over max_connections
  Gauge connections;
  Gauge exchanges;  // requests being answered, memory hits excepted
  std::array<Counter, kAbortReasons> connections_aborted;
  Counter collapsed;          // requests that waited for another's fetch and got its answer
  Counter waiters_refused;    // could not wait: too many already
  Counter waits_expired;      // waited longer than max_wait
  Gauge waiting;              // followers waiting now
  Counter refreshes;          // background refreshes begun
  Counter refreshes_refused;  // over the upstream's budget
  Counter refreshes_failed;   // the upstream gave no usable answer
  Counter stored;
  Counter not_stored;
  Counter invalidated_in_flight;
  Counter recodings;          // contents coded or decoded
  Counter recoding_failures;  // contents that were not what their coding says
  Counter upstream_requests;
  Counter upstream_errors;
  Counter upstream_retries;
  Counter upstream_connections_opened;
  Gauge upstream_connections;
  Gauge upstream_queued;
  Counter upstream_received_bytes;
  Counter upstream_sent_bytes;
  LatencyHistogram upstream_latency;  // request sent to response head received
  Counter redis_calls;
  std::array<Counter, kRedisErrors> redis_errors;  // by kind, from ErrorKind::redis_unavailable on
  Counter redis_redirections;                      // calls sent again to the node that Redis named
  Counter redis_connections_opened;
  Gauge redis_connections;
  Gauge redis_in_flight;           // calls that wait for an answer
  Gauge redis_nodes_open;          // nodes that are left alone: their breaker is not closed
  Counter redis_nodes_opened;      // times that a breaker opened
  LatencyHistogram redis_latency;  // of calls that were answered
  std::array<Counter, kRedisLookups> redis_lookups;
  std::array<Counter, kRedisStores> redis_stores;
  std::array<Counter, kEntryFaults> redis_unusable;  // records
  Counter redis_read_bytes;                          // of records
  Counter redis_written_bytes;
  Gauge redis_queued_bytes;  // of responses that wait to be written
  std::array<Counter, kClusterFlights> redis_flights;
  Gauge redis_flights_led;       // leases held now
  Gauge redis_flights_followed;  // fetches of other nodes that are followed now
};

/// A number that is read when asked for: what shared parts (the memory tier, the flight table) report.
struct Reading {
  std::string name;  // "forebay_memory_bytes"
  std::string help;
  bool counter = false;    // otherwise a gauge
  std::string label_name;  // "" for none
  std::string label_value;
  double value = 0;
  std::string second_label_name{};
  std::string second_label_value{};
};

/// Prometheus text exposition of the sum over all workers plus the readings. Thread-safe.
std::string render_metrics(std::span<const WorkerMetrics* const> workers, std::span<const Reading> readings);

}  // namespace forebay::observe
