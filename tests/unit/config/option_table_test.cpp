#include "config/option_table.hpp"

#include <gtest/gtest.h>

#include <set>

#include "loading.hpp"

namespace forebay::config {
namespace {

TEST(OptionTable, EveryOptionStandsInOneThatHoldsOptions) {
  std::set<std::string> paths{""};
  for (const Option& option : option_table()) {
    EXPECT_TRUE(paths.contains(std::string(parent(option.path)))) << option.path;
    if (holds_options(option.kind)) {
      EXPECT_TRUE(paths.insert(inner_path(option)).second) << option.path;
    }
  }
}

TEST(OptionTable, PathsAreUnique) {
  std::set<std::string_view> paths;
  for (const Option& option : option_table()) EXPECT_TRUE(paths.insert(option.path).second) << option.path;
}

TEST(OptionTable, HelpIsASentence) {
  for (const Option& option : option_table()) EXPECT_TRUE(option.facts.help.ends_with('.')) << option.path;
}

TEST(OptionTable, WhatHasNoDefaultHasAnExample) {
  for (const Option& option : option_table()) {
    if (holds_options(option.kind) || (option.initial && !option.facts.required)) continue;
    if (option.path == "listen[].address") continue;  // shows the default of `listen`
    EXPECT_FALSE(option.facts.example.empty()) << option.path;
  }
}

TEST(OptionTable, DefaultsAreWithinTheirBounds) {
  for (const Option& option : option_table()) {
    if (holds_options(option.kind) || option.kind == Kind::texts || !option.initial) continue;
    EXPECT_TRUE(read_value(option, default_text(option), {})) << option.path;
  }
}

TEST(OptionTable, ExcludedOptionsAreThere) {
  for (const Option& option : option_table()) {
    for (const std::string_view path : {option.facts.excludes, option.facts.shorthand}) {
      EXPECT_TRUE(path.empty() || find_option(path) != nullptr) << option.path;
    }
  }
}

TEST(OptionTable, FindsByPath) {
  ASSERT_NE(find_option("upstreams.*.timeouts.connect"), nullptr);
  EXPECT_EQ(find_option("upstreams.app.timeouts.connect"), nullptr);
  EXPECT_EQ(find_option(""), nullptr);
  EXPECT_EQ(options_in("cache.memory").size(), 5U);
  EXPECT_TRUE(options_in("nothing").empty());
}

/// Every option, each with a value that is not its default.
constexpr std::string_view kEverything = R"(
listen:
  - { address: "127.0.0.1:81", max_connections: 11, backlog: 12 }
  - "[::1]:82"
admin: { address: "127.0.0.1:83", token: secret }
workers: 3
drain_timeout: 4s
limits: { request_line: 1KiB, request_head: 2KiB, request_fields: 5, request_body: 6MiB }
timeouts: { header: 1s, idle: 2s, body: 3s, write: 4s, tunnel: 5s }
trusted_proxies: ["10.0.0.0/8", "::1"]
log: { level: warning, access: json, access_file: /a.log, access_queue: 7 }
upstreams:
  api:
    servers: ["http://a:1", "https://b"]
    tls: { verify: false, ca_file: /dev/null, server_name: c }
    timeouts: { connect: 1s, first_byte: 2s, between_bytes: 3s, idle: 4s, queue: 6s }
    max_connections: 8
    max_idle: 9
    queue: 10
    resolve_interval: 11s
    max_head: 12KiB
cache:
  memory: { size: 13MiB, max_body: 14KiB, store: false, eviction: size_aware, size_weight: 51 }
  collapsing: { max_waiters: 15, max_wait: 16s, uncacheable_memo: 17s }
  redis:
    url: "rediss+sentinel://a,b/m"
    namespace: d
    user: e
    password: f
    sentinel: { user: h, password: i }
    connect_timeout: 21s
    timeout: 22s
    tls: { verify: false, ca_file: /dev/null, certificate_file: /dev/zero, key_file: /dev/full, server_name: g }
    breaker: { failures: 23, window: 24, slow: 25s, min_pause: 26s, max_pause: 27s, probes: 28 }
routes:
  - match: { hosts: ["A.example", "*.b.example"], paths: ["/x/**"] }
    upstream: api
    cache: { enabled: false, default_ttl: 18s, heuristic_percent: 19, heuristic_max: 20m, client_cache_control: no-store }
)";

Config everything() {
  using namespace std::chrono_literals;
  Config config;
  config.listen = {{"127.0.0.1:81", 12, 11}, {.address = "[::1]:82"}};
  config.admin = {"127.0.0.1:83", "secret"};
  config.workers = 3;
  config.drain_timeout = 4s;
  config.limits = {1024, 2048, 5, 6 << 20};
  config.timeouts = {.header = 1s, .idle = 2s, .body = 3s, .tunnel = 5s, .write = 4s};
  config.log = {observe::Level::warning, observe::AccessFormat::json, "/a.log", 7};
  config.upstreams = {{.name = "api",
                       .servers = {"http://a:1", "https://b"},
                       .tls = {false, "/dev/null", "c"},
                       .connect_timeout = 1s,
                       .first_byte_timeout = 2s,
                       .between_bytes_timeout = 3s,
                       .idle_timeout = 4s,
                       .max_connections = 8,
                       .max_idle = 9,
                       .queue = 10,
                       .queue_timeout = 6s,
                       .resolve_interval = 11s,
                       .max_head = 12 << 10}};
  config.memory = {13 << 20, 14 << 10, false, tier::Eviction::size_aware, 51};
  config.flights = {15, 16s, 17s};
  config.redis = {.url = "rediss+sentinel://a,b/m",
                  .user = "e",
                  .password = "f",
                  .sentinel_user = "h",
                  .sentinel_password = "i",
                  .name_space = "d",
                  .connect_timeout = 21s,
                  .timeout = 22s,
                  .tls = {false, "/dev/null", "/dev/zero", "/dev/full", "g"},
                  .breaker = {23, 24, 25s, 26s, 27s, 28}};
  config.proxy.trusted_proxies = {"10.0.0.0/8", "::1"};
  config.proxy.routes = {{.hosts = {"a.example", "*.b.example"},
                          .paths = {"/x/**"},
                          .upstream = "api",
                          .cache = {.enabled = false,
                                    .default_ttl = 18s,
                                    .heuristic_percent = 19,
                                    .heuristic_max = 20min,
                                    .client_cache_control = "no-store"}}};
  return config;
}

TEST(OptionTable, EveryOptionReachesItsField) {
  const Config loaded = config_in(kEverything);
  const Config expected = everything();
  EXPECT_EQ(loaded.listen, expected.listen);
  EXPECT_EQ(loaded.admin, expected.admin);
  EXPECT_EQ(loaded.limits, expected.limits);
  EXPECT_EQ(loaded.timeouts, expected.timeouts);
  EXPECT_EQ(loaded.log, expected.log);
  EXPECT_EQ(loaded.upstreams, expected.upstreams);
  EXPECT_EQ(loaded.memory, expected.memory);
  EXPECT_EQ(loaded.flights, expected.flights);
  EXPECT_EQ(loaded.proxy, expected.proxy);
  EXPECT_EQ(loaded, expected);
}

TEST(OptionTable, ChoicesStandForTheEnumerators) {
  using observe::AccessFormat;
  using observe::Level;
  const auto log = [](std::string_view yaml) { return config_in(minimal_with(yaml)).log; };
  EXPECT_EQ(log("log: { level: debug }").level, Level::debug);
  EXPECT_EQ(log("log: { level: info }").level, Level::info);
  EXPECT_EQ(log("log: { level: warning }").level, Level::warning);
  EXPECT_EQ(log("log: { level: error }").level, Level::error);
  EXPECT_EQ(log("log: { access: off }").access, AccessFormat::off);
  EXPECT_EQ(log("log: { access: combined }").access, AccessFormat::combined);
  EXPECT_EQ(log("log: { access: json }").access, AccessFormat::json);
}

}  // namespace
}  // namespace forebay::config
