// Parts of a representation that a fetch for the store asks for: a slice, or what a stored response lacks.
#pragma once

#include <cstdint>
#include <string>

#include "forebay/cache/stored_response.hpp"
#include "forebay/flight/body_feed.hpp"
#include "forebay/upstream/fetcher.hpp"
#include "shared_fetch.hpp"

namespace forebay::proxy {

/// Appends Range, and for what `stored` lacks If-Range, so that another representation comes whole (RFC 9110
/// §13.1.5).
void append_range_fields(std::string& head, const AskedPart& part, const cache::StoredResponse* stored);

/// True if a 206 has the very part that was asked for: of the stored response's representation if it is to
/// complete that, or as a slice of one with a strong entity tag.
bool is_asked_part(const AskedPart& part, upstream::Reply& reply, const cache::StoredResponse* stored);
/// True if everything has to be asked for instead: the range cannot be satisfied though there should be
/// something there (an empty representation, too, has a whole), or what came does not complete `stored`.
bool is_of_no_use(const AskedPart& part, upstream::Reply& reply, const cache::StoredResponse* stored);

/// Appends what a stored response has of a range of its representation.
void append_stored(flight::BodyFeed& feed, const cache::StoredResponse& stored, http::ByteRange range);

/// The key that a slice of a representation is stored by: the primary key, the variant, the entity tag and
/// the complete length, so that slices of another representation are never found.
std::string slice_key(const cache::StoredResponse& head, std::uint64_t slice_bytes, std::uint64_t index);
/// The range of a slice of a representation that is at least so long that there is one.
http::ByteRange slice_range(std::uint64_t slice_bytes, std::uint64_t index, std::uint64_t complete_length);

/// A slice as it is stored: without a head of its own.
cache::StoredResponsePtr keep_slice(const cache::StoredResponse& head, std::uint64_t slice_bytes,
                                    std::uint64_t index, const cache::BodyPtr& body);

}  // namespace forebay::proxy
