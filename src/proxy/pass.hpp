// Forwarding for one client alone.
#pragma once

#include <optional>
#include <string>

#include "forebay/base/error.hpp"
#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/worker.hpp"

namespace forebay::proxy {

/// An interim response's head as it is passed on (RFC 9110 §15.2).
std::string interim_head(const http::ResponseHead& head);

/// Sends the request upstream as it is and its response to the client, body by body in both directions;
/// carries out what the answer means for the store (RFC 9111 §4.4, §4.3.5; RFC 9110 §9.3.3). Completes with
/// the error when nothing has been sent to the client yet; a server error is one where x.survives_errors.
/// Requesting x.gone closes the upstream connection.
io::Awaitable<std::optional<Error>> forward_alone(Worker& worker, Exchange& x);

}  // namespace forebay::proxy
