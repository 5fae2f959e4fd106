// Entries of the shared invalidation log, as they stand in its Redis Stream (docs/redis-format.md). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "forebay/base/result.hpp"
#include "forebay/cache/kept_times.hpp"
#include "forebay/cache/purge.hpp"
#include "forebay/tier/redis_command.hpp"

namespace forebay::tier {

/// An entry's id in the stream, "milliseconds-sequence", as a position: 44 bits of milliseconds, good for the
/// next 500 years, before 20 of the sequence. Nothing for what is no id, or beyond that: a clock that stood
/// still for a million purges.
std::optional<cache::Position> position_of(std::string_view id) noexcept;
/// The id at a position.
std::string id_at(cache::Position position);

/// A purge, by which node it was accepted, and as its how-manieth: so that it knows its own again.
struct LogEntry {
  cache::Purge purge;
  std::string node;
  std::uint64_t number = 0;
};

/// Appends an entry's names and values to an XADD.
void append_fields(RedisCommand& command, const LogEntry& entry);
/// The entry out of the array of names and values that Redis gives. Fails with invalid_value, saying what is
/// wrong; what it does not know of is passed over, so that later versions may add to it.
Result<LogEntry> read_fields(const RedisReply& fields);

}  // namespace forebay::tier
