// Fetches that nodes share as bytes in Redis, and back: docs/redis-format.md has the layout byte for byte.
// Pure. What is read back is judged as hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "entry_envelope.hpp"
#include "forebay/base/digest.hpp"
#include "forebay/cache/kept_times.hpp"
#include "forebay/tier/redis_command.hpp"
#include "forebay/tier/shared_flight.hpp"

namespace forebay::tier {

/// No piece of a body is larger, nor are all trailers together.
inline constexpr std::size_t kMaxFlightPiece = 64 * 1024;

/// Who leads, and since when.
struct Lease {
  Digest token;                 // drawn by the leader, and part of its flight's name
  cache::Position position{0};  // in the shared log: no answer of this flight knows of a later purge

  friend bool operator==(const Lease&, const Lease&) = default;
};
/// "1 0123456789abcdef0123456789abcdef 12345".
std::string encode_lease(const Lease& lease);
/// Nothing for any other text.
std::optional<Lease> parse_lease(std::string_view text) noexcept;

/// Nothing for a head that is too large to be read back.
std::optional<std::string> encode_flight_head(const FlightHead& head);
std::string encode_flight_end(const FlightEnd& end);
/// Appends the record of a piece of the body, at most kMaxFlightPiece, as one word of a command.
void append_flight_piece(RedisCommand& command, std::uint64_t offset, std::string_view bytes);

struct FlightPiece {
  std::uint64_t offset = 0;
  std::string_view bytes;  // in the record; not empty
};
using FlightRecord = std::variant<FlightHead, FlightPiece, FlightEnd>;
/// A record of the flight with this key.
Decoded<FlightRecord> decode_flight_record(std::string_view record, std::string_view key);

}  // namespace forebay::tier
