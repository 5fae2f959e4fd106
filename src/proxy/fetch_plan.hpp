// From an exchange to a fetch for the store that owns all it needs.
#pragma once

#include "forebay/cache/reuse.hpp"
#include "forward_head.hpp"
#include "shared_fetch.hpp"

namespace forebay::proxy {

/// The slice that is asked for first, where the route keeps representations in slices and nothing whole is
/// stored: the one with the first byte wanted, or the first when that depends on the length.
std::optional<std::uint64_t> first_slice(const Worker& worker, const Exchange& x, const cache::Found& found);

/// What requests collapse by: primary key and variant, as far as it is known before the answer what the
/// resource varies on.
std::string flight_key(const Exchange& x, const cache::Found& found, std::optional<std::uint64_t> slice);
/// The same for a whole variant: by a primary key, the names it is selected by and the values it has for
/// them.
std::string flight_key(std::string_view key, std::string_view vary_names, std::string_view variant_key);

/// A seat in the flight for this request: a new one's lead, or one to follow that is no older than the key's
/// last invalidation.
flight::FlightTable::Seat join_flight(Worker& worker, const Exchange& x, const cache::Found& found,
                                      std::optional<std::uint64_t> slice);

/// `as`: shared_fetch or refresh.
SharedFetchPlan plan_fetch(Worker& worker, const Exchange& x, flight::Lead lead, const cache::Found& found,
                           const cache::Reuse& reuse, ForwardAs as, std::optional<std::uint64_t> slice);

}  // namespace forebay::proxy
