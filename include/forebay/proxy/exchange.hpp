// One downstream request and its final response, with our facts about it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/cache/cache_control.hpp"
#include "forebay/cache/classify.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/cache/query.hpp"
#include "forebay/cache/reuse.hpp"
#include "forebay/cache/search_rule.hpp"
#include "forebay/http/cache_status.hpp"
#include "forebay/http/message.hpp"
#include "forebay/io/body.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/proxy/phase.hpp"
#include "forebay/proxy/responder.hpp"
#include "forebay/proxy/snapshot.hpp"

namespace forebay::proxy {

/// Text that is built per request, in memory that is reused by the next: after warm-up nothing allocates.
struct Scratch {
  std::string key;        // by the request's own query
  std::string ruled_key;  // by a rule of No-Vary-Search
  std::string variant;
  cache::QueryScratch query;
  cache::SearchScratch search;
  std::string head;                    // heads that are not stored ones: 304, errors, streamed responses
  std::string text;                    // short bodies
  std::array<char, 320> extra_room{};  // Age, Cache-Status
};

class QueryContent;

/// What the connection knows of its client.
struct Client {
  std::string_view address;  // textual, without port; "" for a Unix socket
  bool trusted = false;      // listed in trusted_proxies
  std::string_view scheme = "http";
};

/// Lives on one worker, for one request. Everything it refers to belongs to the connection and outlives it.
struct Exchange {
  Exchange(http::RequestHead& request_head, const Client& peer, Scratch& reused, Responder& way_back)
      : request(request_head), client(peer), scratch(reused), responder(way_back) {}

  http::RequestHead& request;  // normalised once the route is known
  const Client& client;
  Scratch& scratch;
  Responder& responder;
  io::BodySource* request_body = nullptr;  // nothing when the request has none

  cache::BodyAccount* bodies = nullptr;  // where bodies that are made for the answer are charged

  /// Requested when the client is seen to have left.
  io::Cancel gone;

  // Decided on the way.
  std::shared_ptr<const Snapshot> snapshot;  // held from the moment the exchange has to wait for anything
  const Route* route = nullptr;
  cache::Classified classified;
  cache::EffectiveUri uri;
  cache::Partition partition;
  cache::PrimaryKey key;                        // its text is scratch.key or scratch.ruled_key
  std::shared_ptr<const QueryContent> content;  // of a QUERY that is looked up; nothing when it has none
  cache::RequestCacheControl control;
  http::ForwardReason forward = http::ForwardReason::bypass;  // why upstream, once that is decided
  /// Another variant of the key that was being fetched: its Vary tells apart who waits for what until one is
  /// stored.
  cache::StoredResponsePtr other_variant;

  // Facts for the records.
  Phase phase = Phase::classify;
  WallTime began;
  SteadyTime began_steady;
  observe::CacheResult result = observe::CacheResult::refused;
  int status = 0;
  std::uint64_t body_bytes = 0;
  std::string_view detail;    // a stable name
  bool by_own_query = false;  // what it waited for has shown that the rule known for its path is of no use
  bool collapsed = false;
  bool survives_errors = false;  // a stored response may be served if the upstream fails
  bool saw_failure = false;      // a fetch it waited for has failed
  bool asked_redis = false;
  bool asked_upstream = false;
  bool client_failed = false;  // the response could not be delivered whole
};

}  // namespace forebay::proxy
