// Purges as people and programs ask for them, whatever way they come: by the admin API, by PURGE requests, by
// events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/base/result.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/cache/purge.hpp"
#include "forebay/tier/memory_tier.hpp"

namespace forebay::proxy {

class RouteTable;

/// What is asked to be purged, as it was written.
struct PurgeOrder {
  /// More texts in one order are refused.
  static constexpr std::size_t kMaxTexts = 1000;
  /// So many of them may be prefixes, patterns and hosts: these are matched one by one.
  static constexpr std::size_t kMaxScopes = 100;

  std::vector<std::string> urls;  // "https://host/path?query" or "//host/path?query"
  std::vector<std::string> tags;
  std::vector<std::string> prefixes;  // these three: see cache::UrlScope
  std::vector<std::string> patterns;
  std::vector<std::string> hosts;
  bool everything = false;
  cache::PurgeMode mode = cache::PurgeMode::hard;

  /// Of how many texts it is.
  std::size_t size() const noexcept {
    return urls.size() + tags.size() + prefixes.size() + patterns.size() + hosts.size();
  }
  std::size_t scopes() const noexcept { return prefixes.size() + patterns.size() + hosts.size(); }
  bool is_empty() const noexcept { return size() == 0 && !everything; }
};

/// Adds what a purge of a URL names: by the keys of all routes that a request for it may take, whatever their
/// `key.query` makes of it, and of http and https alike where the port is the scheme's own, for who takes off
/// TLS before forebay is not asked. Returns the keys.
std::vector<std::string> add_url(std::vector<cache::Purge>& purges, const cache::EffectiveUri& uri,
                                 const RouteTable& routes, cache::PurgeMode mode, WallTime now);

/// The entries for the log. Fails with invalid_value saying which text is wrong and why: "urls[2]: ...".
Result<std::vector<cache::Purge>> entries_for(const PurgeOrder& order, const RouteTable& routes,
                                              WallTime now);

/// One purge under way, or a dry run. It counts by a walk over the memory tier, in which what is purged hard
/// gives its memory back; it holds from the moment this is made, whether the walk comes to its end or not.
/// For one thread at a time.
class Purging {
 public:
  enum class Run : bool { dry, real };
  Purging(tier::MemoryTier& memory, std::vector<cache::Purge> purges, Run run);

  /// Walks on for some hundred responses; false when that was all.
  bool advance();

  /// The log's, with this purge in it; of a dry run, as it is.
  cache::Position position() const noexcept { return position_; }
  /// Stored responses that it names, as far as the walk has come.
  std::uint64_t matched() const noexcept { return matched_; }
  bool is_complete() const noexcept { return complete_; }

 private:
  tier::MemoryTier& memory_;
  const Run run_;
  tier::InvalidationLog asked_;  // a log with nothing in it but this
  cache::Position position_;
  tier::MemoryTier::Walk at_;
  std::uint64_t matched_ = 0;
  bool complete_ = false;
};

}  // namespace forebay::proxy
