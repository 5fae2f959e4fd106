// Queries that differ in what does not matter are made the same (a route's `key.query`).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forebay::cache {

/// What of a query counts. Parameters are what stands between '&'; their names are compared byte for byte,
/// for whether "%61" means "a" is for the origin to say.
struct QueryPolicy {
  bool sort = false;  // by name; of equal names the order stays, for it may mean something
  /// Names or "utm_*": only these; nothing: all.
  std::optional<std::vector<std::string>> allow;
  std::vector<std::string> deny;  // but not these
  bool drop_tracking = false;     // nor what advertising and mailing services add
  /// Whether a response may say more of it by No-Vary-Search: for the key alone, the upstream gets the rest.
  bool no_vary_search = false;

  bool changes_nothing() const noexcept { return !sort && !allow && deny.empty() && !drop_tracking; }
  friend bool operator==(const QueryPolicy&, const QueryPolicy&) = default;
};

/// Memory for normalise_query that keeps its capacity.
struct QueryScratch {
  std::string text;
  std::vector<std::string_view> parameters;
};

/// Calls `visit(name)` for each parameter's name until it returns false.
template <class Visit>
void for_each_parameter_name(std::string_view query, Visit&& visit) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto parameter = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (!parameter.empty() && !visit(parameter.substr(0, parameter.find('=')))) return;
  }
}

/// The parameters that count, joined by '&'; empty ones are left out. A view into `scratch`. Allocates only
/// to grow it.
std::string_view normalise_query(QueryScratch& scratch, std::string_view query, const QueryPolicy& policy);

}  // namespace forebay::cache
