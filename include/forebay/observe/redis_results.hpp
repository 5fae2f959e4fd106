// How lookups and writes of stored responses in Redis end: the words of metrics and logs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace forebay::observe {

/// What a lookup in Redis came to; the label `result` of forebay_redis_lookups_total.
enum class RedisLookup : std::uint8_t {
  hit,          // there is a response for the request, usable or not
  miss,         // there is none
  corrupt,      // what there is cannot be used (see EntryFault)
  incomplete,   // a part of the body is gone
  too_large,    // the body is larger than max_body
  no_room,      // the memory budget has no room for it
  timeout,      // Redis did not answer in time
  unavailable,  // Redis cannot be reached, is left alone, or refused
  cancelled,    // the client left
};
inline constexpr std::size_t kRedisLookups = 9;
std::string_view name(RedisLookup result) noexcept;

/// What became of a response that was to be written to Redis; the label `result` of
/// forebay_redis_stores_total.
enum class RedisStore : std::uint8_t {
  written,
  dropped,    // the queue was full
  failed,     // Redis did not take it
  too_large,  // the body is larger than max_body, or the head than any record
  expired,    // it would have been of no use any more
};
inline constexpr std::size_t kRedisStores = 5;
std::string_view name(RedisStore result) noexcept;

/// Why a record in Redis cannot be used, as docs/redis-format.md has it; the label `reason` of
/// forebay_redis_unusable_total.
enum class EntryFault : std::uint8_t {
  foreign,          // it does not begin as forebay's records do
  unknown_version,  // of a format that a later forebay writes
  unknown_kind,     // not of a kind that belongs here, or with a flag that nobody knows
  wrong_size,       // it ends early, or there is more than it says
  wrong_checksum,   // bytes have changed
  wrong_key,        // of another key, variant or body than what was asked for
  bad_layout,       // its parts do not fit together
  bad_times,        // times that no response has
  bad_head,         // no head as forebay writes it, or one that contradicts the body
  bad_ranges,       // ranges that are not in order, or outside of the representation
  bad_names,        // no names of fields and cookies
  bad_body,         // it cannot be decompressed to what it should be
};
inline constexpr std::size_t kEntryFaults = 12;
std::string_view name(EntryFault fault) noexcept;

/// What became of a fetch that nodes share; the label `event` of forebay_redis_flights_total.
enum class ClusterFlight : std::uint8_t {
  led,        // this node has taken the lease, and asked the upstream or looked once more
  followed,   // the answer came from the fetch of another node
  found,      // it was in Redis when the fetch of another node was over
  succeeded,  // another node's fetch was lost on the way and taken over here
  declined,   // another node's answer was not for this request
  expired,    // another node's fetch brought no head within max_wait
  abandoned,  // the other nodes could not be told how this node's fetch went on
};
inline constexpr std::size_t kClusterFlights = 7;
std::string_view name(ClusterFlight event) noexcept;

}  // namespace forebay::observe
