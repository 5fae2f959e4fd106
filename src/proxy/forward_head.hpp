// The request head as it is sent upstream.
#pragma once

#include <string>

#include "forebay/proxy/exchange.hpp"

namespace forebay::proxy {

/// What the request is sent for decides what of it is passed on.
enum class ForwardAs {
  itself,        // a pass: everything end-to-end
  shared_fetch,  // for the store: a GET, or the QUERY, of the whole representation, without preconditions and
                 // ranges
  refresh,       // the same, and not with this client's directives: nobody waits for it
};

/// What a fetch for the store is sent with, also for a HEAD.
http::Method fetching_method(http::Method method) noexcept;

/// Request line and field lines, each ended by CRLF: hop-by-hop, framing and Expect fields left out, Host
/// from the effective URI (RFC 9112 §3.2.2), Via and the forwarding fields extended, the route's edits made.
std::string forward_head(const Exchange& x, ForwardAs as);

/// The request fields that the upstream gets to see, before the route's edits (what those make the same for
/// everybody is no matter of variants: KeyPolicy::edited): what it does not see cannot have chosen the
/// variant it answers with. Views as in `request`. For the store, fields by which a request could have the
/// answer to another one put under its key (X-Original-URL, X-HTTP-Method-Override …) are left out, unless
/// the key has them.
http::Fields forwarded_fields(const http::Fields& request, ForwardAs as, const cache::KeyPolicy& key);

}  // namespace forebay::proxy
