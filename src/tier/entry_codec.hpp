// Stored responses as bytes in Redis, and back: docs/redis-format.md has the layout byte for byte. Pure.
//
// A key's record is either a stored response that does not vary, or says what the key's responses vary on;
// each of these then has a record of its own. So a response that does not vary takes one look, and one that
// varies two. A body above kMaxInlineBody stands in records of its own, in chunks.
//
// What is read back is judged as hostile. Old versions stay readable: tests/unit/tier/entry_codec_test.cpp
// keeps records of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "body_builder.hpp"
#include "entry_envelope.hpp"
#include "forebay/base/clock.hpp"
#include "forebay/cache/body.hpp"
#include "forebay/cache/stored_response.hpp"

namespace forebay::tier {

inline constexpr std::uint64_t kMaxInlineBody = 64 * 1024;
/// A record's content below this is not worth compressing.
inline constexpr std::uint64_t kMinCompressed = 1024;
inline constexpr std::uint32_t kMinChunk = 4 * 1024;
inline constexpr std::uint32_t kMaxChunk = 16 * 1024 * 1024;
inline constexpr std::uint64_t kMaxChunks = 65'536;
/// No record is larger, but for chunks.
inline constexpr std::size_t kMaxRecord = 8 * 1024 * 1024;
/// A key's responses vary on at most so many sets of names; of more, the one that was stored longest ago
/// goes.
inline constexpr std::size_t kMaxNameSets = 8;

/// A body that is kept in chunks.
struct ChunkedBody {
  Digest id;  // see in_chunks()
  std::uint64_t length = 0;
  std::uint32_t chunk_bytes = 0;  // of each but the last

  std::uint32_t chunks() const noexcept {
    return static_cast<std::uint32_t>((length + chunk_bytes - 1) / chunk_bytes);
  }
  std::uint32_t length_of(std::uint32_t number) const noexcept;
  friend bool operator==(const ChunkedBody&, const ChunkedBody&) = default;
};

/// How the body of a response is kept in chunks of this size. What they are found by follows from the
/// variant, the size and the body's bytes: so a response that was freshened finds the chunks that are there,
/// and none is taken for one of another body, or of the same body cut otherwise.
ChunkedBody in_chunks(const cache::StoredResponse& stored, std::uint32_t chunk_bytes);

/// What the responses of a key vary on.
struct Variants {
  /// Drawn when the record is begun, and part of the variants' own keys: what was stored before a key was
  /// erased, or had a response that does not vary, is not found any more.
  std::uint64_t generation = 0;
  WallTime expires;                // when the last of them does
  std::vector<std::string> names;  // newest first, at most kMaxNameSets, as cache::selecting_names gives them

  /// Puts these names first.
  void add(std::string_view newest);
  friend bool operator==(const Variants&, const Variants&) = default;
};

/// As wanted, but content that is coded already is left alone.
Packing packing_for(const cache::StoredResponse& stored, Packing wanted);

/// The record of a response; the second form for one whose body is in chunks. Nothing for one that is too
/// large to be read back. A body that does not become smaller is not compressed.
std::optional<std::string> encode_entry(const cache::StoredResponse& stored, Packing packing);
std::optional<std::string> encode_entry(const cache::StoredResponse& stored, const ChunkedBody& body);
std::string encode_variants(std::string_view key, const Variants& variants);
/// The record of one chunk. `body` has the length that `layout` says.
std::string encode_chunk(const cache::Body& body, const ChunkedBody& layout, std::uint32_t number,
                         Packing packing);

/// What a record has to be of. A digest may collide, and a name in Redis is nobody's property.
struct Wanted {
  std::string_view key;
  std::string_view vary_names{};
  std::string_view variant_key{};
};

struct Entry {
  cache::StoredResponsePtr response;   // without its body where that is in chunks
  std::optional<ChunkedBody> chunked;  // length is at most kMaxChunks * chunk_bytes
};
/// The response with the body that belongs to it.
cache::StoredResponsePtr with_chunked_body(const cache::StoredResponse& head, const cache::BodyPtr& body);

/// The record of a response. An inline body is charged to the account.
Decoded<Entry> decode_entry(std::string_view record, const Wanted& wanted,
                            cache::BodyAccount* account = nullptr);

/// The record of a key: either of both.
using KeyRecord = std::variant<Entry, Variants>;
Decoded<KeyRecord> decode_key_record(std::string_view record, std::string_view key,
                                     cache::BodyAccount* account = nullptr);

/// Appends a chunk to its body. After a fault the body cannot be used.
Decoded<void> decode_chunk(std::string_view record, const ChunkedBody& layout, std::uint32_t number,
                           BodyBuilder& body);

}  // namespace forebay::tier
