// A fetch for the store: it leads a flight, feeds whoever follows, and stores what may be stored. It does not
// depend on the client that started it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "forebay/cache/storability.hpp"
#include "forebay/flight/flight_table.hpp"
#include "forebay/proxy/worker.hpp"

namespace forebay::proxy {

class QueryContent;

/// What the client that started a fetch gets of it: also the response that nobody else may have. Both sides
/// live on one worker.
struct Ticket {
  explicit Ticket(const io::Executor& executor) : signal(io::Signal::make(executor)) {}

  std::shared_ptr<io::Signal> signal;  // notified once there is a verdict
  flight::Verdict verdict;             // `sharing` also for what is not shareable
  int upstream_status = 0;
  cache::StoreVerdict storing = cache::StoreVerdict::stored;  // judged by the heads
  std::unique_ptr<flight::BodyFeed::Reader> reader;           // with `sharing`
  io::Cancel* cancel = nullptr;                               // of the fetch, while it is under way
  /// Set while the client waits: it gets the interim responses (RFC 9110 §15.2).
  std::function<void(const http::ResponseHead&)> on_interim;
  bool left = false;      // set by the client's side when it does not wait any more
  bool followed = false;  // another node has asked the upstream
};

/// What of a representation is asked for, when it is not everything.
struct AskedPart {
  http::ByteRange range;
  /// One of the slices that the route keeps large representations in; its place among them. Otherwise the
  /// range is what the stored response lacks.
  std::optional<std::uint64_t> slice;
};

/// Everything a fetch needs, owned: the client's connection may be gone before it ends.
struct SharedFetchPlan {
  flight::Lead lead;
  std::shared_ptr<const Snapshot> snapshot;
  const Route* route = nullptr;                 // within `snapshot`
  http::OwnedRequestHead request;               // the client's: its fields decide storability and variant
  std::string upstream_head;                    // without preconditions
  std::shared_ptr<const QueryContent> content;  // of a QUERY, if it has any
  const cache::MediaRule* media = nullptr;      // what its answer has to be of to be stored, if anything
  std::string key;
  Digest digest;
  std::string own_key;                                 // what `key` would be without a rule of No-Vary-Search
  cache::Sharing sharing = cache::Sharing::everybody;  // who may get the response
  cache::StoredResponsePtr stored;                     // what the answer is to take the place of, if anything
  bool validates = false;                              // asks whether that still holds: it has validators
  bool survives_errors = false;  // a server error is a failure: what is stored may be served instead
  std::optional<AskedPart> part;
  std::optional<upstream::RefreshBudget::Permit> permit;  // of a refresh in the background
};

/// Starts it on this worker and returns at once.
std::shared_ptr<Ticket> start_shared_fetch(Worker& worker, SharedFetchPlan plan);

}  // namespace forebay::proxy
