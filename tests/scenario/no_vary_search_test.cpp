// A response says by No-Vary-Search what of its query it does not depend on; then it answers requests that
// differ in nothing else, and is invalidated with all of them.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

void honour(config::Config& config) { config.proxy.routes[0].cache.key.query.no_vary_search = true; }

OriginResponse ruled(std::string body, std::string rule) {
  return fresh(std::move(body), {{"No-Vary-Search", std::move(rule)}});
}

constexpr const char* kNoUtm = "params=(\"utm\")";

/// Says which request it answers, with a rule for GETs; "done" to everything else.
void serve_under(ScriptedOrigin& origin, const std::string& path, const std::string& rule) {
  origin.on(path, [rule](const OriginRequest& request) {
    if (request.method != "GET") return with("done", {});
    const auto body = request.target + " " + std::to_string(request.number);
    return rule.empty() ? fresh(body) : ruled(body, rule);
  });
}

TEST(NoVarySearch, WhatDiffersInNothingElseIsAnswered) {
  Scenario s(honour);
  serve_under(s.origin, "/a", kNoUtm);
  EXPECT_EQ(s.client.get("/a?id=1&utm=x").body, "/a?id=1&utm=x 1") << "the upstream gets it as it came";
  const auto other = s.client.get("/a?utm=y&id=1");
  EXPECT_TRUE(other.is_hit());
  EXPECT_EQ(other.body, "/a?id=1&utm=x 1");
  EXPECT_EQ(other.field("No-Vary-Search"), kNoUtm);
  EXPECT_TRUE(s.client.get("/a?id=1").is_hit());
  EXPECT_TRUE(s.client.get("/a?i%64=%31&&u%74m").is_hit()) << "as forms are decoded";
  EXPECT_TRUE(s.client.head("/a?id=1&utm=z").is_hit());
  EXPECT_FALSE(s.client.get("/a?id=2&utm=x").is_hit());
  EXPECT_FALSE(s.client.get("/a?utm=x").is_hit());
  EXPECT_FALSE(s.client.get("/a?id=1&UTM=x").is_hit());
}

TEST(NoVarySearch, OnlyWhatIsExceptedCounts) {
  Scenario s(honour);
  serve_under(s.origin, "/a", "key-order, except=(\"id\" \"page\")");
  s.client.get("/a?id=1&page=2&x=3");
  EXPECT_TRUE(s.client.get("/a?page=2&y&id=1").is_hit());
  EXPECT_FALSE(s.client.get("/a?page=1&id=2").is_hit());
  EXPECT_FALSE(s.client.get("/a?id=1").is_hit());
  EXPECT_FALSE(s.client.get("/a?id=1&page=2&page=3").is_hit());
}

TEST(NoVarySearch, CountsOnRoutesThatSaySoOnly) {
  Scenario s;
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?utm=1");
  EXPECT_FALSE(s.client.get("/a?utm=2").is_hit());
}

TEST(NoVarySearch, AMalformedFieldIsNone) {
  Scenario s(honour);
  for (const auto* rule :
       {"params=(utm)", "params=?0", "params=(\"utm\"), except=(\"a\")", "params=(\"utm\""}) {
    serve_under(s.origin, "/a", rule);
    s.client.post("/a?utm=1", "");
    s.client.post("/a?utm=2", "");
    s.client.get("/a?utm=1");
    EXPECT_FALSE(s.client.get("/a?utm=2").is_hit()) << rule;
    EXPECT_TRUE(s.client.get("/a?utm=1").is_hit()) << rule;
  }
}

TEST(NoVarySearch, PathsHaveTheirOwnRules) {
  Scenario s(honour);
  serve_under(s.origin, "/a", kNoUtm);
  serve_under(s.origin, "/b", "params=(\"ref\")");
  serve_under(s.origin, "/c", "");
  for (const auto* path : {"/a", "/b", "/c"}) s.client.get(std::string(path) + "?utm=1&ref=1");
  EXPECT_TRUE(s.client.get("/a?utm=2&ref=1").is_hit());
  EXPECT_FALSE(s.client.get("/a?utm=1&ref=2").is_hit());
  EXPECT_TRUE(s.client.get("/b?utm=1&ref=2").is_hit());
  EXPECT_FALSE(s.client.get("/b?utm=2&ref=1").is_hit());
  EXPECT_FALSE(s.client.get("/c?utm=2&ref=1").is_hit());
}

TEST(NoVarySearch, HostsHaveTheirOwnRules) {
  Scenario s(honour);
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?utm=1");
  EXPECT_FALSE(s.client.get("/a?utm=2", {{"Host", "other.example"}}).is_hit());
}

TEST(NoVarySearch, WhatWasStoredWithoutARuleStaysUnderItsQuery) {
  Scenario s(honour);
  serve_under(s.origin, "/a", "");
  s.client.get("/a?id=1");
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?id=2");
  EXPECT_FALSE(s.client.get("/a?id=1&utm=1").is_hit()) << "nobody has said so of what is stored";
  EXPECT_TRUE(s.client.get("/a?id=1&utm=2").is_hit());
}

TEST(NoVarySearch, ARuleMayDisappear) {
  Scenario s(honour);
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?id=1&utm=1");
  serve_under(s.origin, "/a", "");
  EXPECT_EQ(s.client.get("/a?id=2&utm=1").body, "/a?id=2&utm=1 2");
  EXPECT_FALSE(s.client.get("/a?id=2&utm=2").is_hit());
  EXPECT_TRUE(s.client.get("/a?id=2&utm=1").is_hit());
  EXPECT_TRUE(s.client.get("/a?id=2&utm=2").is_hit());
}

TEST(NoVarySearch, AnErrorWithoutTheRuleIsFoundAndLeavesIt) {
  Scenario s(honour);
  s.origin.on("/a", [](const OriginRequest& request) {
    auto response = ruled("there", kNoUtm);
    if (request.target.find("id=404") == std::string::npos) return response;
    response = fresh("not there");
    response.status = 404;
    return response;
  });
  s.client.get("/a?id=1&utm=1");
  EXPECT_EQ(s.client.get("/a?id=404").status, 404);
  EXPECT_TRUE(s.client.get("/a?id=404").is_hit());
  EXPECT_FALSE(s.client.get("/a?id=404&utm=1").is_hit());
  EXPECT_TRUE(s.client.get("/a?id=1&utm=2").is_hit());
}

TEST(NoVarySearch, ARuleMayChange) {
  Scenario s(honour);
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?id=1&utm=1");
  serve_under(s.origin, "/a", "params=(\"ref\")");
  EXPECT_EQ(s.client.get("/a?id=2&ref=1").body, "/a?id=2&ref=1 2");
  EXPECT_TRUE(s.client.get("/a?id=2&ref=2").is_hit());
  EXPECT_FALSE(s.client.get("/a?id=1&ref=1").is_hit());
  EXPECT_FALSE(s.client.get("/a?id=1&utm=1").is_hit()) << "by the new rule utm counts";
}

TEST(NoVarySearch, A304MayChangeIt) {
  Scenario s(honour);
  s.origin.on("/a", [](const OriginRequest& request) {
    const bool validates = request.number == 2;
    auto response = fresh(request.target,
                          {{"ETag", "\"1\""}, {"No-Vary-Search", validates ? "params=(\"ref\")" : kNoUtm}});
    if (validates) response.status = 304;
    return response;
  });
  s.client.get("/a?utm=1");
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  EXPECT_EQ(s.client.get("/a?utm=1").body, "/a?utm=1");
  EXPECT_FALSE(s.client.get("/a?utm=2").is_hit()) << "it was freshened by an answer that says otherwise";
}

TEST(NoVarySearch, GoesOnTopOfTheRoutesOwnRule) {
  Scenario s([](config::Config& config) {
    honour(config);
    config.proxy.routes[0].cache.key.query.deny = {"session"};
  });
  serve_under(s.origin, "/a", kNoUtm);
  EXPECT_EQ(s.client.get("/a?session=1&id=1&utm=1").body, "/a?id=1&utm=1 1");
  EXPECT_TRUE(s.client.get("/a?id=1&utm=2&session=2").is_hit());
}

TEST(NoVarySearch, VariantsAreKeptApart) {
  Scenario s(honour);
  s.origin.on("/a", [](const OriginRequest& request) {
    return fresh(request.field("Accept"), {{"Vary", "Accept"}, {"No-Vary-Search", kNoUtm}});
  });
  for (const auto* type : {"x", "y"}) s.client.get("/a?utm=1", {{"Accept", type}});
  for (const auto* type : {"x", "y"}) EXPECT_EQ(s.client.get("/a?utm=2", {{"Accept", type}}).body, type);
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(NoVarySearch, AQueryHasNone) {
  Scenario s([](config::Config& config) {
    honour(config);
    config.proxy.routes[0].cache.query_method.enabled = true;
  });
  s.origin.on("/a", [](const OriginRequest& request) {
    return fresh(request.target + " " + request.body, {{"ETag", "\"1\""}, {"No-Vary-Search", kNoUtm}});
  });
  const FieldLines text{{"Content-Type", "text/plain"}};
  const auto query = [&](const std::string& target) { return s.client.exchange("QUERY", target, text, "q"); };
  EXPECT_EQ(query("/a?utm=1").body, "/a?utm=1 q");
  EXPECT_EQ(query("/a?utm=2").body, "/a?utm=2 q");
  EXPECT_TRUE(query("/a?utm=1").is_hit());
  EXPECT_FALSE(s.client.get("/a?utm=1").is_hit());
  EXPECT_TRUE(s.client.get("/a?utm=2").is_hit());
  EXPECT_TRUE(query("/a?utm=2").is_hit());
}

// ---- invalidation ---------------------------------------------------------------------------------------

TEST(NoVarySearchInvalidation, IsOfAllThatTheRuleEquates) {
  Scenario s(honour);
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?utm=2");
  s.client.post("/a?utm=1", "x");
  EXPECT_EQ(s.client.get("/a?utm=2").body, "/a?utm=2 3");
  EXPECT_TRUE(s.client.get("/a?utm=3").is_hit());
}

TEST(NoVarySearchInvalidation, HoldsAfterTheRuleHasChanged) {
  Scenario s(honour);
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?utm=2");
  serve_under(s.origin, "/a", "params=(\"ref\")");
  s.client.get("/a?id=1");
  s.client.post("/a?utm=1", "x");
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?id=2&utm=1");  // the first rule is known again
  EXPECT_FALSE(s.client.get("/a?utm=2").is_hit());
}

TEST(NoVarySearchInvalidation, HoldsAfterTheRuleWasForgotten) {
  Scenario s(honour);
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?utm=2");
  serve_under(s.origin, "/a", "");
  s.client.get("/a?id=1");
  s.client.post("/a?utm=1", "x");
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?id=2&utm=1");
  EXPECT_FALSE(s.client.get("/a?utm=2").is_hit());
}

TEST(NoVarySearchInvalidation, OtherPathsStay) {
  Scenario s(honour);
  serve_under(s.origin, "/a", kNoUtm);
  serve_under(s.origin, "/b", kNoUtm);
  s.client.get("/b?utm=2");
  s.client.post("/a?utm=1", "x");
  EXPECT_TRUE(s.client.get("/b?utm=3").is_hit());
}

TEST(NoVarySearchInvalidation, WhatHasNoRuleIsInvalidatedByItsOwnQueryAlone) {
  Scenario s(honour);
  serve_under(s.origin, "/a", "");
  s.client.get("/a?id=1");
  s.client.get("/a?id=2");
  s.client.post("/a?id=1", "x");
  EXPECT_FALSE(s.client.get("/a?id=1").is_hit());
  EXPECT_TRUE(s.client.get("/a?id=2").is_hit());
}

TEST(NoVarySearchInvalidation, AFetchUnderWayIsBornInvalid) {
  Scenario s(honour);
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.method == "POST") return with("done", {});
    auto response = ruled("version " + std::to_string(request.number), kNoUtm);
    if (request.number == 1) response.gate = "head";
    return response;
  });
  auto early = s.forebay.client();
  early.request("GET", "/a?utm=1");  // nobody knows of a rule yet
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  s.client.post("/a?utm=2", "x");
  s.origin.gate("head").open();
  EXPECT_EQ(early.read().body, "version 1");
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  EXPECT_EQ(s.client.get("/a?utm=2").body, "version 3");
  EXPECT_EQ(s.client.get("/a?utm=1").body, "version 3");
}

TEST(NoVarySearchInvalidation, StaleIsNotServedInTheOnesPlace) {
  Scenario s([](config::Config& config) {
    honour(config);
    config.proxy.routes[0].cache.stale_if_error = std::chrono::hours(1);
  });
  serve_under(s.origin, "/a", kNoUtm);
  s.client.get("/a?utm=1");
  s.client.post("/a?utm=2", "x");
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  s.origin.stop_listening();
  s.origin.drop_connections();
  EXPECT_EQ(s.client.get("/a?utm=1").status, 502);
}

TEST(NoVarySearchInvalidation, IsOfTheOwnPartition) {
  Scenario s([](config::Config& config) {
    honour(config);
    config.proxy.routes[0].cache.key.partition.cookie = "user";
  });
  serve_under(s.origin, "/a", kNoUtm);
  const FieldLines ann{{"Cookie", "user=ann"}};
  const FieldLines ben{{"Cookie", "user=ben"}};
  s.client.get("/a?utm=1", ann);
  EXPECT_FALSE(s.client.get("/a?utm=1", ben).is_hit());
  EXPECT_TRUE(s.client.get("/a?utm=2", ann).is_hit());
  s.client.post("/a?utm=3", "x", ann);
  EXPECT_FALSE(s.client.get("/a?utm=1", ann).is_hit());
  EXPECT_TRUE(s.client.get("/a?utm=2", ben).is_hit());
}

// ---- collapsing -----------------------------------------------------------------------------------------

class NoVarySearchFlight : public testing::Test {
 protected:
  /// A rule is known of /a, and the next answers wait at a gate.
  void learn_and_close() {
    serve_under(s.origin, "/a", kNoUtm);
    s.client.get("/a?known");
  }
  void answer(OriginResponse response) {
    response.gate = "go";
    s.origin.on("/a", [response](const OriginRequest& request) {
      auto own = response;
      own.body = request.target;
      return own;
    });
  }
  void ask(const std::vector<std::string>& targets) {
    for (const auto& target : targets) {
      clients.push_back(s.forebay.client());
      clients.back().request("GET", target);
      if (clients.size() > 1) continue;
      ASSERT_TRUE(s.origin.wait_for_requests(2));
    }
    ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", static_cast<double>(targets.size() - 1)));
  }

  Scenario s{honour};
  std::vector<Client> clients;
};

TEST_F(NoVarySearchFlight, ClientsWithDifferentTrackingShareOneOnceTheRuleIsKnown) {
  learn_and_close();
  answer(ruled("", kNoUtm));
  ask({"/a?utm=1", "/a?utm=2", "/a?utm=3"});
  s.origin.gate("go").open();
  for (auto& client : clients) EXPECT_EQ(client.read().body, "/a?utm=1");
  EXPECT_EQ(s.origin.requests(), 2U);
  EXPECT_TRUE(s.client.get("/a?utm=4").is_hit());
}

TEST_F(NoVarySearchFlight, IsNotSharedWhenTheRuleIsGone) {
  learn_and_close();
  answer(fresh(""));
  ask({"/a?utm=1", "/a?utm=2", "/a?utm=1", "/a?utm=3"});
  s.origin.gate("go").open();
  EXPECT_EQ(clients[0].read().body, "/a?utm=1");
  EXPECT_EQ(clients[1].read().body, "/a?utm=2");
  EXPECT_EQ(clients[2].read().body, "/a?utm=1");
  EXPECT_EQ(clients[3].read().body, "/a?utm=3");
  EXPECT_EQ(s.origin.requests(), 4U) << "equal queries share";
}

TEST_F(NoVarySearchFlight, IsSharedByTheNewRuleWhenThatHasChanged) {
  learn_and_close();
  answer(ruled("", "params=(\"ref\")"));
  ask({"/a?utm=1&id=1", "/a?utm=2&id=1", "/a?utm=1&id=1"});
  s.origin.gate("go").open();
  EXPECT_EQ(clients[0].read().body, "/a?utm=1&id=1");
  EXPECT_EQ(clients[1].read().body, "/a?utm=2&id=1");
  EXPECT_EQ(clients[2].read().body, "/a?utm=1&id=1");
  EXPECT_TRUE(s.client.get("/a?utm=1&id=1&ref=1").is_hit());
  EXPECT_TRUE(s.client.get("/a?utm=2&id=1&ref=1").is_hit());
}

TEST_F(NoVarySearchFlight, TheFirstIsSharedByThoseWithTheSameQuery) {
  answer(ruled("", kNoUtm));
  clients.push_back(s.forebay.client());
  clients.back().request("GET", "/a?utm=1");
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  clients.push_back(s.forebay.client());
  clients.back().request("GET", "/a?utm=1");
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 1));
  s.origin.gate("go").open();
  for (auto& client : clients) EXPECT_EQ(client.read().body, "/a?utm=1");
  EXPECT_EQ(s.origin.requests(), 1U);
  EXPECT_TRUE(s.client.get("/a?utm=2").is_hit());
}

// ---- other ways into the store --------------------------------------------------------------------------

TEST(NoVarySearchStoring, ARefreshKeepsTheKey) {
  Scenario s(honour);
  s.origin.on("/a", [](const OriginRequest& request) {
    return with("version " + std::to_string(request.number),
                {{"Cache-Control", "max-age=60, stale-while-revalidate=60"}, {"No-Vary-Search", kNoUtm}});
  });
  s.client.get("/a?utm=1");
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  EXPECT_EQ(s.client.get("/a?utm=2").body, "version 1");
  ASSERT_TRUE(s.origin.wait_for_requests(2));
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  EXPECT_EQ(s.client.get("/a?utm=3").body, "version 2");
}

TEST(NoVarySearchStoring, APostsAnswerAndAPartHaveRulesToo) {
  Scenario s(honour);
  s.origin.on("/a", [](const OriginRequest& request) {
    return with(
        "posted",
        {{"Cache-Control", "max-age=60"}, {"Content-Location", request.target}, {"No-Vary-Search", kNoUtm}});
  });
  s.client.post("/a?utm=1", "x");
  EXPECT_TRUE(s.client.get("/a?utm=2").is_hit());

  s.origin.on("/b", [](const OriginRequest&) {
    auto part =
        fresh("45678", {{"ETag", "\"1\""}, {"Content-Range", "bytes 4-8/10"}, {"No-Vary-Search", kNoUtm}});
    part.status = 206;
    return part;
  });
  s.client.get("/b?utm=1", {{"Range", "bytes=4-8"}});
  EXPECT_EQ(s.client.get("/b?utm=2", {{"Range", "bytes=5-6"}}).body, "56");
  EXPECT_EQ(s.origin.requests("/b"), 1U);
}

}  // namespace
}  // namespace forebay::test
