#include "forebay/config/check.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "config/defaults.hpp"

namespace forebay::config {
namespace {

Config fine() {
  Config config = initial_config();
  config.upstreams = {{.name = "app", .servers = {"http://127.0.0.1:3000"}}};
  fill_in(config);
  return config;
}

/// "path: message" of each finding after a change to a configuration that was fine.
std::string found_after(const std::function<void(Config&)>& change) {
  Config config = fine();
  change(config);
  std::string out;
  for (const Finding& finding : check(config))
    out += (out.empty() ? "" : "\n") + finding.path + ": " + finding.message;
  return out;
}

TEST(Check, FindsNothingInWhatIsFine) {
  EXPECT_EQ(found_after([](Config&) {}), "");
  EXPECT_EQ(found_after([](Config& c) { c.admin = {"0.0.0.0:9180", ""}; }), "");
  EXPECT_EQ(found_after([](Config& c) { c.admin.address = ""; }), "");
  EXPECT_EQ(found_after([](Config& c) { c.listen = {{"127.0.0.1:0"}, {"127.0.0.1:0"}}; }), "");
  EXPECT_EQ(found_after([](Config& c) { c.memory.max_body = c.memory.size; }), "");
  EXPECT_EQ(found_after([](Config& c) { c.limits.request_head = c.limits.request_line; }), "");
}

TEST(Check, Redis) {
  const auto with = [](const std::string& url, const std::function<void(tier::RedisSettings&)>& change = {}) {
    return found_after([&](Config& c) {
      c.redis.url = url;
      if (change) change(c.redis);
    });
  };
  using R = tier::RedisSettings;
  EXPECT_EQ(with("redis://127.0.0.1/3"), "");
  EXPECT_EQ(with("rediss://127.0.0.1", [](R& r) { r.tls.server_name = "redis"; }), "");
  EXPECT_EQ(with("unix:/run/redis.sock", [](R& r) { r.user = "me", r.password = "s3cret"; }), "");
  EXPECT_EQ(with("", [](R& r) { r.timeout = std::chrono::seconds(1); }),
            "cache.redis.url: a URL is needed, `url` or `url_file`");
  EXPECT_EQ(with("redis://:s3cret@127.0.0.1/x"),
            "cache.redis.url: the database is not a number from 0 to 65535");
  EXPECT_EQ(with("redis://a", [](R& r) { r.user = "me"; }),
            "cache.redis.user: a user needs a password, `password` or `password_file`");
  EXPECT_EQ(with("redis+sentinel://a/m", [](R& r) { r.sentinel_user = "me"; }),
            "cache.redis.sentinel.user: a user needs a password, `password` or `password_file`");
  EXPECT_EQ(with("redis://a", [](R& r) { r.sentinel_password = "s3cret"; }),
            "cache.redis.sentinel: the URL names no sentinels");
  EXPECT_EQ(
      with("redis://a", [](R& r) { r.name_space = "a{b}"; }),
      "cache.redis.namespace: the name `a{b}` may hold letters, digits, `_`, `-` and `.` only, 1 to 64 of "
      "them");
  EXPECT_EQ(with("redis://a", [](R& r) { r.tls.ca_file = "/ca.pem"; }),
            "cache.redis.tls: the URL says nothing of TLS: it begins with `rediss` then");
  EXPECT_EQ(with("rediss://a", [](R& r) { r.tls.key_file = "/a.key"; }),
            "cache.redis.tls: `certificate_file` and `key_file` need each other");
  EXPECT_EQ(with("redis://a", [](R& r) { r.max_body = 80U << 20; }),
            "cache.redis.write_queue: expected at least `max_body`, 80MiB, found `64MiB`");
  EXPECT_EQ(with("redis://a", [](R& r) { r.breaker.window = 3; }),
            "cache.redis.breaker.failures: expected at most `window`, 3, found `5`");
  EXPECT_EQ(with("redis://a", [](R& r) { r.breaker.max_pause = std::chrono::milliseconds(100); }),
            "cache.redis.breaker.min_pause: expected at most `max_pause`, 100ms, found `500ms`");
}

TEST(Check, MemoryThatKeepsNothing) {
  const auto with = [](bool redis, std::uint64_t slice) {
    return found_after([&](Config& c) {
      c.memory.store = false;
      if (redis) c.redis.url = "redis://a";
      c.proxy.routes.at(0).cache.slice = slice;
    });
  };
  EXPECT_EQ(with(true, 0), "");
  EXPECT_EQ(with(false, 0), "cache.memory.store: responses would be kept nowhere: `cache.redis` is needed");
  EXPECT_EQ(with(true, 1 << 20),
            "routes[0].cache.slice: slices are kept in memory alone, and `cache.memory.store` is false");
}

TEST(Check, EventsByRedis) {
  const auto with = [](tier::RedisEventSettings events, bool redis = true, bool rules = true) {
    return found_after([&](Config& c) {
      if (redis) c.redis.url = "redis://a";
      if (rules) c.proxy.events = {{.type = "t", .tags = {"a"}}};
      c.redis_events = std::move(events);
    });
  };
  EXPECT_EQ(with({.stream = "s", .group = "g", .channel = "c"}), "");
  EXPECT_EQ(with({.channel = "c"}, false),
            "events.redis: events arrive by the Redis of `cache.redis`, which is needed");
  EXPECT_EQ(with({.group = "g", .channel = "c"}),
            "events.redis.group: a group reads a `stream`, and there is none");
  EXPECT_EQ(with({.stream = "s"}, true, false),
            "events.redis: no event has a rule: `events.types` says what they purge");
  EXPECT_EQ(with({.stream = std::string(513, 's')}), "events.redis.stream: expected at most 512 bytes");
}

TEST(Check, Listen) {
  EXPECT_EQ(found_after([](Config& c) { c.listen.clear(); }), "listen: at least one address is needed");
  EXPECT_EQ(found_after([](Config& c) {
              c.listen = {{"127.0.0.1:1"}, {"127.0.0.1:1"}};
            }),
            "listen[1].address: `127.0.0.1:1` is listed twice");
}

TEST(Check, Admin) {
  EXPECT_EQ(found_after([](Config& c) { c.admin.address = "0.0.0.0:8080"; }),
            "admin.address: `0.0.0.0:8080` is an address for clients already");
  EXPECT_EQ(found_after([](Config& c) { c.admin.token = "top secret"; }),
            "admin.token: the token holds characters other than visible ASCII");
}

TEST(Check, Sizes) {
  EXPECT_EQ(found_after([](Config& c) { c.memory = {.size = 1 << 20, .max_body = 2 << 20}; }),
            "cache.memory.max_body: expected at most `cache.memory.size`, 1MiB, found `2MiB`");
  EXPECT_EQ(found_after([](Config& c) { c.limits = {.request_line = 4096, .request_head = 1024}; }),
            "limits.request_head: expected at least `limits.request_line`, 4KiB, found `1KiB`");
}

TEST(Check, Upstreams) {
  EXPECT_EQ(found_after([](Config& c) { c = initial_config(), c.listen = {{"127.0.0.1:1"}}; }),
            "upstreams: at least one upstream is needed: "
            "`upstreams: { app: { servers: [\"http://127.0.0.1:3000\"] } }`");
  EXPECT_EQ(found_after([](Config& c) { c.upstreams.push_back(c.upstreams[0]); }),
            "upstreams.app: two upstreams have this name");
  EXPECT_EQ(found_after([](Config& c) { c.upstreams[0].servers.clear(); }),
            "upstreams.app.servers: at least one server is needed, such as `http://127.0.0.1:3000`");
  EXPECT_EQ(found_after([](Config& c) { c.upstreams[0].tls.server_name = "a b"; }),
            "upstreams.app.tls.server_name: expected a host name, found `a b`");
}

TEST(Check, Routes) {
  EXPECT_EQ(found_after([](Config& c) { c.proxy.routes.clear(); }),
            "routes: routes are needed that choose between the upstreams `app`");
  EXPECT_EQ(found_after([](Config& c) { c.proxy.routes[0].upstream = "ap"; }),
            "routes[0].upstream: no upstream is called `ap`; did you mean `app`?");
  EXPECT_EQ(found_after([](Config& c) { c.proxy.routes[0].upstream = "other"; }),
            "routes[0].upstream: no upstream is called `other`; known here: `app`");
  EXPECT_EQ(found_after([](Config& c) { c.proxy.routes[0].upstream = ""; }),
            "routes[0].upstream: the name of an upstream is needed: `app`");
  EXPECT_EQ(found_after([](Config& c) { c.proxy.routes[0].hosts.clear(); }),
            "routes[0].match.hosts: at least one host is needed; `*` stands for all");
  EXPECT_EQ(found_after([](Config& c) { c.proxy.routes[0].paths.clear(); }),
            "routes[0].match.paths: at least one path is needed; `/**` stands for all");
}

TEST(Check, NoFieldCanBeSmuggledIn) {
  EXPECT_EQ(found_after([](Config& c) { c.proxy.routes[0].cache.client_cache_control = "a\r\nX: y"; }),
            "routes[0].cache.client_cache_control: expected a field value of visible ASCII characters, found "
            "`a??X: y`");
}

TEST(Check, Edits) {
  const auto found = [](const http::FieldEdits& edits) {
    return found_after([&](Config& c) { c.proxy.routes[0].cache.response_edits = edits; });
  };
  EXPECT_EQ(found({.set = {{"X-A", "b"}}, .add = {{"X-A", "c"}, {"X-A", "d"}}, .remove = {"X-B"}}), "");
  EXPECT_EQ(found({.set = {{"Age", "1"}}}),
            "routes[0].response_headers.set.Age: `Age` cannot be edited: forebay writes it itself");
  EXPECT_EQ(found({.add = {{"a b", "1"}}}),
            "routes[0].response_headers.add.a b: expected a name, found `a b`");
  EXPECT_EQ(found({.remove = {"X-A", "ETag"}}),
            "routes[0].response_headers.remove[1]: `ETag` cannot be edited: forebay asks the upstream by it "
            "whether what is stored still holds");
  EXPECT_EQ(found({.set = {{"X-A", ""}}}),
            "routes[0].response_headers.set.X-A: a value is needed; `remove` takes a field out");
  EXPECT_EQ(found({.add = {{"X-A", "b\r\nX-B: c"}}}),
            "routes[0].response_headers.add.X-A: expected a field value of visible ASCII characters, found "
            "`b??X-B: c`");
  EXPECT_EQ(found({.set = {{"X-A", "1"}, {"x-a", "2"}}, .remove = {"X-a"}}),
            "routes[0].response_headers.set.x-a: set twice\n"
            "routes[0].response_headers.remove[0]: `X-a` is set or removed already");
  EXPECT_EQ(found_after([](Config& c) { c.proxy.routes[0].request_edits.remove = {"host"}; }),
            "routes[0].request_headers.remove[0]: `host` cannot be edited: the upstream gets the host that "
            "the client asked for");
}

TEST(Check, PartitionsByWhatTheUpstreamGets) {
  const auto found = [](const http::FieldEdits& edits, const cache::PartitionPolicy& partition) {
    return found_after([&](Config& c) {
      c.proxy.routes[0].request_edits = edits;
      c.proxy.routes[0].cache.key.partition = partition;
    });
  };
  const std::string path = "routes[0].cache.partition.";
  EXPECT_EQ(found({.remove = {"X-tenant"}}, {.header = "X-Tenant"}),
            path + "header: the upstream does not get `X-Tenant` as clients send it");
  EXPECT_EQ(found({.set = {{"Cookie", "a=1"}}}, {.cookie = "session"}),
            path + "cookie: the upstream does not get `Cookie` as clients send it");
  EXPECT_EQ(found({.remove = {"Cookie"}}, {.header = "X-Tenant"}), "");
  EXPECT_EQ(found({.remove = {"Authorization"}}, {.token = {.claim = "sub", .key = std::string(32, 's')}}),
            "")
      << "it is verified here";
}

TEST(Check, Partition) {
  const auto found = [](const std::function<void(cache::PartitionPolicy&)>& change) {
    return found_after([&](Config& c) { change(c.proxy.routes[0].cache.key.partition); });
  };
  const std::string path = "routes[0].cache.partition";
  const std::string one = path + ": one of `header`, `cookie` and `jwt` is needed";
  EXPECT_EQ(found([](auto& p) { p.header = "X-Tenant"; }), "");
  EXPECT_EQ(found([](auto& p) { p.token = {.claim = "sub", .key = std::string(32, 's')}; }), "");
  EXPECT_EQ(found([](auto& p) { p.is_asked_for = true; }), one) << "an empty variable";
  EXPECT_EQ(found([](auto& p) { p.stores_private = true; }), one);
  EXPECT_EQ(found([](auto& p) { p.missing = cache::PartitionPolicy::Missing::share; }), one);
  EXPECT_EQ(found([](auto& p) { p.header = p.cookie = "a"; }),
            path + ": expected one of `header`, `cookie` and `jwt`");
  EXPECT_EQ(found([](auto& p) { p.token = {.claim = "sub"}; }),
            path + ".jwt.key: a key is needed, `key` or `key_file`");
  EXPECT_EQ(found([](auto& p) { p.token = {.claim = "sub", .key = "short"}; }),
            path + ".jwt.key: HS256 needs a secret of at least 32 bytes");
  EXPECT_EQ(found([](auto& p) {
              p.token = {.claim = "sub", .algorithm = SignatureAlgorithm::rs256, .key = std::string(32, 's')};
            }),
            path + ".jwt.key: RS256 needs a public key as PEM");
  EXPECT_EQ(found([](auto& p) { p.token.audience = "shop"; }),
            path + ".jwt.claim: the name of a claim is needed");
  EXPECT_NE(found([](auto& p) { p.header = "X Tenant"; }), "");
  EXPECT_EQ(found_after([](Config& c) { c.proxy.partition_key = "fifteen bytes.."; }),
            "partition_key: expected at least 16 bytes");
}

TEST(Check, Policy) {
  const auto found = [](const std::function<void(cache::Policy&)>& change) {
    return found_after([&](Config& c) { change(c.proxy.routes[0].cache); });
  };
  EXPECT_EQ(
      found([](cache::Policy& p) {
        p.status_ttl = {{"404", {}}, {"9xx", {}}};
      }),
      "routes[0].cache.status_ttl.9xx: expected a status such as `404`, or a class of them such as `5xx`, "
      "found `9xx`");
  EXPECT_EQ(found([](cache::Policy& p) {
              p.key.headers = {"X-Country", "a b"};
            }),
            "routes[0].cache.key.headers[1]: expected a name, found `a b`");
  EXPECT_EQ(found([](cache::Policy& p) { p.key.cookies = {"a,b"}; }),
            "routes[0].cache.key.cookies[0]: expected a name, found `a,b`");
  EXPECT_EQ(
      found([](cache::Policy& p) { p.bypass.query = {"*"}; }),
      "routes[0].cache.bypass.query[0]: expected a parameter's name, or the beginning of names and `*`, "
      "found `*`");
  EXPECT_EQ(found([](cache::Policy& p) {
              p.key.query.no_vary_search = true;
              p.slice = 1 << 20;
            }),
            "routes[0].cache.key.query.no_vary_search: not together with `slice`");
  EXPECT_EQ(found([](cache::Policy& p) {
              p.min_ttl = std::chrono::seconds{10};
              p.max_ttl = std::chrono::seconds{9};
            }),
            "routes[0].cache.min_ttl: expected at most `max_ttl`, 9s, found `10s`");
  EXPECT_EQ(found([](cache::Policy& p) { p.languages = {"en_GB"}; }),
            "routes[0].cache.languages[0]: expected a language tag such as `en` or `zh-Hant`, found `en_GB`");
  EXPECT_EQ(
      found([](cache::Policy& p) {
        p.compress.types = {"text/*", "image/svg+xml", "text"};
      }),
      "routes[0].cache.compress.types[2]: expected a media type such as `text/html`, or `text/*`, found "
      "`text`");
}

}  // namespace
}  // namespace forebay::config
