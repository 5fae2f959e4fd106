// A variant made from another that is stored: the upstream need not be asked for what differs in its coding
// alone.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "forebay/cache/coding_plan.hpp"
#include "forebay/flight/body_feed.hpp"
#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/worker.hpp"

namespace forebay::proxy {

/// A stored response that would answer the request but for its coding, and what is to be done with that.
struct Sibling {
  cache::StoredResponsePtr response;
  cache::CodingPlan plan;
};

/// Looks for one with the other codings in the request's Accept-Encoding. Nothing on a route without
/// `encodings`, and for what is stale, or not fresh enough for the request.
std::optional<Sibling> find_sibling(Worker& worker, Exchange& x);

/// Recodes it piece by piece, with a turn for others in between, and stores what comes of it. Completes with
/// true when that is stored; false: it is malformed, too large, without room, or invalidated meanwhile. What
/// it refers to must outlive it.
io::Awaitable<bool> recode_stored(Worker& worker, Exchange& x, Sibling sibling);

/// True if a response that is still arriving, and is another variant than the request's, will be such a
/// sibling once it is stored.
bool will_be_sibling(const Exchange& x, const cache::StoredResponse& arriving);

/// Completes when the feed has come to its end, with the client's leaving, or after `limit`, whatever is
/// first.
io::Awaitable<void> wait_for_end(Worker& worker, Exchange& x, std::shared_ptr<flight::BodyFeed> feed,
                                 std::chrono::milliseconds limit);

}  // namespace forebay::proxy
