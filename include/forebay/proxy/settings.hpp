// Settings of the request lifecycle: routes, and what the forwarding of requests needs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "forebay/cache/policy.hpp"
#include "forebay/cache/purged.hpp"
#include "forebay/http/field_edits.hpp"

namespace forebay::proxy {

/// One route: the first whose match fits decides.
struct RouteSettings {
  std::vector<std::string> hosts{"*"};    // exact names, "*.example.com" or "*"
  std::vector<std::string> paths{"/**"};  // globs: "*" within a segment, "**" across segments
  std::vector<std::string> methods;       // empty: all
  std::vector<std::string> headers;       // request fields, "Name" or "Name: value"; all have to be there
  std::string upstream;
  http::FieldEdits request_edits;  // what the upstream gets otherwise than the client sent it
  cache::Policy cache;

  friend bool operator==(const RouteSettings&, const RouteSettings&) = default;
};

/// PURGE requests from clients. With neither a list nor a token nobody may send one; with both a client needs
/// both.
struct PurgeSettings {
  std::vector<std::string> allow;  // addresses and networks, "10.0.0.0/8"
  std::string token;               // "Authorization: Bearer"

  friend bool operator==(const PurgeSettings&, const PurgeSettings&) = default;
};

/// What an event of one type purges: templates with an event's values in braces, "user:{id}".
struct EventSettings {
  std::string type;
  std::vector<std::string> urls;
  std::vector<std::string> tags;
  std::vector<std::string> prefixes;
  std::vector<std::string> patterns;
  std::vector<std::string> hosts;
  cache::PurgeMode mode = cache::PurgeMode::hard;

  friend bool operator==(const EventSettings&, const EventSettings&) = default;
};

struct ProxySettings {
  std::vector<RouteSettings> routes;
  PurgeSettings purge;
  std::vector<EventSettings> events;
  std::vector<std::string> trusted_proxies;  // addresses and networks, "10.0.0.0/8"
  std::string partition_key;                 // keys the digests of partitions; empty: random per process
  std::uint32_t max_turns = 4;               // lookups and waits of one request before it passes

  friend bool operator==(const ProxySettings&, const ProxySettings&) = default;
};

}  // namespace forebay::proxy
