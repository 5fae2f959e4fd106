// Fetching behind the clients' backs what is being served to them.
#pragma once

#include "forebay/cache/reuse.hpp"
#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/worker.hpp"

namespace forebay::proxy {

/// Starts a fetch of the stored response that is being served, for those who come later. Nothing happens when
/// somebody is fetching it already, when that has just failed, when the upstream's budget is used up, or when
/// the answer to this very request could not be stored. Does not wait.
void start_refresh(Worker& worker, Exchange& x, const cache::Found& found);

}  // namespace forebay::proxy
