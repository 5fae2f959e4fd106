// How an exchange waits for fetches: for the one it started, and for somebody else's.
#pragma once

#include <memory>

#include "forebay/flight/flight.hpp"
#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/worker.hpp"
#include "shared_fetch.hpp"

namespace forebay::proxy {

/// Completes once there is a verdict; with false when the client has left, which then gave its ticket back. A
/// fetch that nobody else can join ends with it.
io::Awaitable<bool> wait_for_ticket(Exchange& x, std::shared_ptr<Ticket> ticket, bool alone);

/// The flight's verdict; `pending` when there is none in time, the client has left, or too many wait already
/// (then with the error queue_full).
io::Awaitable<flight::Verdict> wait_for_flight(Worker& worker, Exchange& x,
                                               std::shared_ptr<flight::Flight> flight);

/// Whether what came of somebody else's fetch may answer this request.
bool may_share(const Worker& worker, Exchange& x, const cache::StoredResponse& response);

}  // namespace forebay::proxy
