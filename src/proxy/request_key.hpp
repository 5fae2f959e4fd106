// By which key a request is looked up, and by which its answer is stored: they are the same unless the route
// lets responses say what of the query counts (No-Vary-Search), for then the one goes by what is remembered
// of the path and the other by what the answer says.
#pragma once

#include <string>
#include <string_view>

#include "forebay/cache/policy.hpp"
#include "forebay/cache/reuse.hpp"
#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/worker.hpp"

namespace forebay::proxy {

/// Chooses the exchange's key, by what is its own (scratch.key), and looks into the memory tier. By the rule
/// that is known of the path, if any; where nothing is stored so, but something without a rule, by that.
/// Allocates nothing for a hit, but to grow the scratch.
cache::Found look_up(Worker& worker, Exchange& x);

/// True if a response that others have fetched meanwhile is one for this request's query, by its own rule.
/// Otherwise the exchange looks again.
bool is_for_query_of(Worker& worker, Exchange& x, const cache::StoredResponse& response);

/// The key that a response is stored by; the rule it has is remembered. `own_key`: without a rule.
std::string key_to_store(Worker& worker, const cache::KeyPolicy& policy, std::string_view own_key,
                         const http::Fields& response);

/// Invalidates what is stored by a key, and under rules for its path.
tier::InvalidationLog::Appended invalidate(Worker& worker, std::string_view own_key);

}  // namespace forebay::proxy
