// What the answer to a request that was passed on means for the store.
#pragma once

#include <memory>

#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/worker.hpp"
#include "forebay/upstream/fetcher.hpp"
#include "recorder.hpp"

namespace forebay::proxy {

/// Carries out what the head of the answer says: an unsafe method invalidates (RFC 9111 §4.4), a HEAD's
/// answer speaks about the stored GET response (§4.3.5). Returns the recorder for what is to be stored of the
/// body, if anything: a part (§3.3), or a POST's answer (RFC 9110 §9.3.3). `position`: the log's, from before
/// the request was sent.
std::unique_ptr<Recorder> apply_to_store(Worker& worker, Exchange& x, upstream::Reply& reply,
                                         cache::Position position);

}  // namespace forebay::proxy
