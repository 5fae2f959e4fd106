// Patterns for hosts and paths, as routes and purges name them.
#pragma once

#include <string>
#include <string_view>

#include "forebay/base/result.hpp"
#include "forebay/cache/media_rule.hpp"

namespace forebay::cache {

/// A host pattern: a name, "*.example.com" (any name below) or "*".
class HostPattern {
 public:
  /// Fails with invalid_value.
  static Result<HostPattern> compile(std::string_view pattern);
  /// `host` without port, in any case.
  bool matches(std::string_view host) const noexcept;

 private:
  enum class Kind { any, exact, below };
  Kind kind_ = Kind::any;
  std::string name_;
};

/// A path glob: "*" matches within a segment, "**" across segments, "?" one character but '/'. Matched
/// against the path as sent, byte for byte.
class PathGlob {
 public:
  /// Fails with invalid_value: a pattern that does not start with '/'.
  static Result<PathGlob> compile(std::string_view pattern);
  bool matches(std::string_view path) const noexcept;
  /// What the pattern promises of Content-Type, if anything.
  const cache::MediaRule* media() const noexcept { return media_; }

 private:
  enum class Kind { any, exact, prefix, general };
  Kind kind_ = Kind::any;
  std::string text_;  // exact: the path; prefix: what comes before the final "**"; general: the pattern
  const cache::MediaRule* media_ = nullptr;
};

}  // namespace forebay::cache
