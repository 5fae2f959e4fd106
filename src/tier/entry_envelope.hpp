// What all records in Redis have in common (docs/redis-format.md): a head that says what it is, and a
// checksum at the end. Pure.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "forebay/base/digest.hpp"
#include "forebay/observe/redis_results.hpp"

namespace forebay::tier {

/// Why a record cannot be used: it counts as a miss and is reported.
using observe::EntryFault;

template <class T>
using Decoded = boost::system::result<T, EntryFault>;

enum class RecordKind : std::uint8_t {
  entry = 1,     // a stored response with its body
  chunked = 2,   // a stored response whose body is in chunks
  variants = 3,  // what the responses of a key vary on
  chunk = 4,     // a piece of a body
  // Of a fetch that nodes share:
  flight_head = 5,
  flight_piece = 6,  // of the body
  flight_end = 7,
};

/// Whether content is kept as it is or compressed.
enum class Packing : std::uint8_t { plain, zstd };

/// What a record holds, without what all have.
struct Opened {
  RecordKind kind = RecordKind::entry;
  Packing packing = Packing::plain;
  std::string_view payload;  // a view into the record
};

inline constexpr std::uint8_t kFormatVersion = 1;
inline constexpr std::size_t kEnvelopeHead = 12;
inline constexpr std::size_t kEnvelopeTail = sizeof(Digest);

/// Begins a record with room for its size, which seal() fills in.
std::string begin_record(RecordKind kind, Packing packing);
/// Ends it with its size and checksum.
void seal(std::string& record);
/// The same for a record whose content stands elsewhere: completes its beginning, and returns what has to
/// come behind the content.
std::string seal_around(std::string& head, std::string_view content);
/// Takes a record apart whose checksum is right. Reads every version there has been.
Decoded<Opened> open_record(std::string_view record);

}  // namespace forebay::tier
