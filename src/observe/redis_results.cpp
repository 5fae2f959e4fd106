#include "forebay/observe/redis_results.hpp"

namespace forebay::observe {

std::string_view name(RedisLookup result) noexcept {
  switch (result) {
    case RedisLookup::hit: return "hit";
    case RedisLookup::miss: return "miss";
    case RedisLookup::corrupt: return "corrupt";
    case RedisLookup::incomplete: return "incomplete";
    case RedisLookup::too_large: return "too_large";
    case RedisLookup::no_room: return "no_room";
    case RedisLookup::timeout: return "timeout";
    case RedisLookup::unavailable: return "unavailable";
    case RedisLookup::cancelled: return "cancelled";
  }
  return "unknown";
}

std::string_view name(RedisStore result) noexcept {
  switch (result) {
    case RedisStore::written: return "written";
    case RedisStore::dropped: return "dropped";
    case RedisStore::failed: return "failed";
    case RedisStore::too_large: return "too_large";
    case RedisStore::expired: return "expired";
  }
  return "unknown";
}

std::string_view name(EntryFault fault) noexcept {
  switch (fault) {
    case EntryFault::foreign: return "foreign";
    case EntryFault::unknown_version: return "unknown_version";
    case EntryFault::unknown_kind: return "unknown_kind";
    case EntryFault::wrong_size: return "wrong_size";
    case EntryFault::wrong_checksum: return "wrong_checksum";
    case EntryFault::wrong_key: return "wrong_key";
    case EntryFault::bad_layout: return "bad_layout";
    case EntryFault::bad_times: return "bad_times";
    case EntryFault::bad_head: return "bad_head";
    case EntryFault::bad_ranges: return "bad_ranges";
    case EntryFault::bad_names: return "bad_names";
    case EntryFault::bad_body: return "bad_body";
  }
  return "unknown";
}

std::string_view name(ClusterFlight event) noexcept {
  switch (event) {
    case ClusterFlight::led: return "led";
    case ClusterFlight::followed: return "followed";
    case ClusterFlight::found: return "found";
    case ClusterFlight::succeeded: return "succeeded";
    case ClusterFlight::declined: return "declined";
    case ClusterFlight::expired: return "expired";
    case ClusterFlight::abandoned: return "abandoned";
  }
  return "unknown";
}

}  // namespace forebay::observe
