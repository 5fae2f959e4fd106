// What a record says is judged as if an enemy had written it: the hit path trusts what is stored. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "forebay/cache/kept_times.hpp"
#include "forebay/cache/stored_response.hpp"

namespace forebay::tier {

/// True for a head that http::for_each_line can read and that may be sent as it stands: a status line with
/// this code, lines "Name: value" each ended by CRLF, no empty line, nothing that is written per request or
/// belongs to a connection, and Content-Length with exactly this value (where the status has content).
bool is_stored_head(std::string_view head, int status, std::uint64_t content_length) noexcept;

/// The same for a head as an upstream gave it, of a whole representation: without Content-Length, but
/// possibly with Age.
bool is_flight_head(std::string_view head, int status) noexcept;
/// True for such lines as trailers are: possibly none.
bool are_trailers(std::string_view lines) noexcept;

/// True for a time between 1970 and the year 10,000: no sum with ages and lifetimes overflows.
bool is_possible_time(WallTime time) noexcept;
/// True for such a response time, and for an age, lifetime and windows that are not negative.
bool is_possible(const cache::Freshness& freshness) noexcept;

/// True if the parts of the body that are said to be there can be: ranges in ascending order, apart from each
/// other and within the representation, that together are as long as the body. The whole of a complete one.
bool has_its_ranges(const cache::StoredParts& parts, std::uint64_t body_length) noexcept;

/// True for names as cache::selecting_names gives them: tokens and "cookie=token"s, separated by ','.
bool are_selecting_names(std::string_view names) noexcept;

}  // namespace forebay::tier
