#include "forebay/config/warnings.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "generated.hpp"
#include "loading.hpp"

namespace forebay::config {
namespace {

/// "path: message" of each warning about routes written in YAML.
std::string warned(std::string_view routes, std::string_view before = "") {
  const Config config = config_in(std::string(before) + "upstreams: { app: { servers: [\"http://h\"] } }\n" +
                                  "routes:\n" + std::string(routes));
  std::string out;
  for (const Finding& finding : warnings(config))
    out += (out.empty() ? "" : "\n") + finding.path + ": " + finding.message;
  return out;
}

/// The same of what stands in the cache section of one route.
std::string warned_of_policy(std::string_view policy) {
  return warned("  - upstream: app\n    cache: " + std::string(policy) + "\n");
}

TEST(Warnings, NoneForTheDefaults) {
  EXPECT_EQ(warned("  - upstream: app\n"), "");
  EXPECT_EQ(warned("  - { upstream: app, match: { paths: [\"/static/**\"] } }\n  - upstream: app\n"), "");
}

TEST(Warnings, WhatIsPrivateAndShared) {
  EXPECT_EQ(warned_of_policy("{ ignore_cache_control: true }"),
            "routes[0].cache.ignore_cache_control: responses that say `private` or `no-store` are stored and "
            "given to every client");
  EXPECT_EQ(warned_of_policy("{ set_cookie: keep }"),
            "routes[0].cache.set_cookie: a cookie that the upstream sets for one client is given to every "
            "client");
  EXPECT_EQ(warned("  - { upstream: app, response_headers: { add: { set-cookie: a=1 } } }\n"),
            "routes[0].response_headers.add.set-cookie: every client is given the same cookie");
}

TEST(Warnings, WhoeverIsBelieved) {
  EXPECT_EQ(warned("  - upstream: app\n", "trusted_proxies: [\"10.0.0.0/8\", \"0.0.0.0/0\"]\n"),
            "trusted_proxies[1]: every client is believed to be whoever its fields say");
  const Config config =
      config_in("upstreams: { app: { servers: [\"https://h\"], tls: { verify: false } } }\n");
  ASSERT_EQ(warnings(config).size(), 1U);
  EXPECT_EQ(warnings(config)[0].path, "upstreams.app.tls.verify");
}

TEST(Warnings, RoutesThatNeverMatch) {
  struct Row {
    std::string_view earlier, later;
    bool covers;
  };
  for (const auto& row : {
           Row{"{}", "{ paths: [\"/a\"] }", true},
           Row{"{}", "{ hosts: [h], methods: [GET], headers: [X] }", true},
           Row{"{ hosts: [\"*.example.com\"] }", "{ hosts: [a.Example.com, \"*.b.example.com\"] }", true},
           Row{"{ hosts: [\"*.example.com\"] }", "{ hosts: [example.com] }", false},
           Row{"{ hosts: [\"*.b.example.com\"] }", "{ hosts: [\"*.example.com\"] }", false},
           Row{"{ hosts: [h] }", "{}", false},
           Row{"{ paths: [\"/a/**\"] }", "{ paths: [\"/a/b\", \"/a/*/c\"] }", true},
           Row{"{ paths: [\"/a/**\"] }", "{ paths: [\"/a/b\", \"/c\"] }", false},
           Row{"{ paths: [\"/a/**\"] }", "{ paths: [\"/a*\"] }", false},
           Row{"{ paths: [\"/a/**\"] }", "{ paths: [\"/a\"] }", false},
           Row{"{ paths: [\"/**/*.css\"] }", "{ paths: [\"/**/*.css\"] }", true},
           Row{"{ paths: [\"/*/**\"] }", "{ paths: [\"/a/b\"] }", false},
           Row{"{ methods: [GET, HEAD] }", "{ methods: [GET] }", true},
           Row{"{ methods: [GET] }", "{}", false},
           Row{"{ headers: [X-A] }", "{ headers: [\"x-a: 1\", X-B] }", true},
           Row{"{ headers: [\"X-A: 1\"] }", "{ headers: [\"X-A:1\"] }", true},
           Row{"{ headers: [\"X-A: 1\"] }", "{ headers: [\"X-A: 2\"] }", false},
           Row{"{ headers: [\"X-A: 1\"] }", "{ headers: [X-A] }", false},
           Row{"{ headers: [X-A] }", "{}", false},
       }) {
    const auto route = [](std::string_view match) {
      return "  - { upstream: app, match: " + std::string(match) + " }\n";
    };
    EXPECT_EQ(warned(route(row.earlier) + route(row.later)),
              row.covers
                  ? "routes[1]: it never matches: `routes[0]` before it takes every request that it would"
                  : "")
        << row.earlier << ' ' << row.later;
  }
}

TEST(Warnings, LifetimesThatBoundsChange) {
  EXPECT_EQ(warned_of_policy("{ default_ttl: 1h, max_ttl: 10m }"),
            "routes[0].cache.default_ttl: no lifetime is longer than `max_ttl`, `10m`");
  EXPECT_EQ(warned_of_policy("{ default_ttl: 1s, min_ttl: 10s }"),
            "routes[0].cache.default_ttl: no lifetime is shorter than `min_ttl`, `10s`");
  EXPECT_EQ(warned_of_policy("{ status_ttl: { 404: 1h, 5xx: 1s }, min_ttl: 2s, max_ttl: 10m }"),
            "routes[0].cache.status_ttl.404: no lifetime is longer than `max_ttl`, `10m`\n"
            "routes[0].cache.status_ttl.5xx: no lifetime is shorter than `min_ttl`, `2s`");
  EXPECT_EQ(warned_of_policy("{ default_ttl: 10m, min_ttl: 1s, max_ttl: 10m }"), "");
}

TEST(Warnings, StatusesThatAnEarlierRowHas) {
  EXPECT_EQ(warned_of_policy("{ status_ttl: { 4xx: 1m, 404: 2m, 40x: 3m, 5xx: 4m } }"),
            "routes[0].cache.status_ttl.404: it never counts: `4xx` before it fits all of them\n"
            "routes[0].cache.status_ttl.40x: it never counts: `4xx` before it fits all of them");
  EXPECT_EQ(warned_of_policy("{ status_ttl: { 404: 2m, 40x: 3m, 4xx: 1m } }"), "");
}

TEST(Warnings, FieldsThatSayNothingAboutCaching) {
  EXPECT_EQ(warned_of_policy("{ targeted_fields: [CDN-Cache-Control, my-cache-control] }"), "");
  const auto of = [](const std::string& name) {
    return warned_of_policy("{ targeted_fields: [" + name + "] }");
  };
  EXPECT_EQ(
      of("Surrogate-Control"),
      "routes[0].cache.targeted_fields[0]: `Surrogate-Control` has rules of its own; `surrogate_control: "
      "true` knows them");
  EXPECT_EQ(
      of("X-Accel-Expires"),
      "routes[0].cache.targeted_fields[0]: `X-Accel-Expires` has rules of its own; `x_accel_expires: true` "
      "knows them");
  for (const auto* name : {"Set-Cookie", "Cache-Control", "Expires", "-Cache-Control"})
    EXPECT_NE(of(name), "") << name;
}

TEST(Warnings, KeysThatShareNothing) {
  EXPECT_EQ(
      warned_of_policy("{ key: { headers: [X-Country, cookie] } }"),
      "routes[0].cache.key.headers[1]: nearly every client has a value of its own, and gets responses of its "
      "own");
}

TEST(Warnings, NoneForTheReference) {
  EXPECT_TRUE(warnings(config_in(content_of(repository_file("config/forebay.yaml")))).empty());
}

}  // namespace
}  // namespace forebay::config
