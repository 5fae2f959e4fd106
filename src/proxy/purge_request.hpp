// PURGE requests: whose they may be, and what they purge.
#pragma once

#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/worker.hpp"

namespace forebay::proxy {

/// True if the client may send PURGE requests: by its address, which a trusted proxy may tell, by its token,
/// or both, as the configuration wants it.
bool may_purge(const Exchange& x, const PurgeAccess& access);

/// Purges the request's URL, or with Surrogate-Key and its kin the tags that it names; softly with
/// `Fastly-Soft-Purge: 1`. Counts what stands by the URL's own keys and is done with that: the rest is found
/// when it is looked up. The exchange's URI is known.
Answer answer_purge(Worker& worker, Exchange& x);

}  // namespace forebay::proxy
