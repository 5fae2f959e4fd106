// What POST /purge is asked, and what it answers. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "forebay/admin/admin_server.hpp"
#include "forebay/base/result.hpp"
#include "forebay/proxy/event_sink.hpp"
#include "forebay/proxy/purge_order.hpp"

namespace forebay::admin {

struct PurgeRequest {
  proxy::PurgeOrder order;
  bool dry_run = false;
  bool wait_for_all = false;                // nodes, not only this one
  std::chrono::milliseconds timeout{5000};  // for the walk that counts, and for the nodes
};

/// {"urls": [...], "tags": [...], "prefixes": [...], "patterns": [...], "hosts": [...], "all": true,
///  "mode": "hard" | "soft" | "refresh", "wait": "local" | "all", "timeout": "5s", "dry_run": false}
/// Fails with invalid_value naming the member that is wrong, unknown or of another type.
Result<PurgeRequest> parse_purge(std::string_view body);

/// {"position": 7, "matched": 12, "mode": "hard", "dry_run": false, "complete": true}, and of a purge on all
/// nodes: "everywhere": false, "missing": ["7f0c…"]. `spread`: nothing for one on this node alone.
/// `local_only`: the other nodes will hear of it later, which is said.
std::string purge_result(const proxy::Purging& purging, const PurgeRequest& request, const Spread* spread,
                         bool local_only);

/// Bounded in depth. Fails with invalid_value.
Result<boost::json::value> parse_body(std::string_view body);

/// {"events": [{"type": "user.updated", "purged": 2, "position": 9}, {"type": "x", "ignored": true},
///             {"error": "the value \"id\" is missing"}]}
std::string events_result(std::span<const proxy::EventResult> results);

}  // namespace forebay::admin
