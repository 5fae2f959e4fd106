// What a route says about caching, compiled at load: plain values, nothing is interpreted per request.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "forebay/cache/compress_policy.hpp"
#include "forebay/cache/partition.hpp"
#include "forebay/cache/query.hpp"
#include "forebay/cache/query_method.hpp"
#include "forebay/http/content_coding.hpp"
#include "forebay/http/field_edits.hpp"

namespace forebay::cache {

/// What becomes of a response that sets a cookie (RFC 9111 §7.3 leaves it to the cache).
enum class SetCookie : std::uint8_t {
  refuse,  // it is not stored
  strip,   // it is stored and sent without Set-Cookie
  keep,    // it is stored, and every client gets the cookie
};

/// What tells stored responses apart beside the URI and Vary.
struct KeyPolicy {
  QueryPolicy query;
  std::vector<std::string> headers;  // request fields, as if every response's Vary named them
  std::vector<std::string> cookies;  // cookies of the request, likewise
  std::vector<std::string> edited;   // request fields that the route sets or removes: of them the upstream
                                     // sees the same in every request, so nothing varies on them
  PartitionPolicy partition;

  friend bool operator==(const KeyPolicy&, const KeyPolicy&) = default;
};

/// Requests that pass: those with one of these. A pattern may end in '*'.
struct BypassPolicy {
  std::vector<std::string> headers;
  std::vector<std::string> cookies;
  std::vector<std::string> query;

  friend bool operator==(const BypassPolicy&, const BypassPolicy&) = default;
};

/// The lifetime of responses of one status, "404", or class of statuses, "5xx".
struct StatusTtl {
  std::string status;
  std::chrono::seconds ttl{0};

  bool fits(int code) const noexcept;
  friend bool operator==(const StatusTtl&, const StatusTtl&) = default;
};

struct Policy {
  /// False: every request passes through, nothing is looked up or stored.
  bool enabled = true;
  /// Freshness lifetime of a storable response that says nothing about its own (no explicit lifetime).
  /// Replaces heuristic freshness.
  std::optional<std::chrono::seconds> default_ttl;
  /// The same for some statuses, also for those that are not cacheable by themselves; the first that fits
  /// counts. Zero: never fresh.
  std::vector<StatusTtl> status_ttl;
  /// The response's own Cache-Control and Expires do not count, nor do targeted fields: only this policy
  /// does. Responses that are meant for one client are then shared.
  bool ignore_cache_control = false;
  KeyPolicy key;
  QueryMethodPolicy query_method;
  BypassPolicy bypass;
  /// Whether requests whose path two parties may read differently are looked up and stored like others;
  /// otherwise they pass (see http::is_ambiguous_path).
  bool caches_ambiguous_paths = false;
  /// Heuristic freshness (RFC 9111 §4.2.2): this part of the time since Last-Modified, in percent …
  int heuristic_percent = 10;
  /// … but at most this. Zero switches heuristics off.
  std::chrono::seconds heuristic_max{std::chrono::hours{24}};
  /// Bounds of the freshness lifetime, whatever it came from; a response that is to be validated always, or
  /// whose explicit lifetime is invalid, stays so.
  std::optional<std::chrono::seconds> min_ttl;
  std::optional<std::chrono::seconds> max_ttl;
  /// Shortens each lifetime by a random part, at most this many percent, so that what was stored together
  /// does not expire together.
  int ttl_jitter = 0;
  /// The stale windows (RFC 5861) of responses that name none and do not forbid them.
  std::optional<std::chrono::seconds> stale_while_revalidate;
  std::optional<std::chrono::seconds> stale_if_error;
  /// How long after its lifetime and its stale windows a response stays good for asking whether it still
  /// holds; then it counts as not stored. Unset: as long as there is room.
  std::optional<std::chrono::seconds> keep;
  /// At which miss within memory's reach a response is stored, counting from 1.
  int min_uses = 1;
  /// A response without any validator gets an ETag made from its body once that is whole.
  bool etag_from_body = false;
  /// How eagerly a response in use is refreshed before it expires, in percent of the XFetch rule's beta; 0:
  /// not at all.
  int early_refresh = 0;
  /// Representations are fetched and kept in slices of this many bytes where a range is asked for, or
  /// nothing is known yet; 0: not.
  std::uint64_t slice = 0;
  SetCookie set_cookie = SetCookie::refuse;
  /// Whether a response to a path that a pattern such as "/**/*.css" matched is stored only when its
  /// Content-Type agrees with the extension (see media_rule()).
  bool check_content_type = true;
  /// Fields that replace Cache-Control for us, the first that is valid counts (RFC 9213 §2.2).
  std::vector<std::string> targeted_fields{"CDN-Cache-Control"};
  /// Fields in which an origin names the tags of a response, and whether clients get to see them.
  std::vector<std::string> tag_fields{"Surrogate-Key", "Cache-Tag", "xkey", "X-Cache-Tags"};
  bool passes_tag_fields = false;
  /// Whether Surrogate-Control and X-Accel-Expires are looked at.
  bool surrogate_control = false;
  bool x_accel_expires = false;
  /// The languages there are: Accept-Language becomes the one of them that suits best. Empty: it is left
  /// alone.
  std::vector<std::string> languages;
  /// The content codings that clients get: Accept-Encoding becomes the one of them that suits best, the first
  /// among equals, and responses are recoded where that is needed. Empty: neither happens.
  std::vector<http::Coding> encodings;
  CompressPolicy compress;  // looked at only where there are encodings
  /// Replaces Cache-Control in what clients are told; the cache keeps its own rules. Empty: the origin's is
  /// passed on.
  std::string client_cache_control;
  /// What clients get otherwise than the origin sent it. For us the origin's fields count.
  http::FieldEdits response_edits;

  /// The row of status_ttl that counts for a status, if any.
  const StatusTtl* find_status(int code) const noexcept;

  friend bool operator==(const Policy&, const Policy&) = default;
};

}  // namespace forebay::cache
