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
#include "forebay/cache/url_pattern.hpp"
#include "forebay/http/message.hpp"
#include "forebay/proxy/partition.hpp"
#include "forebay/proxy/settings.hpp"
#include "forebay/upstream/origin.hpp"

namespace forebay::proxy {

using cache::HostPattern;
using cache::PathGlob;

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
  /// Whether some request for this URL may match; and if so, whether any does.
  bool may_match(std::string_view host, std::string_view path) const noexcept;
  bool is_unconditional() const noexcept { return methods.empty() && headers.empty(); }
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
  /// The routes that requests for a URL may take, as their methods and fields are.
  std::vector<const Route*> routes_for(std::string_view host, std::string_view path) const;
  /// The place of one of its routes, from 0.
  std::size_t index_of(const Route& route) const noexcept {
    return static_cast<std::size_t>(&route - routes_.data());
  }

 private:
  std::vector<Route> routes_;
};

}  // namespace forebay::proxy
