// Purges by the admin API: what each kind and mode takes away, whatever is in flight.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <future>

#include "support/sliceable.hpp"
#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

namespace json = boost::json;

/// A daemon with an admin listener.
struct Purged : testing::Test {
  explicit Purged(const TestDaemon::Change& change = {})
      : s([change](config::Config& config) {
          config.admin.address = "127.0.0.1:0";
          if (change) change(config);
        }) {}

  Response post(const std::string& path, const std::string& body, const FieldLines& fields = {}) {
    return Client(s.forebay->admin_port()).post(path, body, fields);
  }
  /// The answer of a purge that succeeds.
  json::object purge(const std::string& body) {
    const auto response = post("/purge", body);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body).as_object();
  }
  std::int64_t matched(const std::string& body) {
    const auto result = purge(body);
    EXPECT_TRUE(result.at("complete").as_bool());
    return result.at("matched").to_number<std::int64_t>();
  }
  bool is_stored(const std::string& target, const FieldLines& fields = {}) {
    auto all = fields;
    all.emplace_back("Cache-Control", "only-if-cached");
    return s.client.get(target, all).status != 504;
  }
  double entries() { return s.forebay.metric("forebay_memory_entries"); }

  Scenario s;
};

struct PurgeKinds : Purged {
  PurgeKinds() {
    s.origin.on("*", [](const OriginRequest& request) {
      return fresh(request.target, {{"Surrogate-Key", request.target == "/a/1" ? "one all" : "all"}});
    });
    for (const auto& target : targets) s.client.get(target);
    s.client.get("/a/1", other);
  }
  /// What is left of the targets.
  std::string left() {
    std::string left;
    for (const auto& target : targets)
      if (is_stored(target)) left += target + " ";
    if (is_stored("/a/1", other)) left += "other/a/1 ";
    return left;
  }

  const std::vector<std::string> targets{"/a/1", "/a/1?q", "/a/2/x", "/b"};
  const FieldLines other{{"Host", "other.example"}};
};

TEST_F(PurgeKinds, TakeWhatTheyName) {
  struct Row {
    std::string body;
    int matched;
    std::string left;
  };
  const Row rows[] = {
      {R"({"urls": ["http://example.org/a/1"]})", 1, "/a/1?q /a/2/x /b other/a/1 "},
      {R"({"urls": ["https://example.org/a/1?q", "//example.org/b"]})", 2, "/a/1 /a/2/x other/a/1 "},
      {R"({"tags": ["one"]})", 2, "/a/1?q /a/2/x /b "},
      {R"({"prefixes": ["/a/1"]})", 3, "/a/2/x /b "},
      {R"({"prefixes": ["//example.org/a/"]})", 3, "/b other/a/1 "},
      {R"({"patterns": ["/a/*"]})", 3, "/a/2/x /b "},
      {R"({"patterns": ["https://example.org/**"]})", 4, "other/a/1 "},
      {R"({"hosts": ["other.example"]})", 1, "/a/1 /a/1?q /a/2/x /b "},
      {R"({"hosts": ["*.example"], "tags": ["one"]})", 2, "/a/1?q /a/2/x /b "},
      {R"({"all": true})", 5, ""},
      {R"({"tags": ["another"]})", 0, "/a/1 /a/1?q /a/2/x /b other/a/1 "},
  };
  for (const auto& row : rows) {
    for (const auto& target : targets) s.client.get(target);
    s.client.get("/a/1", other);
    auto dry = row.body;
    dry.insert(1, R"("dry_run": true, )");
    EXPECT_EQ(matched(dry), row.matched) << row.body;
    EXPECT_EQ(entries(), 5) << "a dry run changes nothing";
    EXPECT_EQ(matched(row.body), row.matched) << row.body;
    EXPECT_EQ(entries(), 5 - row.matched) << "memory comes free at once";
    EXPECT_EQ(left(), row.left) << row.body;
    EXPECT_EQ(matched(row.body), 0) << "there is nothing left";
  }
}

TEST_F(PurgeKinds, AnswersWithThePosition) {
  const auto before = purge(R"({"dry_run": true, "all": true})").at("position").to_number<int>();
  EXPECT_EQ(before, 0);
  const auto result = purge(R"({"tags": ["one"], "mode": "soft", "wait": "all", "timeout": "1s"})");
  EXPECT_EQ(json::serialize(result),
            R"({"position":1,"matched":2,"mode":"soft","dry_run":false,"complete":true})");
  EXPECT_EQ(s.forebay.metric("forebay_invalidation_log_position"), 1);
  EXPECT_EQ(s.forebay.metric("forebay_invalidations_total{kind=\"tag\",mode=\"soft\"}"), 1);
}

TEST_F(PurgeKinds, WhatIsWrongIsSaidAndChangesNothing) {
  for (const auto* body :
       {"", "{", "[]", "{}", R"({"url": ["/a"]})", R"({"urls": "/a"})", R"({"urls": ["/a"]})",
        R"({"all": true, "mode": "harder"})", R"({"all": true, "tags": [""]})",
        R"({"all": true, "timeout": "1h"})", R"({"all": false})"}) {
    const auto response = post("/purge", body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(response.field("Content-Type"), "application/json");
    EXPECT_EQ(json::parse(response.body).at("error").as_string(), "invalid_purge");
  }
  EXPECT_EQ(entries(), 5);
}

TEST_F(PurgeKinds, AWebPageCannotUseTheLoopback) {
  EXPECT_EQ(post("/purge", R"({"all": true})", {{"Origin", "https://evil.example"}}).status, 403);
  EXPECT_EQ(entries(), 5);
}

struct PurgeWithToken : Purged {
  PurgeWithToken() : Purged([](config::Config& config) { config.admin.token = "s3cret"; }) {}
};

TEST_F(PurgeWithToken, NeedsIt) {
  EXPECT_EQ(post("/purge", R"({"all": true})").status, 401);
  EXPECT_EQ(post("/purge", R"({"all": true})", {{"Authorization", "Bearer s3cret"}}).status, 200);
}

// ---- modes ----------------------------------------------------------------------------------------------

/// /a: "version 1", "version 2" …, with validators if the control says so.
struct PurgeModes : Purged {
  void serve(const std::string& control) {
    s.origin.on("/a", [this, control](const OriginRequest&) {
      return with("version " + std::to_string(++version), {{"Cache-Control", control}});
    });
    s.client.get("/a");
  }
  std::atomic<int> version{0};
};

TEST_F(PurgeModes, SoftMakesStale) {
  serve("max-age=60");
  EXPECT_EQ(matched(R"({"hosts": ["example.org"], "mode": "soft"})"), 1);
  EXPECT_EQ(entries(), 1) << "it is kept";
  const auto next = s.client.get("/a");
  EXPECT_EQ(next.body, "version 2");
  EXPECT_EQ(next.cache_status(), "forebay; fwd=stale; stored");
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST_F(PurgeModes, SoftLeavesTheValidator) {
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.field("If-None-Match") == "\"1\"")
      return OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}}};
    return fresh("hello", {{"ETag", "\"1\""}});
  });
  s.client.get("/a");
  purge(R"({"urls": ["//example.org/a"], "mode": "soft"})");
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; fwd=stale; fwd-status=304; ttl=60; stored");
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; hit; ttl=60") << "validated, it is clean again";
}

TEST_F(PurgeModes, SoftIsServedWithinStaleWhileRevalidateOfThePurge) {
  serve("max-age=600, stale-while-revalidate=20");
  s.forebay.clock().advance_wall(seconds{100});
  purge(R"({"all": true, "mode": "soft"})");
  s.forebay.clock().advance_wall(seconds{15});
  const auto stale = s.client.get("/a");
  EXPECT_EQ(stale.body, "version 1");
  EXPECT_EQ(stale.cache_status(), "forebay; hit; ttl=-15");
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_refreshes_total", 1));
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  EXPECT_EQ(s.client.get("/a").body, "version 2");
  purge(R"({"all": true, "mode": "soft"})");
  s.forebay.clock().advance_wall(seconds{20});
  EXPECT_EQ(s.client.get("/a").body, "version 3") << "the window is over";
}

TEST_F(PurgeModes, SoftSurvivesErrorsAndHardDoesNot) {
  serve("max-age=600, stale-if-error=60");
  s.origin.on("/a", OriginResponse{.status = 503});
  purge(R"({"all": true, "mode": "soft"})");
  const auto stale = s.client.get("/a");
  EXPECT_EQ(stale.body, "version 1");
  EXPECT_EQ(stale.cache_status(), "forebay; fwd=stale; fwd-status=503; ttl=0; detail=stale_if_error");
  s.forebay.clock().advance_steady(seconds{2});
  purge(R"({"prefixes": ["/"]})");
  EXPECT_EQ(s.client.get("/a").status, 503);
}

TEST_F(PurgeModes, RefreshServesWhatThereIsAndFetchesItAnew) {
  serve("max-age=600");
  EXPECT_EQ(matched(R"({"all": true, "mode": "refresh"})"), 1);
  s.forebay.clock().advance_wall(seconds{100});
  const auto before = s.client.get("/a");
  EXPECT_EQ(before.body, "version 1");
  EXPECT_EQ(before.cache_status(), "forebay; hit; ttl=-100");
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_refreshes_total", 1));
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  const auto after = s.client.get("/a");
  EXPECT_EQ(after.body, "version 2");
  EXPECT_EQ(after.cache_status(), "forebay; hit; ttl=600");
}

// ---- what belongs to a URL ------------------------------------------------------------------------------

TEST_F(PurgeModes, AUrlTakesAllVariants) {
  s.origin.on("/a", [](const OriginRequest& request) {
    return fresh(request.field("Accept"), {{"Vary", "Accept"}});
  });
  for (const auto* type : {"x", "y"}) s.client.get("/a", {{"Accept", type}});
  EXPECT_EQ(matched(R"({"urls": ["http://example.org/a"]})"), 2);
  for (const auto* type : {"x", "y"}) EXPECT_FALSE(is_stored("/a", {{"Accept", type}}));
}

struct PurgePartitions : Purged {
  PurgePartitions()
      : Purged([](config::Config& config) {
          config.proxy.routes[0].cache.key.partition.header = "X-Tenant";
          config.proxy.routes[0].cache.key.query.deny = {"utm"};
          config.proxy.routes[0].cache.query_method.enabled = true;
        }) {
    s.origin.on("*", [](const OriginRequest& request) { return fresh(request.target); });
  }
};

TEST_F(PurgePartitions, AUrlTakesThemAllAndItsQueries) {
  for (const auto* tenant : {"acme", "initech"}) s.client.get("/a?x=1&utm=2", {{"X-Tenant", tenant}});
  s.client.exchange("QUERY", "/a?x=1", {{"X-Tenant", "acme"}}, "red");
  EXPECT_EQ(entries(), 3);
  EXPECT_EQ(matched(R"({"urls": ["http://example.org/a?x=1&utm=5"]})"), 3);
  EXPECT_EQ(entries(), 0);
}

struct PurgeRules : Purged {
  PurgeRules()
      : Purged([](config::Config& config) { config.proxy.routes[0].cache.key.query.no_vary_search = true; }) {
    s.origin.on("/a", [](const OriginRequest& request) {
      return fresh(request.target, {{"No-Vary-Search", "params=(\"utm\")"}});
    });
  }
};

TEST_F(PurgeRules, AUrlTakesWhatWasEquatedToIt) {
  s.client.get("/a?id=1&utm=x");
  s.client.get("/a?id=2");
  EXPECT_TRUE(s.client.get("/a?id=1&utm=y").is_hit());
  EXPECT_EQ(matched(R"({"urls": ["http://example.org/a?id=1&utm=z"]})"), 2)
      << "whatever the query of the path";
  EXPECT_FALSE(is_stored("/a?id=1&utm=x"));
}

struct PurgeSlices : Purged {
  PurgeSlices() : Purged([](config::Config& config) { config.proxy.routes[0].cache.slice = 64 * 1024; }) {
    s.origin.on("/v", Sliceable{body});
    s.client.get("/v");
    EXPECT_TRUE(s.forebay.wait_for_no_flights());
  }
  const std::string body = numbered(150'000);
};

TEST_F(PurgeSlices, AUrlTakesTheHeadAndTheSlices) {
  EXPECT_EQ(entries(), 4);
  EXPECT_EQ(matched(R"({"urls": ["http://example.org/v"]})"), 4);
  EXPECT_EQ(entries(), 0);
  s.origin.on("/v", Sliceable{numbered(150'000, "new")});
  EXPECT_EQ(s.client.get("/v").body, numbered(150'000, "new"));
}

TEST_F(PurgeSlices, SlicesOutliveASoftPurgeOfTheirHeadThatIsValidated) {
  purge(R"({"urls": ["http://example.org/v"], "mode": "soft"})");
  const auto asked = s.origin.requests("/v");
  EXPECT_EQ(s.client.get("/v").body, body);
  EXPECT_LE(s.origin.requests("/v"), asked + 1);
}

// ---- what is in flight ----------------------------------------------------------------------------------

class PurgeInFlight : public Purged, public testing::WithParamInterface<const char*> {
 protected:
  PurgeInFlight() {
    s.origin.on("/a", [](const OriginRequest& request) {
      auto response = fresh("version " + std::to_string(request.number), {{"Surrogate-Key", "t"}});
      if (request.number == 1) response.gates = {{3, "body"}};
      return response;
    });
  }
};

TEST_P(PurgeInFlight, IsBornInvalid) {
  auto early = std::async(std::launch::async, [this] { return s.forebay.get("/a"); });
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  ASSERT_TRUE(s.forebay.wait_for_metric("forebay_flights", 1));
  EXPECT_EQ(matched(GetParam()), 0) << "it is not there yet";
  EXPECT_EQ(s.client.get("/a").body, "version 2") << "at once: it does not follow the old fetch";
  s.origin.gate("body").open();
  EXPECT_EQ(early.get().body, "version 1") << "who asked before may have it";
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  const auto after = s.client.get("/a");
  EXPECT_TRUE(after.is_hit());
  EXPECT_EQ(after.body, "version 2");
}

INSTANTIATE_TEST_SUITE_P(Kinds, PurgeInFlight,
                         testing::Values(R"({"urls": ["http://example.org/a"]})", R"({"tags": ["t"]})",
                                         R"({"prefixes": ["/a"]})", R"({"patterns": ["//example.org/*"]})",
                                         R"({"hosts": ["example.org"]})", R"({"all": true})",
                                         R"({"all": true, "mode": "soft"})",
                                         R"({"tags": ["t"], "mode": "soft"})",
                                         R"({"all": true, "mode": "refresh"})"));

TEST_F(PurgeModes, AFetchThatASoftPurgeOvertookIsStaleFromTheStart) {
  s.origin.on("/a", [this](const OriginRequest&) {
    auto response = with("version " + std::to_string(++version),
                         {{"Cache-Control", "max-age=60, stale-while-revalidate=30"}});
    if (version == 1) response.gates = {{3, "body"}};
    return response;
  });
  auto early = std::async(std::launch::async, [this] { return s.forebay.get("/a"); });
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  purge(R"({"all": true, "mode": "soft"})");
  s.origin.gate("body").open();
  early.get();
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  const auto stale = s.client.get("/a");
  EXPECT_EQ(stale.body, "version 1");
  EXPECT_EQ(stale.cache_status(), "forebay; hit; ttl=0");
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_refreshes_total", 1));
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  EXPECT_EQ(s.client.get("/a").body, "version 2");
}

TEST_F(PurgeModes, APostsAnswerThatAPurgeOvertookIsNotStored) {
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.method == "GET") return fresh("got");
    auto response = fresh("posted", {{"Content-Location", "/a"}});
    response.gate = "post";
    return response;
  });
  auto posting = std::async(std::launch::async, [this] { return s.forebay.client().post("/a", "x"); });
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  purge(R"({"hosts": ["example.org"]})");
  s.origin.gate("post").open();
  EXPECT_EQ(posting.get().body, "posted");
  EXPECT_EQ(s.client.get("/a").body, "got");
}

}  // namespace
}  // namespace forebay::test
