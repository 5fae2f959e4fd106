// The primary key: what, besides the variant, decides which stored responses a request may get (RFC 9111 §2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "forebay/base/digest.hpp"
#include "forebay/base/result.hpp"
#include "forebay/http/message.hpp"
#include "forebay/http/target.hpp"

namespace forebay::cache {

/// The effective request URI taken apart (RFC 9110 §7.1): where the request is for. Views into the request
/// head.
struct EffectiveUri {
  std::string_view scheme;     // "http" or "https"
  std::string_view host;       // as sent; compared in lower case
  std::uint16_t port = 0;      // never 0: the scheme's default is filled in
  std::string_view authority;  // as sent: what Host is set to upstream
  std::string_view path;
  std::string_view query;
  bool has_query = false;
};

/// Absolute form wins over Host (RFC 9112 §3.2.2). Fails with request_malformed: a Host field missing
/// (HTTP/1.1), repeated or invalid, a target that does not fit the method, or one with another scheme than
/// the connection's (RFC 9110 §7.4: the upstream would answer for the connection's scheme). An HTTP/1.0
/// request without Host gets the host "localhost". `connection_scheme`: "http" or "https".
Result<EffectiveUri> effective_uri(const http::RequestHead& request, std::string_view connection_scheme);

/// The text of a key, e.g. "http://example.com:80/path?query": scheme, lower-case host and port always, path
/// and query byte for byte. Written into `out`, which is cleared first and whose capacity is reused.
void write_primary_key(std::string& out, const EffectiveUri& uri);

/// Appends what sets a partition's key apart: "#partition=" and the digest. No target holds a '#' (RFC 9112
/// §3.2), so no URI's key looks like that.
void append_partition(std::string& key, const Digest& partition);
bool is_partitioned(std::string_view key) noexcept;
/// What append_partition has appended; "" for the key of what all share.
std::string_view partition_in(std::string_view key) noexcept;

/// Appends what sets a QUERY's key apart from its URI's and from those of other QUERYs
/// (draft-ietf-httpbis-safe-method-w-body §2.7): "#query=", a digest of the content and of the fields that
/// say what it is, and the content's length. The content itself is not kept: that digest is one by which
/// nobody can pass off one content for another.
void append_query_content(std::string& key, const http::Fields& request, std::string_view content);
/// What the key of a QUERY begins with: its URI's own key, by which unsafe methods invalidate (RFC 9111
/// §4.4).
/// "" for other keys. Looks at the key's end alone.
std::string_view key_without_content(std::string_view key) noexcept;

/// A primary key with its digest. The text is a view: the exchange or the stored response owns it.
struct PrimaryKey {
  std::string_view text;
  Digest digest;
};
inline PrimaryKey primary_key(std::string_view text) { return {text, forebay::digest(text)}; }

}  // namespace forebay::cache
