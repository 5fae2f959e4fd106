// What a route says about caching, compiled at load: plain values, nothing is interpreted per request.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace forebay::cache {

struct Policy {
  /// False: every request passes through, nothing is looked up or stored.
  bool enabled = true;
  /// Freshness lifetime of a storable response that says nothing about its own (no explicit lifetime).
  /// Replaces heuristic freshness.
  std::optional<std::chrono::seconds> default_ttl;
  /// Heuristic freshness (RFC 9111 §4.2.2): this part of the time since Last-Modified, in percent …
  int heuristic_percent = 10;
  /// … but at most this. Zero switches heuristics off.
  std::chrono::seconds heuristic_max{std::chrono::hours{24}};
  /// Replaces Cache-Control in what clients are told; the cache keeps its own rules. Empty: the origin's is
  /// passed on.
  std::string client_cache_control;

  friend bool operator==(const Policy&, const Policy&) = default;
};

}  // namespace forebay::cache
