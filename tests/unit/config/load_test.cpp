#include "forebay/config/load.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "loading.hpp"

namespace forebay::config {
namespace {

constexpr std::string_view kExample = R"(listen:
  - address: 0.0.0.0:8080              # also [::]:8080 and unix:/run/forebay/http.sock
admin:
  address: 127.0.0.1:9180
  token: ${FOREBAY_ADMIN_TOKEN:-}
workers: auto
upstreams:
  app:
    servers: ["http://127.0.0.1:3000"]
cache:
  memory: { size: 256MiB, max_body: 16MiB, eviction: balanced }
routes:                                # first match wins
  - match: { hosts: ["*"], paths: ["/static/**"] }
    upstream: app
    cache:
      default_ttl: 1h
      client_cache_control: "public, max-age=31536000"
  - match: { paths: ["/**"] }
    upstream: app
)";

TEST(Load, TheExampleOfTheIntroduction) {
  const Config config = config_in(kExample, environment_of({{"FOREBAY_ADMIN_TOKEN", "s3cret"}}));
  ASSERT_EQ(config.listen.size(), 1U);
  EXPECT_EQ(config.listen[0].address, "0.0.0.0:8080");
  EXPECT_EQ(config.admin, (admin::AdminSettings{"127.0.0.1:9180", "s3cret"}));
  EXPECT_EQ(config.memory, tier::MemorySettings{});
  ASSERT_EQ(config.proxy.routes.size(), 2U);
  const proxy::RouteSettings& statics = config.proxy.routes[0];
  EXPECT_EQ(statics.paths, std::vector<std::string>{"/static/**"});
  EXPECT_EQ(statics.cache.default_ttl, std::chrono::hours(1));
  EXPECT_EQ(statics.cache.client_cache_control, "public, max-age=31536000");
  EXPECT_EQ(config.proxy.routes[1], (proxy::RouteSettings{.upstream = "app"}));
  EXPECT_EQ(config_in(kExample).admin.token, "");
}

TEST(Load, AnEmptyFileButForOneUpstreamHasSafeDefaults) {
  const Config config = config_in(kMinimal);
  ASSERT_EQ(config.listen.size(), 1U);
  EXPECT_EQ(config.listen[0], (server::ListenSettings{.address = "0.0.0.0:8080"}));
  EXPECT_EQ(config.admin, (admin::AdminSettings{"127.0.0.1:9180", ""}));
  ASSERT_EQ(config.proxy.routes.size(), 1U);
  EXPECT_EQ(config.proxy.routes[0], (proxy::RouteSettings{.upstream = "app"}));
}

TEST(Load, AdminOffMeansNoAdminListener) {
  EXPECT_EQ(config_in(minimal_with("admin: { address: off }")).admin.address, "");
}

struct Row {
  const char* yaml;    // in front of an upstream `app`, where it does not have its own
  const char* errors;  // of the file "f"
};

constexpr const char* kTopLevel =
    "`listen`, `admin`, `workers`, `drain_timeout`, `limits`, `timeouts`, `trusted_proxies`, `log`, "
    "`upstreams`, "
    "`cache`, `partition_key`, `partition_key_file` or 3 more";

// Names that are not known, given twice, or none at all.
constexpr Row kKeys[] = {
    {"upstrem: {}", "f:1:1: unknown key `upstrem`; did you mean `upstreams`?"},
    {"worker: 3", "f:1:1: unknown key `worker`; did you mean `workers`?"},
    {"Limits: {}", "f:1:1: unknown key `Limits`; did you mean `limits`?"},
    {"drain-timeout: 3s", "f:1:1: unknown key `drain-timeout`; did you mean `drain_timeout`?"},
    {"memory: {}", "f:1:1: unknown key `memory`; did you mean `cache.memory`?"},
    {"eviction: lru", "f:1:1: unknown key `eviction`; did you mean `cache.memory.eviction`?"},
    {"cache:\n  disk: {}", "f:2:3: unknown key `cache.disk`; known here: `memory`, `collapsing` or `redis`"},
    {"cache: { memory: { sise: 1GiB } }", "f:1:20: unknown key `cache.memory.sise`; did you mean `size`?"},
    {"limits: { \"\": 1 }",
     "f:1:11: unknown key `limits.`; known here: `request_line`, `request_head`, `request_fields` or "
     "`request_body`"},
    {"limits: { request_line.x: 1 }",
     "f:1:11: unknown key `limits.request_line.x`; did you mean `request_line`?"},
    {"routes:\n  - upstream: app\n    cache:\n      stale_while_revalidat: 30s",
     "f:4:7: unknown key `routes[0].cache.stale_while_revalidat`; did you mean `stale_while_revalidate`?"},
    {"routes: [{ upstream: app, match: { host: [a] } }]",
     "f:1:36: unknown key `routes[0].match.host`; did you mean `hosts`?"},
    {"workers: 1\nworkers: 2", "f:2:1: workers: given twice, first in line 1"},
    {"limits: { request_line: 1KiB, request_line: 2KiB }",
     "f:1:31: limits.request_line: given twice, first in line 1"},
    {"? [a]\n: 1", "f:1:3: expected a name as the key, found a list"},
    {"limits: { ~: 1 }", "f:1:11: limits: expected a name as the key, found nothing"},
    {"limits: { <<: { request_line: 1KiB } }",
     "f:1:11: unknown key `limits.<<`; merge keys are not understood"},
};

// Values of the wrong kind, and values out of bounds.
constexpr Row kValues[] = {
    {"workers: 0", "f:1:10: workers: expected `auto` or a number from 1 to 1024, found `0`"},
    {"workers: -1", "f:1:10: workers: expected `auto` or a number from 1 to 1024, found `-1`"},
    {"workers: 2.5", "f:1:10: workers: expected `auto` or a number from 1 to 1024, found `2.5`"},
    {"workers: [1]", "f:1:10: workers: expected `auto` or a number from 1 to 1024, found a list"},
    {"workers:", "f:1:1: workers: expected `auto` or a number from 1 to 1024, found nothing"},
    {"drain_timeout: 30",
     "f:1:16: drain_timeout: expected a duration from 0 to 1d such as `30s`, found `30`"},
    {"drain_timeout: 2d",
     "f:1:16: drain_timeout: expected a duration from 0 to 1d such as `30s`, found `2d`"},
    {"drain_timeout: 1.5s",
     "f:1:16: drain_timeout: expected a duration from 0 to 1d such as `30s`, found `1.5s`"},
    {"timeouts: { idle: 0 }",
     "f:1:19: timeouts.idle: expected a duration from 1ms to 1d such as `1m`, found `0`"},
    {"limits: { request_line: 1MB }",
     "f:1:25: limits.request_line: expected a size from 256 to 1MiB such as `8KiB`, found `1MB`"},
    {"limits: { request_fields: 1001 }",
     "f:1:27: limits.request_fields: expected a number from 1 to 1000, found `1001`"},
    {"limits: 8KiB", "f:1:9: limits: expected a map of options, found `8KiB`"},
    {"limits: []", "f:1:9: limits: expected a map of options, found a list"},
    {"log: { level: verbose }",
     "f:1:15: log.level: expected `debug`, `info`, `warning` or `error`, found `verbose`"},
    {"log: { access: true }", "f:1:16: log.access: expected `off`, `combined` or `json`, found `true`"},
    {"cache: { memory: { size_weight: 101 } }",
     "f:1:33: cache.memory.size_weight: expected a number from 0 to 100, found `101`"},
    {"cache: { memory: { eviction: lfu } }",
     "f:1:30: cache.memory.eviction: expected `lru`, `balanced` or `size_aware`, found `lfu`"},
    {"listen: 0.0.0.0:8080", "f:1:9: listen: expected a list, found `0.0.0.0:8080`"},
    {"listen: [[]]", "f:1:10: listen[0]: expected a map of options, found a list"},
    {"trusted_proxies: 10.0.0.0/8",
     "f:1:18: trusted_proxies: expected a list of addresses and networks, found `10.0.0.0/8`"},
    {"trusted_proxies: [{}]", "f:1:19: trusted_proxies[0]: expected text, found a map"},
    {"admin: { token: { a: b } }", "f:1:17: admin.token: expected text, found a map"},
    {"routes: [{ upstream: app, cache: { enabled: yes } }]",
     "f:1:45: routes[0].cache.enabled: expected `true` or `false`, found `yes`"},
    {"routes: [{ upstream: app, cache: { default_ttl: 500ms } }]",
     "f:1:49: routes[0].cache.default_ttl: expected a duration in whole seconds from 0 to 365d such as "
     "`10m`, found "
     "`500ms`"},
    {"routes: { upstream: app }", "f:1:9: routes: expected a list, found a map"},
};

// What fits its option but not the rest.
constexpr Row kChecks[] = {
    {"listen: [\"localhost:80\"]",
     "f:1:10: listen[0].address: expected an IP address and port such as `0.0.0.0:8080` or `[::]:8080`, or "
     "`unix:/path`, found `localhost:80`"},
    {"listen: [{ backlog: 5 }]",
     "f:1:10: listen[0].address: expected an IP address and port such as `0.0.0.0:8080` or `[::]:8080`, or "
     "`unix:/path`, found ``"},
    {"listen: [\"0.0.0.0:80\", \"0.0.0.0:80\"]", "f:1:24: listen[1].address: `0.0.0.0:80` is listed twice"},
    {"admin: { address: \"0.0.0.0:8080\" }",
     "f:1:19: admin.address: `0.0.0.0:8080` is an address for clients already"},
    {"cache: { memory: { size: 8MiB } }",
     "f:1:18: cache.memory.max_body: expected at most `cache.memory.size`, 8MiB, found `16MiB`"},
    {"limits: { request_line: 64KiB }",
     "f:1:9: limits.request_head: expected at least `limits.request_line`, 64KiB, found `32KiB`"},
    {"trusted_proxies: [10.0.0.0/33]",
     "f:1:19: trusted_proxies[0]: expected an IP address or a network such as `10.0.0.0/8` or `fd00::/8`, "
     "found "
     "`10.0.0.0/33`"},
    {"routes: [{ upstream: ap }]",
     "f:1:22: routes[0].upstream: no upstream is called `ap`; did you mean `app`?"},
    {"routes: [{}]", "f:1:10: routes[0].upstream: the name of an upstream is needed: `app`"},
    {"routes: [{ upstream: app, match: { paths: [\"static\"] } }]",
     "f:1:44: routes[0].match.paths[0]: expected a path such as `/static/**`, without query and spaces, "
     "found "
     "`static`"},
    {"routes: [{ upstream: app, match: { hosts: [\"a:80\"] } }]",
     "f:1:44: routes[0].match.hosts[0]: expected a host name without port, `*.example.com` or `*`, found "
     "`a:80`"},
    {"routes: [{ upstream: app, cache: { client_cache_control: \"a\\r\\nb\" } }]",
     "f:1:58: routes[0].cache.client_cache_control: expected a field value of visible ASCII characters, "
     "found "
     "`a??b`"},
    {"admin: { token: \"${TOKEN}\" }",
     "f:1:17: admin.token: the environment variable `TOKEN` is not set; `${TOKEN:-default}` needs none"},
    {"admin: { token: ${TOKEN} }",
     "f:1:18: not valid YAML: end of map flow not found; within braces or brackets `${...}` needs quotes"},
    {"admin: { token: a, token_file: b }",
     "f:1:32: admin.token_file: given as well as `admin.token`; one of them is allowed"},
    {"admin: { token_file: /dev/null, token: b }",
     "f:1:22: admin.token_file: `/dev/null` is empty\n"
     "f:1:40: admin.token: given as well as `admin.token_file`; one of them is allowed"},
    {"admin: { token_file: nope }",
     "f:1:22: admin.token_file: cannot read `nope`: No such file or directory"},
};

// Files with upstreams of their own, or none.
constexpr Row kWholeFiles[] = {
    {"",
     "f: upstreams: at least one upstream is needed: "
     "`upstreams: { app: { servers: [\"http://127.0.0.1:3000\"] } }`"},
    {"upstreams:\n",
     "f:1:1: upstreams: at least one upstream is needed: "
     "`upstreams: { app: { servers: [\"http://127.0.0.1:3000\"] } }`"},
    {"[]", "f:1:1: expected a map of options, found a list"},
    {"text", "f:1:1: expected a map of options, found `text`"},
    {"upstreams: []", "f:1:12: upstreams: expected a map from names to options, found a list"},
    {"upstreams: { a: 5 }", "f:1:17: upstreams.a: expected a map of options, found `5`"},
    {"upstreams: { a: }",
     "f:1:14: upstreams.a.servers: at least one server is needed, such as "
     "`http://127.0.0.1:3000`"},
    {"upstreams: { a: { servers: http://h } }",
     "f:1:28: upstreams.a.servers: expected a list of servers, found `http://h`"},
    {"upstreams: { a: { server: [\"http://h\"] } }",
     "f:1:19: unknown key `upstreams.a.server`; did you mean `servers`?"},
    {"upstreams: { a: { servers: [\"h:80\"] } }",
     "f:1:29: upstreams.a.servers[0]: expected `http://host:port`, `https://host:port` or `unix:/path`, "
     "found "
     "`h:80`"},
    {"upstreams: { a: { servers: [\"http://h:80/\"] } }",
     "f:1:29: upstreams.a.servers[0]: a server has no path or query; expected `http://h:80`, found "
     "`http://h:80/`"},
    {"upstreams: { a: { servers: [\"https://h\"], tls: { ca_file: /nope.pem } } }",
     "f:1:59: upstreams.a.tls.ca_file: cannot read `/nope.pem`: No such file or directory"},
    {"upstreams: { \"a b\": { servers: [\"http://h\"] } }",
     "f:1:14: upstreams.a b: the name `a b` may hold letters, digits, `_`, `-` and `.` only, 1 to 64 of "
     "them"},
    {"upstreams: { a: { servers: [\"http://h\"] }, b: { servers: [\"http://h\"] } }",
     "f: routes: routes are needed that choose between the upstreams `a` or `b`"},
    {"upstreams: { a: { servers: [\"http://h\"] }, a: { servers: [\"http://h\"] } }",
     "f:1:44: upstreams.a: given twice, first in line 1"},
    {"workers: 1\n---\nworkers: 2\n", "f:2:1: a second document; the file must hold one"},
};

TEST(Load, UnknownAndRepeatedKeys) {
  for (const Row& row : kKeys) EXPECT_EQ(errors_in(minimal_with(row.yaml)), row.errors) << row.yaml;
  EXPECT_EQ(errors_in(minimal_with("something: 1")),
            "f:1:1: unknown key `something`; known here: " + std::string(kTopLevel));
  EXPECT_EQ(errors_in(minimal_with("limits: { " + std::string(300, 'k') + ": 1 }")),
            "f:1:11: limits: the key `" + std::string(80, 'k') + "...` is longer than 256 bytes");
}

TEST(Load, WrongValues) {
  for (const Row& row : kValues) EXPECT_EQ(errors_in(minimal_with(row.yaml)), row.errors) << row.yaml;
}

TEST(Load, WhatDoesNotFitTogether) {
  for (const Row& row : kChecks) EXPECT_EQ(errors_in(minimal_with(row.yaml)), row.errors) << row.yaml;
}

TEST(Load, WholeFiles) {
  for (const Row& row : kWholeFiles) EXPECT_EQ(errors_in(row.yaml), row.errors) << row.yaml;
}

TEST(Load, AllErrorsInOnePass) {
  EXPECT_EQ(errors_in(R"(workers: many
upstrem: {}
admin:
  token: ${NONE}
upstreams:
  app:
    servers: ["http://h", "h"]
    timeouts: { connect: 3 }
cache:
  memory: { size: lots, max_body: 1GiB }
routes:
  - upstream: api
    match: { paths: [static] }
)"),
            R"(f:1:10: workers: expected `auto` or a number from 1 to 1024, found `many`
f:2:1: unknown key `upstrem`; did you mean `upstreams`?
f:4:10: admin.token: the environment variable `NONE` is not set; `${NONE:-default}` needs none
f:7:27: upstreams.app.servers[1]: expected `http://host:port`, `https://host:port` or `unix:/path`, found `h`
f:8:26: upstreams.app.timeouts.connect: expected a duration from 1ms to 1h such as `3s`, found `3`
f:10:19: cache.memory.size: expected a size from 1MiB to 64TiB such as `256MiB`, found `lots`
f:12:15: routes[0].upstream: no upstream is called `api`; did you mean `app`?
f:13:22: routes[0].match.paths[0]: expected a path such as `/static/**`, without query and spaces, found `static`)");
}

TEST(Load, SecretsAreNotRepeatedInErrors) {
  const std::string errors =
      errors_in(minimal_with("admin: { token: \"${T}\" }"), environment_of({{"T", "hush hush"}}));
  EXPECT_EQ(errors, "f:1:17: admin.token: the token holds characters other than visible ASCII");
}

TEST(Load, HostileTextsAreRefused) {
  std::string deep(100'000, '[');
  EXPECT_NE(errors_in(deep).find("nested too deeply"), std::string::npos);
  EXPECT_EQ(errors_in(std::string((1 << 20) + 1, ' ')), "f: larger than 1MiB");
}

TEST(Load, PlaceIsLeftOutWhereItIsNotKnown) {
  EXPECT_EQ(to_string({"f", 12, 5, "m"}), "f:12:5: m");
  EXPECT_EQ(to_string({"f", 0, 0, "m"}), "f: m");
}

TEST(Load, ProcessEnvironment) {
  ::setenv("FOREBAY_LOAD_TEST", "x", 1);
  EXPECT_EQ(process_environment()("FOREBAY_LOAD_TEST"), "x");
  ::unsetenv("FOREBAY_LOAD_TEST");
  EXPECT_EQ(process_environment()("FOREBAY_LOAD_TEST"), std::nullopt);
}

class LoadFile : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, std::string_view content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return (folder_ / name).string();
  }

  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("forebay_load_" + std::to_string(::getpid()));
};

TEST_F(LoadFile, PathsAreRelativeToTheFile) {
  write("token", "s3cret\n");
  write("ca.pem", "pem");
  const std::string path = write("forebay.yaml", R"(
admin: { token_file: token }
log: { access_file: access.log }
upstreams: { app: { servers: ["https://h"], tls: { ca_file: ca.pem } } }
)");
  const Loaded loaded = load_file(path, environment_of({}));
  ASSERT_TRUE(loaded.config) << lines(loaded);
  EXPECT_EQ(loaded.config->admin.token, "s3cret");
  EXPECT_EQ(loaded.config->log.access_file, (folder_ / "access.log").string());
  EXPECT_EQ(loaded.config->upstreams[0].tls.ca_file, (folder_ / "ca.pem").string());
}

TEST_F(LoadFile, ErrorsNameTheFile) {
  const std::string path = write("forebay.yaml", "workers: x\n" + std::string(kMinimal));
  EXPECT_EQ(lines(load_file(path, environment_of({}))),
            path + ":1:10: workers: expected `auto` or a number from 1 to 1024, found `x`");
}

TEST_F(LoadFile, SaysWhyAFileCannotBeRead) {
  const std::string missing = (folder_ / "missing.yaml").string();
  EXPECT_EQ(lines(load_file(missing, environment_of({}))),
            missing + ": cannot be read: No such file or directory");
  EXPECT_EQ(lines(load_file(folder_.string(), environment_of({}))),
            folder_.string() + ": cannot be read: Is a directory");
}

TEST(FromFlags, AnUpstreamIsEnough) {
  const Loaded loaded = from_flags({.upstream = "http://127.0.0.1:3000"});
  ASSERT_TRUE(loaded.config) << lines(loaded);
  Config expected = config_in("upstreams: { default: { servers: [\"http://127.0.0.1:3000\"] } }");
  EXPECT_EQ(*loaded.config, expected);
}

TEST(FromFlags, AddressesAreTaken) {
  const Loaded loaded = from_flags({.upstream = "unix:/app.sock", .listen = "[::]:80", .admin = "off"});
  ASSERT_TRUE(loaded.config) << lines(loaded);
  EXPECT_EQ(loaded.config->listen.at(0).address, "[::]:80");
  EXPECT_EQ(loaded.config->admin.address, "");
}

TEST(Load, ATextMayStandForANamedElement) {
  const auto loaded = load_text(R"(
upstreams: { app: { servers: ["http://127.0.0.1:3000"] } }
routes:
  - upstream: app
    cache: { status_ttl: { 404: 1m, 5xx: { ttl: 2s } } }
)",
                                "f", {});
  ASSERT_TRUE(loaded.config);
  const std::vector<cache::StatusTtl> expected{{"404", std::chrono::seconds{60}},
                                               {"5xx", std::chrono::seconds{2}}};
  EXPECT_EQ(loaded.config->proxy.routes.at(0).cache.status_ttl, expected);
}

TEST(Load, WhatIsWrongWithAShortFormStandsWhereItIs) {
  EXPECT_EQ(
      errors_in(minimal_with("routes:\n  - upstream: app\n    cache:\n      status_ttl: { 404: soon }\n")),
      "f:4:26: routes[0].cache.status_ttl.404: expected a duration in whole seconds from 0 to 365d such as "
      "`0`, found `soon`");
}

TEST(Load, WarningsHaveTheirPlaceAndForbidNothing) {
  const auto loaded = load_text(minimal_with("routes:\n  - upstream: app\n    cache: { set_cookie: keep,\n   "
                                             "   default_ttl: 2s, max_ttl: 1s }\n"),
                                "f", {});
  EXPECT_TRUE(loaded.config);
  EXPECT_EQ(lines(loaded), "");
  ASSERT_EQ(loaded.warnings.size(), 2U);
  EXPECT_EQ(
      to_string(loaded.warnings[0]),
      "f:3:26: routes[0].cache.set_cookie: a cookie that the upstream sets for one client is given to every "
      "client");
  EXPECT_EQ(loaded.warnings[1].line, 4);
}

TEST(Load, ThereAreNoWarningsBesideErrors) {
  const auto loaded =
      load_text(minimal_with("routes: [{ upstream: ap, cache: { set_cookie: keep } }]"), "f", {});
  EXPECT_EQ(loaded.errors.size(), 1U);
  EXPECT_TRUE(loaded.warnings.empty());
}

TEST(Load, EditsAreMapsOfNamesAndValues) {
  const Config config = config_in(R"(
upstreams: { app: { servers: ["http://127.0.0.1:3000"] } }
routes:
  - upstream: app
    request_headers: { set: { X-Api-Key: "${KEY}" }, remove: [Cookie] }
    response_headers:
      set: { X-Frame-Options: DENY, Server: { value: forebay } }
      add: { Link: "</style.css>" }
)",
                                  environment_of({{"KEY", "secret"}}));
  const proxy::RouteSettings& route = config.proxy.routes.at(0);
  EXPECT_EQ(route.request_edits,
            (http::FieldEdits{.set = {{"X-Api-Key", "secret"}}, .add = {}, .remove = {"Cookie"}}));
  EXPECT_EQ(route.cache.response_edits,
            (http::FieldEdits{.set = {{"X-Frame-Options", "DENY"}, {"Server", "forebay"}},
                              .add = {{"Link", "</style.css>"}},
                              .remove = {}}));
}

TEST(Load, FaultsInEditsHaveTheirPlace) {
  EXPECT_EQ(errors_in(minimal_with("routes:\n  - upstream: app\n    response_headers:\n      set:\n"
                                   "        Date: now\n        X-A:\n      remov: [X]\n")),
            "f:5:9: routes[0].response_headers.set.Date: `Date` cannot be edited: forebay writes it itself\n"
            "f:6:9: routes[0].response_headers.set.X-A: a value is needed; `remove` takes a field out\n"
            "f:7:7: unknown key `routes[0].response_headers.remov`; did you mean `remove`?");
}

TEST(Load, AListMayBeOfChoices) {
  const auto loading = [](std::string_view encodings) {
    return load_text(
        "upstreams: { app: { servers: [\"http://127.0.0.1:3000\"] } }\n"
        "routes:\n  - upstream: app\n    cache: { encodings: " +
            std::string(encodings) + ", compress: { types: [], min_size: 2KiB } }\n",
        "f", {});
  };
  const auto loaded = loading("[br, gzip]");
  ASSERT_TRUE(loaded.config) << lines(loaded);
  const auto& policy = loaded.config->proxy.routes.at(0).cache;
  EXPECT_EQ(policy.encodings, (std::vector{http::Coding::br, http::Coding::gzip}));
  EXPECT_TRUE(policy.compress.types.empty());
  EXPECT_EQ(policy.compress.min_size, 2048U);
  EXPECT_EQ(lines(loading("[br, deflate]")),
            "f:4:30: routes[0].cache.encodings[1]: expected `zstd`, `br` or `gzip`, found `deflate`");
}

TEST(FromFlags, ErrorsNameTheFlag) {
  EXPECT_EQ(lines(from_flags({})), "--upstream: needed when there is no configuration file");
  EXPECT_EQ(lines(from_flags({.upstream = "h:1", .listen = "80", .admin = "x"})),
            "--listen: expected an IP address and port such as `0.0.0.0:8080` or `[::]:8080`, or "
            "`unix:/path`, found "
            "`80`\n"
            "--admin: expected an IP address and port such as `0.0.0.0:8080` or `[::]:8080`, or "
            "`unix:/path`, found "
            "`x`\n"
            "--upstream: expected `http://host:port`, `https://host:port` or `unix:/path`, found `h:1`");
}

TEST(Load, Partitions) {
  const auto config = config_in(minimal_with(R"(partition_key: 0123456789abcdef
routes:
  - upstream: app
    match: { paths: ["/t/**"] }
    cache: { partition: { header: X-Tenant, missing: share, stores_private: true } }
  - upstream: app
    cache:
      partition:
        jwt: { claim: tenant, key: 0123456789abcdef0123456789abcdef, issuer: me, audience: shop, cookie: at }
)"));
  EXPECT_EQ(config.proxy.partition_key, "0123456789abcdef");
  const auto& tenants = config.proxy.routes.at(0).cache.key.partition;
  EXPECT_EQ(tenants.header, "X-Tenant");
  EXPECT_EQ(tenants.missing, cache::PartitionPolicy::Missing::share);
  EXPECT_TRUE(tenants.stores_private);
  const auto& token = config.proxy.routes.at(1).cache.key.partition.token;
  EXPECT_EQ(token, (cache::TokenPolicy{.claim = "tenant",
                                       .key = "0123456789abcdef0123456789abcdef",
                                       .issuer = "me",
                                       .audience = "shop",
                                       .cookie = "at"}));
}

TEST(Load, APartitionByAnEmptyVariableIsAnError) {
  EXPECT_EQ(errors_in(minimal_with("routes: [{ upstream: app, cache: { partition: { header: \"\" } } }]")),
            "f:1:47: routes[0].cache.partition: one of `header`, `cookie` and `jwt` is needed");
}

TEST(Load, OneOfTwoOptionsAtTheTop) {
  EXPECT_NE(errors_in(minimal_with("partition_key: 0123456789abcdef\npartition_key_file: /dev/null"))
                .find("given as well as `partition_key`; one of them is allowed"),
            std::string::npos);
}

TEST(Load, EventsByRedis) {
  const auto config = config_in(minimal_with(R"(cache:
  memory: { store: false }
  redis: { url: "redis://127.0.0.1" }
events:
  redis: { stream: "{shop}:events", group: g, channel: c }
  types: { t: { tags: [a] } })"));
  EXPECT_FALSE(config.memory.store);
  EXPECT_EQ(config.redis_events, (tier::RedisEventSettings{"{shop}:events", "g", "c"}));
  for (const auto* wrong : {"events: { redis: { stream: s }, types: { t: { tags: [a] } } }",
                            "events: { redis: { stream: [s] } }", "events: { redis: { topic: s } }",
                            "cache: { memory: { store: false } }", "cache: { memory: { store: 0 } }"})
    EXPECT_NE(errors_in(minimal_with(wrong)), "") << wrong;
}

TEST(Load, PurgesAndEvents) {
  const auto config = config_in(minimal_with(R"(purge:
  allow: [10.0.0.0/8, "::1"]
  token: s3cret
events:
  types:
    user.updated:
      tags: ["user:{id}"]
      patterns: ["/users/{id}/**", /users]
    shop.closed:
      hosts: ["{shop}.example.org"]
      urls: ["https://example.org/shops/{shop}"]
      prefixes: ["/shops/{shop}/"]
      mode: refresh)"));
  EXPECT_EQ(config.proxy.purge.allow, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
  EXPECT_EQ(config.proxy.purge.token, "s3cret");
  ASSERT_EQ(config.proxy.events.size(), 2u);
  const auto& user = config.proxy.events[0];
  EXPECT_EQ(user.type, "user.updated");
  EXPECT_EQ(user.tags, std::vector<std::string>{"user:{id}"});
  EXPECT_EQ(user.patterns, (std::vector<std::string>{"/users/{id}/**", "/users"}));
  EXPECT_EQ(user.mode, cache::PurgeMode::hard);
  EXPECT_EQ(config.proxy.events[1].mode, cache::PurgeMode::refresh);
  EXPECT_EQ(config.proxy.events[1].prefixes, std::vector<std::string>{"/shops/{shop}/"});
  EXPECT_EQ(
      config_in(minimal_with("events: { types: { a: { tags: [b], mode: soft } } }")).proxy.events[0].mode,
      cache::PurgeMode::soft);
  for (const auto* wrong :
       {"purge: { allow: [example.org] }", "purge: { token: \"a b\" }", "purge: { allow: 10.0.0.0/8 }",
        "purge: on", "events: { user.updated: { tags: [a] } }", "events: { types: { a: {} } }",
        "events: { types: [a] }", "events: { types: { a: { tags: a } } }",
        "events: { types: { a: { tags: [a], mode: none } } }", "events: { types: { a: { keys: [a] } } }",
        "events: { types: { \"\": { tags: [a] } } }", "purge: { token: a, token_file: /dev/null }"})
    EXPECT_NE(errors_in(minimal_with(wrong)), "") << wrong;
}

}  // namespace
}  // namespace forebay::config
