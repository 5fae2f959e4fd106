// Answers from representations that are kept in slices.
//
// Model: of such a representation the store has a head without a body, by the primary key, and slices of
// equal size, each by a key of its own that names the head's entity tag and length. The head decides: it is
// looked up, invalidated and validated like any stored response; a slice is only ever found through it, and
// used if it is no older than the last invalidation of the primary key. Each slice is fetched as a flight, so
// that it is fetched once, whoever needs it; while one is sent, the next is fetched.
#pragma once

#include <memory>
#include <optional>

#include "forebay/cache/reuse.hpp"
#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/worker.hpp"
#include "shared_fetch.hpp"

namespace forebay::proxy {

/// A slice to be sent: stored, or arriving.
struct OpenSlice {
  std::uint64_t index = 0;
  cache::BodyPtr body;
  std::unique_ptr<flight::BodyFeed::Reader> reader;
};

/// True if every slice that the range touches is stored.
bool are_stored(Worker& worker, Exchange& x, const cache::StoredResponse& head, http::ByteRange range);

/// Opens a slice, fetching it or waiting for whoever fetches it already. Fails with `response_incomplete`
/// when the upstream has another representation by now, with `cancelled` when the client has left, or with
/// the upstream's error.
io::Awaitable<Result<OpenSlice>> open_slice(Worker& worker, Exchange& x, cache::StoredResponsePtr head,
                                            std::uint64_t index);

/// Sends what lies in a range of a response that was started, beginning with a slice that is open.
io::Awaitable<void> send_slices(Worker& worker, Exchange& x, cache::StoredResponsePtr head,
                                http::ByteRange range, OpenSlice first);

}  // namespace forebay::proxy
