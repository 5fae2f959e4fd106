// Routes compiled at load: which upstream and which policy a request gets. The first that matches decides.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/result.hpp"
#include "forebay/cache/media_rule.hpp"
#include "forebay/cache/policy.hpp"
#include "forebay/http/message.hpp"
#include "forebay/proxy/partition.hpp"
#include "forebay/proxy/settings.hpp"
#include "forebay/upstream/origin.hpp"

namespace forebay::proxy {

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

/// A request field that has to be there, perhaps with one value.
class FieldMatch {
 public:
  /// "Name" or "Name: value". Fails with invalid_value.
  static Result<FieldMatch> compile(std::string_view pattern);
  /// Any line may match; values are compared byte for byte.
  bool matches(const http::Fields& fields) const noexcept;

 private:
  std::string name_;
  std::optional<std::string> value_;
};

struct Route {
  std::vector<HostPattern> hosts;
  std::vector<PathGlob> paths;
  std::vector<std::string> methods;  // empty: all
  std::vector<FieldMatch> headers;   // all have to match
  std::shared_ptr<upstream::Upstream> upstream;
  http::FieldEdits request_edits;
  cache::Policy policy;
  PartitionRule partition;  // the policy's, compiled

  bool matches(const http::RequestHead& request, std::string_view host, std::string_view path) const noexcept;
  /// What the first pattern that matches a path promises of Content-Type, if anything; nothing where the
  /// policy does not check it.
  const cache::MediaRule* media_for(std::string_view path) const noexcept;
};

/// Immutable; thread-safe.
class RouteTable {
 public:
  explicit RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {}
  /// Nothing when no route matches.
  const Route* match(const http::RequestHead& request, std::string_view host,
                     std::string_view path) const noexcept;
  /// The place of one of its routes, from 0.
  std::size_t index_of(const Route& route) const noexcept {
    return static_cast<std::size_t>(&route - routes_.data());
  }

 private:
  std::vector<Route> routes_;
};

}  // namespace forebay::proxy
