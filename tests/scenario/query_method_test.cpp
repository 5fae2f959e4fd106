// QUERYs are answered from the store on routes that say so; their content is part of the key.
#include <gtest/gtest.h>

#include <atomic>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

void caches_queries(config::Config& config) {
  config.proxy.routes[0].cache.query_method = {.enabled = true, .body_max = 20'000};
}

/// Answers with the method, what was asked and the request's number.
OriginResponse echo(const OriginRequest& request) {
  return fresh(request.method + " " + request.body + " " + std::to_string(request.number));
}

struct QueryMethod : testing::Test, Scenario {
  QueryMethod() : Scenario(caches_queries) { origin.on("/a", echo); }

  Response query(std::string_view content, const FieldLines& fields = {{"Content-Type", "text/plain"}}) {
    return client.exchange("QUERY", "/a", fields, content);
  }
};

TEST_F(QueryMethod, TheSameContentIsAHit) {
  const auto first = query("red");
  EXPECT_EQ(first.body, "QUERY red 1");
  EXPECT_EQ(first.cache_status(), "forebay; fwd=uri-miss; stored");
  const auto second = query("red");
  EXPECT_EQ(second.body, "QUERY red 1");
  EXPECT_EQ(second.cache_status(), "forebay; hit; ttl=60");
  EXPECT_EQ(origin.requests(), 1U);
  const auto sent = origin.last();
  EXPECT_EQ(sent.field("Content-Length"), "3");
  EXPECT_EQ(sent.field("Content-Type"), "text/plain");
}

TEST_F(QueryMethod, PassesWhereTheRouteDoesNotSaySo) {
  Scenario s;
  s.origin.on("/a", echo);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(s.client.exchange("QUERY", "/a", {}, "red").cache_status(),
              "forebay; fwd=method; detail=method");
}

TEST_F(QueryMethod, IsAmongTheMethodsWhereTheRouteSaysSo) {
  const auto options = [](Scenario& s) {
    return s.client.exchange("OPTIONS", "/a", {{"Max-Forwards", "0"}}).field("Allow");
  };
  EXPECT_TRUE(options(*this).ends_with(", QUERY"));
  Scenario without;
  EXPECT_EQ(options(without).find("QUERY"), std::string::npos);
}

TEST_F(QueryMethod, OtherContentIsAnotherQuery) {
  EXPECT_EQ(query("red").body, "QUERY red 1");
  EXPECT_EQ(query("blue").body, "QUERY blue 2");
  EXPECT_EQ(client.exchange("QUERY", "/a").body, "QUERY  3") << "none is content, too";
  EXPECT_EQ(query("red").body, "QUERY red 1");
  EXPECT_EQ(query("blue").body, "QUERY blue 2");
  EXPECT_EQ(client.exchange("QUERY", "/a").body, "QUERY  3");
}

TEST_F(QueryMethod, WhatIsSaidAboutTheContentCounts) {
  query("x", {{"Content-Type", "text/plain"}});
  for (const auto& fields : {FieldLines{{"Content-Type", "application/sql"}},
                             {{"Content-Type", "text/plain"}, {"Content-Encoding", "x"}},
                             {{"Content-Type", "text/plain"}, {"Content-Language", "de"}},
                             {}})
    EXPECT_FALSE(query("x", fields).is_hit());
  EXPECT_TRUE(query("x", {{"Content-Type", "text/plain"}, {"User-Agent", "other"}}).is_hit());
  EXPECT_TRUE(query("x", {{"Content-Type", "text/plain"}, {"Connection", "Content-Type"}}).is_hit());
  EXPECT_EQ(origin.requests(), 5U);
}

TEST_F(QueryMethod, AContentIsItselfHoweverItIsFramed) {
  query("red");
  client.send(
      "QUERY /a HTTP/1.1\r\nHost: example.org\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "1\r\nr\r\n2\r\ned\r\n0\r\n\r\n");
  EXPECT_TRUE(client.read().is_hit());
  client.send(
      "QUERY /a HTTP/1.1\r\nHost: example.org\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "4\r\nblue\r\n0\r\n\r\n");
  EXPECT_EQ(client.read().body, "QUERY blue 2");
  EXPECT_EQ(origin.last().field("Content-Length"), "4");
}

TEST_F(QueryMethod, GetAndHeadHaveNothingToDoWithIt) {
  query("");
  EXPECT_EQ(client.get("/a").body, "GET  2");
  EXPECT_FALSE(query("", {}).is_hit()) << "a GET answers no QUERY";
  Scenario s(caches_queries);
  s.origin.on("/a", echo);
  s.client.exchange("QUERY", "/a");
  EXPECT_FALSE(s.client.head("/a").is_hit());
  EXPECT_EQ(s.origin.last().method, "GET");
}

TEST_F(QueryMethod, ALargeOneReachesTheOriginWhole) {
  std::string content;
  for (int i = 0; content.size() < 19'990; ++i) content += std::to_string(i) + ",";
  const auto first = query(content);
  EXPECT_EQ(first.body, "QUERY " + content + " 1");
  EXPECT_TRUE(query(content).is_hit());
}

TEST_F(QueryMethod, ATooLargeOnePassesWhole) {
  const std::string content(20'001, 'x');
  for (int i = 0; i < 2; ++i) {
    const auto response = query(content);
    EXPECT_EQ(response.cache_status(), "forebay; fwd=bypass; detail=request_body");
    EXPECT_EQ(response.body.size(), content.size() + 8);
  }
  EXPECT_EQ(origin.last().body, content);
}

TEST_F(QueryMethod, OneThatTurnsOutTooLargePassesWhole) {
  std::string content;
  for (int i = 0; content.size() < 300'000; ++i) content += std::to_string(i) + ",";
  client.send("QUERY /a HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::size_t at = 0; at < content.size(); at += 10'000) {
    const auto piece = content.substr(at, 10'000);
    std::string chunk(8, '\0');
    chunk.resize(
        static_cast<std::size_t>(std::snprintf(chunk.data(), chunk.size(), "%zx\r\n", piece.size())));
    client.send(chunk.append(piece).append("\r\n"));
  }
  client.send("0\r\nX-Sum: 5\r\n\r\n");
  EXPECT_EQ(client.read().cache_status(), "forebay; fwd=bypass; detail=request_body");
  const auto sent = origin.last();
  EXPECT_EQ(sent.body, content);
  EXPECT_EQ(sent.field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(sent.trailers, (OriginFields{{"X-Sum", "5"}}));
}

TEST_F(QueryMethod, ConcurrentOnesCollapse) {
  auto gated = fresh("hello");
  gated.gate = "go";
  origin.on("/a", gated);
  std::vector<Client> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(forebay.client());
    clients.back().request("QUERY", "/a", {}, "red");
  }
  clients.push_back(forebay.client());
  clients.back().request("QUERY", "/a", {}, "blue");
  ASSERT_TRUE(forebay.wait_until_metric_is("forebay_waiting", 4));
  ASSERT_TRUE(origin.wait_for_requests(2));
  origin.gate("go").open();
  for (auto& each : clients) EXPECT_EQ(each.read().body, "hello");
  EXPECT_EQ(origin.requests(), 2U);
}

TEST_F(QueryMethod, AStaleOneIsValidatedWithItsContent) {
  origin.on("/a", fresh("red", {{"ETag", "\"1\""}}));
  query("red");
  forebay.clock().advance_wall(seconds{61});
  origin.on("/a", {.status = 304, .fields = {{"Cache-Control", "max-age=60"}, {"ETag", "\"1\""}}});
  const auto response = query("red");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "red");
  const auto sent = origin.last();
  EXPECT_EQ(sent.method, "QUERY");
  EXPECT_EQ(sent.body, "red");
  EXPECT_EQ(sent.field("If-None-Match"), "\"1\"");
  EXPECT_TRUE(query("red").is_hit());
}

TEST_F(QueryMethod, IsRefreshedBehindTheClientsBack) {
  origin.on("/a", [](const OriginRequest& request) {
    return with(request.body + " " + std::to_string(request.number),
                {{"Cache-Control", "max-age=60, stale-while-revalidate=60"}});
  });
  query("red");
  forebay.clock().advance_wall(seconds{61});
  EXPECT_EQ(query("red").body, "red 1");
  ASSERT_TRUE(origin.wait_for_requests(2));
  ASSERT_TRUE(forebay.wait_for_no_flights());
  EXPECT_EQ(query("red").body, "red 2");
  EXPECT_EQ(origin.last().method, "QUERY");
}

TEST_F(QueryMethod, IsServedStaleWhenTheOriginFails) {
  origin.on("/a", with("red", {{"Cache-Control", "max-age=60, stale-if-error=60"}}));
  query("red");
  forebay.clock().advance_wall(seconds{61});
  origin.on("/a", {.status = 503});
  EXPECT_EQ(query("red").body, "red");
}

TEST_F(QueryMethod, ConditionsAreAnsweredFromTheStore) {
  origin.on("/a", fresh("red", {{"ETag", "\"1\""}}));
  query("red", {{"If-None-Match", "\"1\""}});
  EXPECT_FALSE(origin.last().has("If-None-Match")) << "the fetch is for everybody";
  EXPECT_EQ(query("red", {{"If-None-Match", "\"1\""}}).status, 304);
  EXPECT_EQ(query("red", {{"If-None-Match", "\"2\""}}).status, 200);
}

TEST_F(QueryMethod, RangesAreIgnored) {
  const FieldLines range{{"Range", "bytes=0-1"}};
  EXPECT_EQ(query("red", range).status, 200);
  EXPECT_FALSE(origin.last().has("Range"));
  const auto hit = query("red", range);
  EXPECT_TRUE(hit.is_hit());
  EXPECT_EQ(hit.status, 200);
}

TEST_F(QueryMethod, OnlyIfCachedIsRefused) {
  EXPECT_EQ(query("red", {{"Cache-Control", "only-if-cached"}}).status, 504);
  EXPECT_EQ(origin.requests(), 0U);
}

TEST_F(QueryMethod, AnUnsafeMethodInvalidatesAllOfThem) {
  query("red");
  query("blue");
  client.exchange("QUERY", "/a?b", {}, "red");
  client.post("/a", "new");
  EXPECT_EQ(query("red").body, "QUERY red 5");
  EXPECT_FALSE(query("blue").is_hit());
  EXPECT_TRUE(query("red").is_hit()) << "the new answer";
  client.exchange("DELETE", "/a");
  EXPECT_FALSE(query("red").is_hit());
}

TEST_F(QueryMethod, OneInFlightIsInvalidatedToo) {
  origin.on("/a", [](const OriginRequest& request) {
    auto response = echo(request);
    if (request.number == 1) response.gate = "go";
    return response;
  });
  auto early = forebay.client();
  early.request("QUERY", "/a", {}, "red");
  ASSERT_TRUE(origin.wait_for_requests(1));
  client.post("/a", "new");
  EXPECT_EQ(query("red", {}).body, "QUERY red 3") << "it does not wait for the old fetch";
  origin.gate("go").open();
  EXPECT_EQ(early.read().body, "QUERY red 1");
  ASSERT_TRUE(forebay.wait_for_no_flights());
  EXPECT_EQ(query("red", {}).body, "QUERY red 3");
  EXPECT_EQ(forebay.metric("forebay_invalidated_in_flight_total"), 1);
}

TEST(QueryMethodRoutes, AnUnsafeMethodInvalidatesWhatAnotherRouteStores) {
  Scenario s([](config::Config& config) {
    auto& routes = config.proxy.routes;
    routes.insert(routes.begin(), routes[0]);
    caches_queries(config);
    routes[0].methods = {"QUERY"};
    routes[0].cache.key.query.allow.emplace();  // of GETs the query counts
  });
  s.origin.on("/a", echo);
  s.client.exchange("QUERY", "/a?x=1", {}, "red");
  EXPECT_TRUE(s.client.exchange("QUERY", "/a?x=2", {}, "red").is_hit());
  s.client.post("/a?x=3", "new");
  EXPECT_FALSE(s.client.exchange("QUERY", "/a?x=1", {}, "red").is_hit());
}

TEST(QueryMethodRoutes, PartitionsAreKeptApart) {
  Scenario s([](config::Config& config) {
    caches_queries(config);
    config.proxy.routes[0].cache.key.partition.header = "X-Tenant";
  });
  s.origin.on("/a", echo);
  const auto query = [&](const std::string& tenant) {
    return s.client.exchange("QUERY", "/a", {{"X-Tenant", tenant}}, "red");
  };
  query("acme");
  EXPECT_FALSE(query("initech").is_hit());
  EXPECT_TRUE(query("acme").is_hit());
  s.client.post("/a", "new", {{"X-Tenant", "acme"}});
  EXPECT_FALSE(query("acme").is_hit());
  EXPECT_TRUE(query("initech").is_hit());
}

TEST_F(QueryMethod, ReloadTakesTheOptionAway) {
  query("red");
  ASSERT_TRUE(query("red").is_hit());
  auto config = forebay.config();
  config.proxy.routes[0].cache.query_method.enabled = false;
  ASSERT_TRUE(forebay->reload(config));
  EXPECT_TRUE(eventually([&] { return !query("red").is_hit(); }));
  ASSERT_TRUE(forebay->reload(forebay.config()));
  EXPECT_TRUE(eventually([&] { return query("red").is_hit(); }));
}

TEST_F(QueryMethod, ExpectationIsMetBeforeTheLookup) {
  query("red");
  client.send(
      "QUERY /a HTTP/1.1\r\nHost: example.org\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
      "Expect: 100-continue\r\n\r\n");
  const std::string expected = "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(client.read_raw(expected.size()), expected);
  client.send("red");
  EXPECT_TRUE(client.read().is_hit());
}

TEST_F(QueryMethod, AClientThatLeavesWithinItsContentAsksNothing) {
  auto leaving = forebay.client();
  leaving.send("QUERY /a HTTP/1.1\r\nHost: example.org\r\nContent-Length: 100\r\n\r\nhalf");
  ASSERT_TRUE(forebay.wait_until_metric_is("forebay_exchanges", 1));
  leaving.reset();
  EXPECT_TRUE(forebay.wait_until_metric_is("forebay_exchanges", 0));
  EXPECT_EQ(origin.requests(), 0U);
  EXPECT_EQ(query("red").status, 200);
}

TEST_F(QueryMethod, TheFetchGoesOnWithoutTheClient) {
  auto gated = fresh("hello");
  gated.gate = "go";
  origin.on("/a", gated);
  auto leaving = forebay.client();
  leaving.request("QUERY", "/a", {{"Content-Type", "text/plain"}}, "red");
  ASSERT_TRUE(origin.wait_for_requests(1));
  leaving.reset();
  ASSERT_TRUE(forebay.wait_until_metric_is("forebay_exchanges", 0));
  origin.gate("go").open();
  ASSERT_TRUE(forebay.wait_for_no_flights());
  EXPECT_TRUE(query("red").is_hit());
}

TEST_F(QueryMethod, AMalformedContentIsRefused) {
  client.send(
      "QUERY /a HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nred\r\nno size\r\n");
  EXPECT_EQ(client.read().status, 400);
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(origin.requests(), 0U);
}

TEST_F(QueryMethod, WhatIsSentNextIsAnotherRequest) {
  client.request("QUERY", "/a", {}, "red");
  client.request("QUERY", "/a", {}, "red");
  client.request("GET", "/a");
  EXPECT_EQ(client.read().body, "QUERY red 1");
  EXPECT_TRUE(client.read().is_hit());
  EXPECT_EQ(client.read().body, "GET  2");
}

TEST_F(QueryMethod, IsSentAgainWhenAKeptConnectionIsDead) {
  origin.script([](OriginPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.read_request();
    peer.reset();
  });
  client.get("/kept");
  EXPECT_EQ(query("red").body, "QUERY red 1");
}

TEST_F(QueryMethod, AnUnstorableAnswerIsForItsClientAlone) {
  origin.on("/a", [](const OriginRequest& request) {
    return with(request.body + " " + std::to_string(request.number), {{"Cache-Control", "no-store"}});
  });
  EXPECT_EQ(query("red").body, "red 1");
  EXPECT_EQ(query("red").body, "red 2");
}

TEST_F(QueryMethod, HoldsNoMemoryAfterwards) {
  origin.on("/a", with("", {{"Cache-Control", "no-store"}}));
  const std::string buffers = "forebay_memory_bytes{kind=\"buffers\"}";
  query("red");
  ASSERT_TRUE(forebay.wait_for_no_flights());
  const auto before = forebay.metric(buffers);
  query(std::string(19'000, 'x'));
  ASSERT_TRUE(forebay.wait_for_no_flights());
  EXPECT_TRUE(eventually([&] { return forebay.metric(buffers) <= before; }));
}

}  // namespace
}  // namespace forebay::test
