// A purge as the invalidation log keeps it: what it names, and how much it takes away. What unsafe methods
// invalidate (RFC 9111 §4.4) is a purge of single keys and tags.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/base/digest.hpp"
#include "forebay/base/result.hpp"
#include "forebay/cache/purged.hpp"
#include "forebay/cache/url_pattern.hpp"

namespace forebay::cache {

/// What a purge names.
enum class PurgeKind : std::uint8_t {
  key,         // what is stored by one key
  url,         // whatever is stored of a URL: all variants, partitions, QUERYs, slices, by any scheme
  tag,         // what has a tag, or is in a group
  prefix,      // URLs whose path begins so
  pattern,     // URLs whose path fits a glob
  host,        // URLs of a host
  everything,  // what the word says
};
inline constexpr std::size_t kPurgeKinds = 7;
std::string_view name(PurgeKind kind) noexcept;

/// Where a stored response is from, as its key says it: views of the key.
struct Place {
  std::string_view host;
  std::string_view port;
  std::string_view path;  // without the query
};
Place place_of(std::string_view key) noexcept;

/// The URLs that a prefix, a pattern or a host names. Immutable.
class UrlScope {
 public:
  /// Longer texts are refused: the log keeps them.
  static constexpr std::size_t kMaxBytes = 2048;

  UrlScope() = default;
  /// "/path" of any host, "//host/path" or "https://host/path": `of` prefix: paths that begin so, byte for
  /// byte; pattern: a PathGlob. Of host: "example.org", "*.example.org". The scheme does not matter, and
  /// where no port is given, nor does the port. Fails with invalid_value saying what is wrong with the text.
  static Result<UrlScope> parse(PurgeKind of, std::string_view text);

  bool contains(const Place& place) const noexcept;
  /// As it was given.
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
  HostPattern host_;
  std::string port_;                // empty: any
  std::string prefix_;              // empty: any
  std::optional<PathGlob> glob_{};  // instead of the prefix
};

/// One entry for the log.
struct Purge {
  PurgeKind kind = PurgeKind::key;
  PurgeMode mode = PurgeMode::hard;
  WallTime at{};
  Digest digest{};   // of key, url and tag: see key_digest, url_digests, tag_digest
  UrlScope scope{};  // of prefix, pattern and host

  /// `kind`: tag, prefix, pattern, host or everything, whose text is empty. Fails with invalid_value.
  static Result<Purge> parse(PurgeKind kind, std::string_view text);
};

/// By what a purge of its URL finds a stored response.
Digest url_digest(std::string_view key) noexcept;
/// What a purge of a URL names, given by the key of a plain request for it: what is stored by the URL, and
/// what is stored under rules for its path (see search_rule), of which nobody knows with which queries.
std::array<Digest, 2> url_digests(std::string_view key) noexcept;

}  // namespace forebay::cache
