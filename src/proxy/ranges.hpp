// Parts of a response, as the request's Range asks for them (RFC 9110 §14).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "forebay/cache/stored_response.hpp"
#include "forebay/http/range.hpp"
#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/responder.hpp"

namespace forebay::proxy {

/// What of a representation a request gets.
struct Wanted {
  enum Kind : std::uint8_t {
    whole,          // no Range, one to be ignored, or If-Range names another representation
    part,           // one range
    parts,          // several, as multipart/byteranges (§15.3.7.2)
    unsatisfiable,  // 416
  };
  Kind kind = whole;
  http::ResolvedRanges ranges{};
};

/// Judges Range and If-Range (RFC 9110 §13.2.2 step 5, §14.2) against a response of `length` bytes. The other
/// preconditions come first.
Wanted wanted_of(const Exchange& x, const cache::StoredResponse& response, std::uint64_t length,
                 WallTime now);

/// True unless the response is incomplete and lacks something of what this request would get of it.
bool has_what_is_wanted(const Exchange& x, const cache::StoredResponse& stored, WallTime now);

/// True if a fetch of the whole representation serves this request as well: it asks for everything, or for
/// one part from the beginning on.
bool wants_the_beginning(const http::RequestHead& request) noexcept;

/// The first byte that a request for one range asks for; 0 for other requests, and where that depends on the
/// length.
std::uint64_t first_byte_wanted(const http::RequestHead& request) noexcept;

/// Writes the head of a 206 with one part into `out`: the stored fields and Content-Range. Without
/// Content-Length.
void write_part_head(std::string& out, const cache::StoredResponse& response, http::ByteRange range,
                     std::uint64_t length);

/// Leaves of slices that begin `at` bytes into a body what lies in `range`; moves `at` behind them.
void cut(std::vector<cache::Slice>& slices, std::uint64_t& at, http::ByteRange range);

/// Makes the answer a 416; `answer.extra` is kept.
void answer_unsatisfiable(Exchange& x, std::uint64_t length, Answer& answer, WallTime now);

/// Answers with what is wanted of a stored response with a body, unless that is the whole. `answer.extra` is
/// kept.
void answer_ranges(Exchange& x, const cache::StoredResponse& stored, const Wanted& wanted, Answer& answer,
                   WallTime now);

}  // namespace forebay::proxy
