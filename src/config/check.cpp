#include "forebay/config/check.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "config/edit_rules.hpp"
#include "config/syntax.hpp"
#include "config/words.hpp"
#include "forebay/base/quantity.hpp"
#include "forebay/base/redis_url.hpp"
#include "forebay/base/signature_key.hpp"
#include "forebay/base/strings.hpp"

namespace forebay::config {

namespace {

using Fault = std::string (*)(std::string_view);

constexpr std::size_t kMaxEventName = 512;

std::string element(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

/// Gathers findings; one function for each part of the configuration.
class Checker {
 public:
  explicit Checker(const Config& config) : config_(config) {}

  std::vector<Finding> run() {
    check_listen();
    check_admin();
    check_sizes();
    check_redis();
    check_redis_events();
    check_each("trusted_proxies", config_.proxy.trusted_proxies, fault_in_network);
    check_partition_key();
    check_purges();
    check_upstreams();
    check_routes();
    return std::move(findings_);
  }

 private:
  void add(std::string path, std::string message, std::string related = {}) {
    findings_.push_back({std::move(path), std::move(message), std::move(related)});
  }

  void check_text(std::string path, std::string_view text, Fault fault) {
    if (std::string message = fault(text); !message.empty()) add(std::move(path), std::move(message));
  }

  void check_each(const std::string& path, const std::vector<std::string>& texts, Fault fault) {
    for (std::size_t i = 0; i < texts.size(); ++i) check_text(element(path, i), texts[i], fault);
  }

  void check_listen() {
    std::unordered_set<std::string_view> seen;
    if (config_.listen.empty()) add("listen", "at least one address is needed");
    for (std::size_t i = 0; i < config_.listen.size(); ++i) {
      const std::string& address = config_.listen[i].address;
      const std::string path = element("listen", i) + ".address";
      check_text(path, address, fault_in_listen_address);
      if (!address.ends_with(":0") && !seen.insert(address).second)
        add(path, in_ticks(address) + " is listed twice");
    }
  }

  void check_admin() {
    const admin::AdminSettings& admin = config_.admin;
    if (!admin.address.empty()) check_text("admin.address", admin.address, fault_in_listen_address);
    const auto same = [&](const server::ListenSettings& listen) { return listen.address == admin.address; };
    if (!admin.address.ends_with(":0") && !admin.address.empty() &&
        std::any_of(config_.listen.begin(), config_.listen.end(), same)) {
      add("admin.address", in_ticks(admin.address) + " is an address for clients already", "listen");
    }
    check_text("admin.token", admin.token, fault_in_token);
  }

  void check_sizes() {
    const tier::MemorySettings& memory = config_.memory;
    if (memory.max_body > memory.size) {
      add("cache.memory.max_body",
          "expected at most `cache.memory.size`, " + format_size(memory.size) + ", found " +
              in_ticks(format_size(memory.max_body)),
          "cache.memory.size");
    }
    const server::Limits& limits = config_.limits;
    if (limits.request_head < limits.request_line) {
      add("limits.request_head",
          "expected at least `limits.request_line`, " + format_size(limits.request_line) + ", found " +
              in_ticks(format_size(limits.request_head)),
          "limits.request_line");
    }
  }

  void check_redis() {
    const tier::RedisSettings& redis = config_.redis;
    if (!config_.memory.store && !redis.is_set())
      add("cache.memory.store", "responses would be kept nowhere: `cache.redis` is needed", "cache.redis");
    if (!redis.is_set()) {
      tier::RedisSettings unset;
      unset.name_space = redis.name_space;
      if (redis != unset) add("cache.redis.url", "a URL is needed, `url` or `url_file`");
      return;
    }
    check_text("cache.redis.namespace", redis.name_space, fault_in_upstream_name);
    const auto url = parse_redis_url(redis.url);
    if (url.has_error()) return add("cache.redis.url", url.error().detail);  // which quotes no password
    if (!redis.user.empty() && redis.password.empty() && url->password.empty())
      add("cache.redis.user", "a user needs a password, `password` or `password_file`");
    if (!redis.sentinel_user.empty() && redis.sentinel_password.empty())
      add("cache.redis.sentinel.user", "a user needs a password, `password` or `password_file`");
    if (!redis.sentinel_password.empty() && url->deployment != RedisDeployment::sentinel)
      add("cache.redis.sentinel", "the URL names no sentinels", "cache.redis.url");
    if (!url->tls && redis.tls != tier::RedisTlsSettings{})
      add("cache.redis.tls", "the URL says nothing of TLS: it begins with `rediss` then", "cache.redis.url");
    if (redis.tls.certificate_file.empty() != redis.tls.key_file.empty())
      add("cache.redis.tls", "`certificate_file` and `key_file` need each other");
    if (redis.write_queue < redis.max_body) {
      add("cache.redis.write_queue",
          "expected at least `max_body`, " + format_size(redis.max_body) + ", found " +
              in_ticks(format_size(redis.write_queue)),
          "cache.redis.max_body");
    }
    check_breaker(redis.breaker);
  }

  void check_breaker(const tier::BreakerSettings& breaker) {
    const std::string path = "cache.redis.breaker.";
    if (breaker.failures > breaker.window) {
      add(path + "failures",
          "expected at most `window`, " + std::to_string(breaker.window) + ", found " +
              in_ticks(std::to_string(breaker.failures)),
          path + "window");
    }
    if (breaker.min_pause > breaker.max_pause) {
      add(path + "min_pause",
          "expected at most `max_pause`, " + format_duration(breaker.max_pause) + ", found " +
              in_ticks(format_duration(breaker.min_pause)),
          path + "max_pause");
    }
  }

  void check_redis_events() {
    const auto& events = config_.redis_events;
    if (events.is_set() && !config_.redis.is_set())
      add("events.redis", "events arrive by the Redis of `cache.redis`, which is needed", "cache.redis");
    if (!events.group.empty() && events.stream.empty())
      add("events.redis.group", "a group reads a `stream`, and there is none");
    if (events.is_set() && config_.proxy.events.empty())
      add("events.redis", "no event has a rule: `events.types` says what they purge", "events.types");
    const std::pair<const char*, const std::string&> names[] = {
        {"stream", events.stream}, {"group", events.group}, {"channel", events.channel}};
    for (const auto& [name, text] : names)
      if (text.size() > kMaxEventName) add("events.redis." + std::string(name), "expected at most 512 bytes");
  }

  void check_partition_key() {
    constexpr std::size_t kMinBytes = 16;
    const auto& key = config_.proxy.partition_key;
    if (!key.empty() && key.size() < kMinBytes) add("partition_key", "expected at least 16 bytes");
  }

  void check_purges() {
    const auto& purge = config_.proxy.purge;
    check_each("purge.allow", purge.allow, fault_in_network);
    check_text("purge.token", purge.token, fault_in_token);
    for (const auto& event : config_.proxy.events) {
      const auto path = "events.types." + event.type;
      if (event.type.empty()) add("events.types", "an event type has an empty name");
      if (event.urls.empty() && event.tags.empty() && event.prefixes.empty() && event.patterns.empty() &&
          event.hosts.empty())
        add(path, "names nothing to purge: `tags`, `urls`, `prefixes`, `patterns` or `hosts` are needed");
    }
  }

  void check_upstreams() {
    if (config_.upstreams.empty()) {
      add("upstreams",
          "at least one upstream is needed: `upstreams: { app: { servers: [\"http://127.0.0.1:3000\"] } }`");
    }
    for (const upstream::UpstreamSettings& upstream : config_.upstreams) {
      const std::string path = "upstreams." + upstream.name;
      check_text(path, upstream.name, fault_in_upstream_name);
      if (!upstream_names_.insert(upstream.name).second) add(path, "two upstreams have this name");
      if (upstream.servers.empty()) {
        add(path + ".servers", "at least one server is needed, such as `http://127.0.0.1:3000`");
      }
      check_each(path + ".servers", upstream.servers, fault_in_server);
      if (!upstream.tls.server_name.empty()) {
        check_text(path + ".tls.server_name", upstream.tls.server_name, fault_in_host_name);
      }
    }
  }

  void check_routes() {
    std::vector<std::string_view> names;
    for (const upstream::UpstreamSettings& upstream : config_.upstreams) names.emplace_back(upstream.name);
    if (config_.proxy.routes.empty() && !names.empty()) {
      add("routes", "routes are needed that choose between the upstreams " + one_of(names));
    }
    for (std::size_t i = 0; i < config_.proxy.routes.size(); ++i) {
      check_route(config_.proxy.routes[i], element("routes", i), names);
    }
  }

  void check_route(const proxy::RouteSettings& route, const std::string& path,
                   const std::vector<std::string_view>& upstreams) {
    if (route.hosts.empty()) add(path + ".match.hosts", "at least one host is needed; `*` stands for all");
    check_each(path + ".match.hosts", route.hosts, fault_in_host_pattern);
    if (route.paths.empty()) add(path + ".match.paths", "at least one path is needed; `/**` stands for all");
    check_each(path + ".match.paths", route.paths, fault_in_path_pattern);
    if (route.upstream.empty()) {
      add(path + ".upstream",
          "the name of an upstream is needed" + (upstreams.empty() ? "" : ": " + one_of(upstreams)));
    } else if (!upstream_names_.contains(route.upstream)) {
      add(path + ".upstream",
          "no upstream is called " + in_ticks(route.upstream) + hint(route.upstream, upstreams), "upstreams");
    }
    check_each(path + ".match.methods", route.methods, fault_in_method);
    check_each(path + ".match.headers", route.headers, fault_in_field_match);
    check_edits(route.request_edits, path + ".request_headers", fault_in_request_edit);
    check_edits(route.cache.response_edits, path + ".response_headers", fault_in_response_edit);
    check_policy(route.cache, path + ".cache");
    check_slice(route.cache.slice, path + ".cache.slice");
    check_partition_reaches_upstream(route, path);
  }

  /// A token is verified here. What only says who somebody is has to be what the upstream goes by: otherwise
  /// anybody could have the answer to another request stored for them.
  void check_partition_reaches_upstream(const proxy::RouteSettings& route, const std::string& path) {
    const auto& partition = route.cache.key.partition;
    const auto check = [&](std::string_view field, const std::string& what) {
      if (!field.empty() && route.request_edits.replaces(field))
        add(path + ".cache.partition." + what,
            "the upstream does not get " + in_ticks(field) + " as clients send it",
            path + ".request_headers");
    };
    check(partition.header, "header");
    check(partition.cookie.empty() ? "" : "Cookie", "cookie");
  }

  void check_edits(const http::FieldEdits& edits, const std::string& path, Fault fault_in_name) {
    std::unordered_set<std::string> replaced;
    for (const auto& line : edits.set) {
      check_line(line, path + ".set." + line.name, fault_in_name);
      if (!replaced.insert(lower(line.name)).second) add(path + ".set." + line.name, "set twice");
    }
    for (const auto& line : edits.add) check_line(line, path + ".add." + line.name, fault_in_name);
    check_each(path + ".remove", edits.remove, fault_in_name);
    for (std::size_t i = 0; i < edits.remove.size(); ++i)
      if (!replaced.insert(lower(edits.remove[i])).second)
        add(element(path + ".remove", i), in_ticks(edits.remove[i]) + " is set or removed already");
  }

  void check_line(const http::FieldLine& line, const std::string& path, Fault fault_in_name) {
    check_text(path, line.name, fault_in_name);
    if (line.value.empty()) add(path, "a value is needed; `remove` takes a field out");
    check_text(path, line.value, fault_in_field_value);
  }

  void check_policy(const cache::Policy& policy, const std::string& path) {
    check_text(path + ".client_cache_control", policy.client_cache_control, fault_in_field_value);
    check_each(path + ".tag_fields", policy.tag_fields, fault_in_token_name);
    check_each(path + ".targeted_fields", policy.targeted_fields, fault_in_token_name);
    check_each(path + ".languages", policy.languages, fault_in_language);
    if (policy.key.query.allow)
      check_each(path + ".key.query.allow", *policy.key.query.allow, fault_in_parameter_pattern);
    check_each(path + ".key.query.deny", policy.key.query.deny, fault_in_parameter_pattern);
    if (policy.key.query.no_vary_search && policy.slice > 0)
      add(path + ".key.query.no_vary_search", "not together with `slice`", path + ".slice");
    check_each(path + ".key.headers", policy.key.headers, fault_in_token_name);
    check_each(path + ".key.cookies", policy.key.cookies, fault_in_token_name);
    check_each(path + ".bypass.headers", policy.bypass.headers, fault_in_name_pattern);
    check_each(path + ".bypass.cookies", policy.bypass.cookies, fault_in_name_pattern);
    check_each(path + ".bypass.query", policy.bypass.query, fault_in_parameter_pattern);
    check_each(path + ".compress.types", policy.compress.types, fault_in_media_type);
    check_partition(policy.key.partition, path + ".partition");
    for (const auto& row : policy.status_ttl)
      check_text(path + ".status_ttl." + row.status, row.status, fault_in_status);
    if (policy.min_ttl && policy.max_ttl && *policy.min_ttl > *policy.max_ttl)
      add(path + ".min_ttl",
          "expected at most `max_ttl`, " + format_duration(*policy.max_ttl) + ", found " +
              in_ticks(format_duration(*policy.min_ttl)),
          path + ".max_ttl");
  }

  void check_slice(std::uint64_t slice, const std::string& path) {
    constexpr std::uint64_t kLeast = 64 * 1024;
    const auto most = config_.memory.max_body;
    if (slice > 0 && !config_.memory.store)
      add(path, "slices are kept in memory alone, and `cache.memory.store` is false", "cache.memory.store");
    if (slice == 0 || (slice >= kLeast && slice <= most)) return;
    add(path,
        "expected from " + format_size(kLeast) + " to `cache.memory.max_body`, " + format_size(most) +
            ", found " + in_ticks(format_size(slice)),
        "cache.memory.max_body");
  }

  void check_partition(const cache::PartitionPolicy& policy, const std::string& path) {
    const auto& token = policy.token;
    const bool by_token = !token.claim.empty();
    if (!by_token && token != cache::TokenPolicy{}) add(path + ".jwt.claim", "the name of a claim is needed");
    const auto given = [](const std::string& text) { return text.empty() ? 0 : 1; };
    if (given(policy.header) + given(policy.cookie) + (by_token ? 1 : 0) > 1)
      add(path, "expected one of `header`, `cookie` and `jwt`");
    const bool depends = policy.stores_private || policy.missing != cache::PartitionPolicy::Missing::pass;
    if ((policy.is_asked_for || depends) && !policy.is_set())
      add(path, "one of `header`, `cookie` and `jwt` is needed");
    for (const auto& [name, text] : {std::pair(".header", &policy.header),
                                     {".cookie", &policy.cookie},
                                     {".jwt.header", &token.header},
                                     {".jwt.cookie", &token.cookie}})
      if (!text->empty()) check_text(path + name, *text, fault_in_token_name);
    if (!by_token) return;
    if (token.key.empty()) return add(path + ".jwt.key", "a key is needed, `key` or `key_file`");
    if (const auto key = SignatureKey::make(token.algorithm, token.key); !key)
      add(path + ".jwt.key", key.error().detail);
  }

  const Config& config_;
  std::unordered_set<std::string_view> upstream_names_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check(const Config& config) { return Checker(config).run(); }

}  // namespace forebay::config
