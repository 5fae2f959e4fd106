#include "forebay/config/warnings.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "config/words.hpp"
#include "forebay/base/quantity.hpp"
#include "forebay/base/strings.hpp"

namespace forebay::config {

namespace {

using proxy::RouteSettings;
using Texts = std::vector<std::string>;

std::string element(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

// ---- What covers what: true only where that is certain --------------------------------------------

bool host_covers(std::string_view earlier, std::string_view later) noexcept {
  if (earlier == "*" || iequals(earlier, later)) return true;
  if (!earlier.starts_with("*.")) return false;
  const auto name = later.starts_with("*.") ? later.substr(1) : later;
  const auto below = earlier.substr(1);
  return name.size() > below.size() && iequals(name.substr(name.size() - below.size()), below);
}

/// "/a/**" covers whatever begins with "/a/" before its first wildcard.
bool path_covers(std::string_view earlier, std::string_view later) noexcept {
  if (earlier == later) return true;
  if (!earlier.ends_with("**")) return false;
  const auto prefix = earlier.substr(0, earlier.size() - 2);
  return prefix.find_first_of("*?") == std::string_view::npos &&
         later.substr(0, later.find_first_of("*?")).starts_with(prefix);
}

bool field_covers(std::string_view earlier, std::string_view later) noexcept {
  const auto colon = std::min(later.find(':'), later.size());
  if (earlier.find(':') == std::string_view::npos) return iequals(earlier, later.substr(0, colon));
  const auto value = [](std::string_view match) { return trim(match.substr(match.find(':') + 1)); };
  return colon < later.size() && iequals(earlier.substr(0, earlier.find(':')), later.substr(0, colon)) &&
         value(earlier) == value(later);
}

template <class Covers>
bool all_covered(const Texts& some, const Texts& by, Covers covers) {
  return std::all_of(some.begin(), some.end(), [&](const std::string& one) {
    return std::any_of(by.begin(), by.end(), [&](const std::string& other) { return covers(other, one); });
  });
}

/// True if every request that the later route would match is the earlier one's.
bool covers(const RouteSettings& earlier, const RouteSettings& later) {
  const auto same = [](std::string_view a, std::string_view b) { return a == b; };
  const auto needs_less = [](std::string_view mine, std::string_view theirs) {
    return field_covers(theirs, mine);
  };
  if (!earlier.methods.empty() &&
      (later.methods.empty() || !all_covered(later.methods, earlier.methods, same)))
    return false;
  return all_covered(later.hosts, earlier.hosts, host_covers) &&
         all_covered(later.paths, earlier.paths, path_covers) &&
         all_covered(earlier.headers, later.headers, needs_less);
}

/// "4xx" covers "404".
bool status_covers(std::string_view earlier, std::string_view later) noexcept {
  bool covers = earlier.size() == later.size();
  for (std::size_t i = 0; covers && i < later.size(); ++i)
    covers = earlier[i] == later[i] || (i > 0 && earlier[i] == 'x');
  return covers;
}

/// RFC 9213 §2.1: the name of a targeted field ends so.
bool is_targeted_field(std::string_view name) noexcept {
  constexpr std::string_view kEnd = "-Cache-Control";
  return name.size() > kEnd.size() && iequals(name.substr(name.size() - kEnd.size()), kEnd);
}

std::string what_happens_to_targeted(std::string_view name) {
  if (iequals(name, "Surrogate-Control")) return "has rules of its own; `surrogate_control: true` knows them";
  if (iequals(name, "X-Accel-Expires")) return "has rules of its own; `x_accel_expires: true` knows them";
  return "is not a field that rules caching, as those called `...-Cache-Control` are (RFC 9213): where its "
         "value can "
         "be read as directives, it replaces Cache-Control";
}

std::string in_words(std::chrono::seconds duration) { return in_ticks(format_duration(duration)); }

/// Gathers warnings; one function for each part of the configuration.
class Critic {
 public:
  explicit Critic(const Config& config) : config_(config) {}

  std::vector<Finding> run() {
    judge_trust();
    const auto& routes = config_.proxy.routes;
    for (std::size_t i = 0; i < routes.size(); ++i) {
      const auto path = element("routes", i);
      judge_reach(i, path);
      judge_sharing(routes[i].cache, path + ".cache");
      judge_lifetimes(routes[i].cache, path + ".cache");
      judge_statuses(routes[i].cache, path + ".cache.status_ttl.");
      judge_fields(routes[i].cache, path);
    }
    return std::move(findings_);
  }

 private:
  void add(std::string path, std::string message) {
    findings_.push_back({std::move(path), std::move(message)});
  }

  void judge_trust() {
    const auto& proxies = config_.proxy.trusted_proxies;
    for (std::size_t i = 0; i < proxies.size(); ++i)
      if (proxies[i].ends_with("/0"))
        add(element("trusted_proxies", i), "every client is believed to be whoever its fields say");
    for (const auto& upstream : config_.upstreams)
      if (!upstream.tls.verify)
        add("upstreams." + upstream.name + ".tls.verify",
            "whoever answers at the servers' addresses is believed to be the upstream");
  }

  void judge_reach(std::size_t index, const std::string& path) {
    const auto& routes = config_.proxy.routes;
    for (std::size_t i = 0; i < index; ++i)
      if (covers(routes[i], routes[index]))
        return add(path, "it never matches: " + in_ticks(element("routes", i)) +
                             " before it takes every request that it would");
  }

  void judge_sharing(const cache::Policy& policy, const std::string& path) {
    if (policy.ignore_cache_control)
      add(path + ".ignore_cache_control",
          "responses that say `private` or `no-store` are stored and given to every client");
    if (policy.set_cookie == cache::SetCookie::keep)
      add(path + ".set_cookie", "a cookie that the upstream sets for one client is given to every client");
  }

  void judge_lifetimes(const cache::Policy& policy, const std::string& path) {
    if (policy.default_ttl && policy.max_ttl && *policy.default_ttl > *policy.max_ttl)
      add(path + ".default_ttl", "no lifetime is longer than `max_ttl`, " + in_words(*policy.max_ttl));
    if (policy.default_ttl && policy.min_ttl && *policy.default_ttl < *policy.min_ttl)
      add(path + ".default_ttl", "no lifetime is shorter than `min_ttl`, " + in_words(*policy.min_ttl));
  }

  void judge_statuses(const cache::Policy& policy, const std::string& path) {
    const auto& rows = policy.status_ttl;
    for (auto row = rows.begin(); row != rows.end(); ++row) {
      const auto earlier = std::find_if(
          rows.begin(), row, [&](const auto& other) { return status_covers(other.status, row->status); });
      if (earlier != row)
        add(path + row->status,
            "it never counts: " + in_ticks(earlier->status) + " before it fits all of them");
      else if (policy.max_ttl && row->ttl > *policy.max_ttl)
        add(path + row->status, "no lifetime is longer than `max_ttl`, " + in_words(*policy.max_ttl));
      else if (policy.min_ttl && row->ttl < *policy.min_ttl)
        add(path + row->status, "no lifetime is shorter than `min_ttl`, " + in_words(*policy.min_ttl));
    }
  }

  void judge_fields(const cache::Policy& policy, const std::string& route) {
    const auto& targeted = policy.targeted_fields;
    for (std::size_t i = 0; i < targeted.size(); ++i)
      if (!is_targeted_field(targeted[i]))
        add(element(route + ".cache.targeted_fields", i),
            in_ticks(targeted[i]) + " " + what_happens_to_targeted(targeted[i]));
    const auto& names = policy.key.headers;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (iequals(names[i], "Cookie") || iequals(names[i], "User-Agent"))
        add(element(route + ".cache.key.headers", i),
            "nearly every client has a value of its own, and gets responses of its own");
    for (const auto* lines : {&policy.response_edits.set, &policy.response_edits.add})
      for (const auto& line : *lines)
        if (iequals(line.name, "Set-Cookie"))
          add(route + ".response_headers." + (lines == &policy.response_edits.set ? "set." : "add.") +
                  line.name,
              "every client is given the same cookie");
  }

  const Config& config_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> warnings(const Config& config) { return Critic(config).run(); }

}  // namespace forebay::config
