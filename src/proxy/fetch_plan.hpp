// From an exchange to a fetch for the store that owns all it needs.
#pragma once

#include "forebay/cache/reuse.hpp"
#include "forward_head.hpp"
#include "shared_fetch.hpp"

namespace forebay::proxy {

/// What requests collapse by: primary key and variant, as far as it is known before the answer what the
/// resource varies on.
std::string flight_key(const Exchange& x, const cache::Found& found);

/// A seat in the flight for this request: a new one's lead, or one to follow that is no older than the key's
/// last invalidation.
flight::FlightTable::Seat join_flight(Worker& worker, const Exchange& x, const cache::Found& found);

/// `as`: shared_fetch or refresh.
SharedFetchPlan plan_fetch(Worker& worker, const Exchange& x, flight::Lead lead, const cache::Found& found,
                           const cache::Reuse& reuse, ForwardAs as);

}  // namespace forebay::proxy
