// Parts of representations: stored, combined and completed (RFC 9111 §3.3, §3.4, RFC 9110 §15.3.7.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "forebay/cache/keep.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/message.hpp"
#include "forebay/http/range.hpp"

namespace forebay::cache {

/// What of a representation a response carries.
struct Part {
  http::ByteRange range;
  std::uint64_t complete_length = 0;

  bool is_whole() const noexcept { return range.size() == complete_length; }
  friend bool operator==(const Part&, const Part&) = default;
};

/// The part in a 206. Nothing for another status, for several parts, for a Content-Range that is missing,
/// repeated, malformed or says no complete length, or when Content-Length contradicts it: which bytes these
/// are, nobody can tell.
std::optional<Part> part_of(const http::ResponseHead& response) noexcept;

/// The head of the 200 that a 206 carries a part of: RFC 9110 §15.3.7 has it repeat the fields that the 200
/// would have. Views into `partial`.
http::ResponseHead head_of_whole(const http::ResponseHead& partial);

/// True if both are of one representation, so that their parts may be combined: only a strong entity tag says
/// so (RFC 9110 §15.3.7.3).
bool same_representation(const StoredResponse& a, const StoredResponse& b) noexcept;
/// The same for a response that is not stored, by its ETag as received, "" without one.
bool same_representation(const StoredResponse& stored, std::string_view etag,
                         std::uint64_t complete_length) noexcept;
/// True if the response has a strong entity tag.
bool has_strong_tag(const StoredResponse& stored) noexcept;

/// True if every byte of the range is held.
bool holds(const StoredResponse& incomplete, http::ByteRange range) noexcept;
/// Where in the body the bytes of a range that it holds begin.
std::uint64_t offset_in_body(const StoredResponse& incomplete, std::uint64_t first) noexcept;

/// What is missing, if it is one range: with it the representation is complete.
std::optional<http::ByteRange> missing_range(const StoredResponse& incomplete) noexcept;

/// What is held and one part more, of the same representation; where they overlap, the part counts. Shares
/// the chunks of both. When there are more than kMaxHeldRanges or more than `max_body` bytes, the part alone.
Content combined(const StoredResponse& stored, const Part& part, const BodyPtr& body, std::uint64_t max_body,
                 BodyAccount* account);

}  // namespace forebay::cache
