// One key, one fetch: who asks while it is being fetched waits for it and streams along.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

constexpr const char* kWaiting = "forebay_waiting";

/// So many clients, each of which has sent a GET.
std::vector<Client> ask(const TestDaemon& forebay, const std::string& target, int count,
                        const FieldLines& fields = {}) {
  std::vector<Client> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(forebay.client());
    clients.back().request("GET", target, fields);
  }
  return clients;
}

OriginResponse gated(OriginResponse response, const std::string& gate) {
  response.gate = gate;
  return response;
}

TEST(CollapsedForwarding, ManyClientsCauseOneUpstreamRequest) {
  Scenario s;
  s.origin.on("/a", gated(fresh("hello"), "go"));
  auto clients = ask(s.forebay, "/a", 30);
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 29));
  s.origin.gate("go").open();

  int collapsed = 0;
  for (auto& client : clients) {
    const auto response = client.read();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "hello");
    EXPECT_TRUE(response.cache_status().starts_with("forebay; fwd=uri-miss")) << response.cache_status();
    if (response.cache_status().find("; collapsed") != std::string::npos) ++collapsed;
  }
  EXPECT_EQ(collapsed, 29);
  EXPECT_EQ(s.origin.requests(), 1U);
  EXPECT_EQ(s.forebay.metric(kWaiting), 0);
  EXPECT_EQ(s.forebay.metric("forebay_collapsed_requests_total"), 29);
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(CollapsedForwarding, FollowersGetTheFirstBytesBeforeTheOriginHasFinished) {
  Scenario s;
  auto response = fresh("0123456789");
  response.gates = {{5, "half"}};
  s.origin.on("/a", response);

  auto leader = s.forebay.client();
  leader.request("GET", "/a");
  auto leaders = leader.read_head();
  EXPECT_EQ(leader.read_body(5), "01234");

  auto clients = ask(s.forebay, "/a", 5);
  for (auto& client : clients) {
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_EQ(client.read_body(5), "01234");
    EXPECT_TRUE(client.is_silent());
  }
  s.origin.gate("half").open();
  for (auto& client : clients) EXPECT_EQ(client.read_body(5), "56789");
  leader.read_rest(leaders);
  EXPECT_EQ(leaders.body, "56789");
  EXPECT_TRUE(leaders.complete);
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(CollapsedForwarding, ChunkedResponsesAreStreamedToFollowersToo) {
  Scenario s;
  auto response = fresh("0123456789");
  response.chunked = true;
  response.trailers = {{"X-Sum", "45"}};
  response.gates = {{5, "half"}};
  s.origin.on("/a", response);
  auto clients = ask(s.forebay, "/a", 4);
  for (auto& client : clients) {
    EXPECT_EQ(client.read_head().field("Transfer-Encoding"), "chunked");
    EXPECT_EQ(client.read_body(5), "01234");
  }
  s.origin.gate("half").open();
  for (auto& client : clients) {
    Response rest;
    client.read_rest(rest);
    EXPECT_EQ(rest.body, "56789");
    EXPECT_TRUE(rest.complete);
    EXPECT_EQ(rest.trailers, (FieldLines{{"X-Sum", "45"}}));
  }
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(CollapsedForwarding, FetchOutlivesTheClientThatStartedIt) {
  Scenario s;
  s.origin.on("/a", gated(fresh("hello"), "go"));
  auto leader = s.forebay.client();
  leader.request("GET", "/a");
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  auto followers = ask(s.forebay, "/a", 3);
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 3));

  leader.reset();
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_exchanges", 3));
  s.origin.gate("go").open();
  for (auto& client : followers) EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(CollapsedForwarding, FetchOutlivesItsClientWithinTheBody) {
  Scenario s;
  auto response = fresh("0123456789");
  response.gates = {{5, "half"}};
  s.origin.on("/a", response);
  auto leader = s.forebay.client();
  leader.request("GET", "/a");
  leader.read_head();
  EXPECT_EQ(leader.read_body(5), "01234");
  leader.reset();
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_exchanges", 0));
  s.origin.gate("half").open();
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  const auto later = s.client.get("/a");
  EXPECT_TRUE(later.is_hit());
  EXPECT_EQ(later.body, "0123456789");
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(CollapsedForwarding, FollowerThatLeavesDisturbsNobody) {
  Scenario s;
  s.origin.on("/a", gated(fresh("hello"), "go"));
  auto clients = ask(s.forebay, "/a", 4);
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 3));
  auto leaving = ask(s.forebay, "/a", 1);
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 4));
  leaving[0].reset();
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 3));
  s.origin.gate("go").open();
  for (auto& client : clients) EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(CollapsedForwarding, AfterTheLeadersFailureOneSuccessorTriesForAll) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.number == 1) return OriginResponse{.gate = "first", .raw = "garbage\r\n\r\n"};
    return gated(fresh("hello"), "second");
  });
  auto leader = ask(s.forebay, "/a", 1);
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  auto followers = ask(s.forebay, "/a", 8);
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 8));
  s.origin.gate("first").open();
  EXPECT_EQ(leader[0].read().status, 502);

  ASSERT_TRUE(s.origin.wait_for_requests(2));
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 7));
  s.origin.gate("second").open();
  for (auto& client : followers) EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(CollapsedForwarding, DeadUpstreamIsNotAskedOnceForEachWhoWaits) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    return OriginResponse{.gate = std::to_string(request.number), .raw = "garbage\r\n\r\n"};
  });
  auto leader = ask(s.forebay, "/a", 1);
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  auto followers = ask(s.forebay, "/a", 8);
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 8));
  s.origin.gate("1").open();
  EXPECT_EQ(leader[0].read().status, 502);
  ASSERT_TRUE(s.origin.wait_for_requests(2));
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 7));
  s.origin.gate("2").open();
  for (auto& client : followers) {
    const auto response = client.read();
    EXPECT_EQ(response.status, 502);
    EXPECT_TRUE(response.has("Proxy-Status"));
  }
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(CollapsedForwarding, UncacheableResponsesAreNotFetchedOneAfterTheOther) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    auto response = with("for " + std::to_string(request.number), {{"Cache-Control", "no-store"}});
    response.gate = request.number == 1 ? "first" : "others";
    return response;
  });
  auto leader = ask(s.forebay, "/a", 1);
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  auto followers = ask(s.forebay, "/a", 6);
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 6));
  s.origin.gate("first").open();
  EXPECT_EQ(leader[0].read().body, "for 1");
  EXPECT_TRUE(s.origin.wait_for_requests(7));  // all at once, before any of them is answered
  auto later = ask(s.forebay, "/a", 2);        // and those who come now do not wait for each other
  EXPECT_TRUE(s.origin.wait_for_requests(9));
  s.origin.gate("others").open();
  for (auto& client : followers) EXPECT_EQ(client.read().status, 200);
  for (auto& client : later) EXPECT_EQ(client.read().status, 200);
}

TEST(CollapsedForwarding, MemoOfAnUncacheableKeyIsForgottenWithTime) {
  Scenario s([](config::Config& config) { config.flights.uncacheable_memo = std::chrono::seconds(10); });
  s.origin.on("/a", with("x", {{"Cache-Control", "no-store"}}));
  s.client.get("/a");
  s.origin.on("/a", gated(fresh("hello"), "go"));
  s.forebay.clock().advance_steady(std::chrono::seconds(11));
  auto clients = ask(s.forebay, "/a", 5);
  EXPECT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 4));
  s.origin.gate("go").open();
  for (auto& client : clients) EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(CollapsedForwarding, MoreThanMaxWaitersPass) {
  Scenario s([](config::Config& config) { config.flights.max_waiters = 2; });
  s.origin.on("/a", [](const OriginRequest& request) {
    return gated(fresh("hello"), request.number == 1 ? "first" : "others");
  });
  auto waiting = ask(s.forebay, "/a", 3);
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 2));
  s.origin.gate("others").open();
  const auto passed = s.client.get("/a");
  EXPECT_EQ(passed.body, "hello");
  EXPECT_EQ(passed.cache_status(), "forebay; fwd=miss; detail=too_many_waiting");
  EXPECT_EQ(s.forebay.metric("forebay_waiters_refused_total"), 1);
  s.origin.gate("first").open();
  for (auto& client : waiting) EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(CollapsedForwarding, WhoHasWaitedForMaxWaitPasses) {
  Scenario s([](config::Config& config) { config.flights.max_wait = std::chrono::milliseconds(50); });
  s.origin.on("/a", [](const OriginRequest& request) {
    return gated(fresh("hello"), request.number == 1 ? "first" : "others");
  });
  s.origin.gate("others").open();
  auto leader = ask(s.forebay, "/a", 1);
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; fwd=miss; detail=waited_too_long");
  EXPECT_EQ(s.forebay.metric("forebay_waits_expired_total"), 1);
  s.origin.gate("first").open();
  EXPECT_EQ(leader[0].read().body, "hello");
}

TEST(CollapsedForwarding, FollowersOfAValidationGetTheStoredResponse) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.number == 1) return fresh("hello", {{"ETag", "\"1\""}});
    return OriginResponse{
        .status = 304, .fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}, .gate = "go"};
  });
  s.client.get("/a");
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  auto clients = ask(s.forebay, "/a", 6);
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 5));
  s.origin.gate("go").open();
  for (auto& client : clients) {
    const auto response = client.read();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "hello");
  }
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(CollapsedForwarding, HeadRequestFollowsAFetch) {
  Scenario s;
  s.origin.on("/a", gated(fresh("hello"), "go"));
  auto leader = ask(s.forebay, "/a", 1);
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  auto follower = s.forebay.client();
  follower.request("HEAD", "/a");
  ASSERT_TRUE(s.forebay.wait_until_metric_is(kWaiting, 1));
  s.origin.gate("go").open();
  const auto response = follower.read(true);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.field("Content-Length"), "5");
  EXPECT_EQ(follower.get("/a").body, "hello");  // nothing of a body was sent
  EXPECT_EQ(leader[0].read().body, "hello");
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(CollapsedForwarding, WhoLeadsGetsTheInterimResponses) {
  Scenario s;
  auto response = fresh("hello");
  response.interim = {"HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\n",
                      "HTTP/1.1 102 Processing\r\n\r\n"};
  s.origin.on("/a", response);
  const auto first = s.client.get("/a");
  ASSERT_EQ(first.interim.size(), 2U);
  EXPECT_EQ(first.interim[0].field("Link"), "</x.css>");
  EXPECT_EQ(first.body, "hello");
  const auto hit = s.client.get("/a");
  EXPECT_TRUE(hit.is_hit());
  EXPECT_TRUE(hit.interim.empty());
}

}  // namespace
}  // namespace forebay::test
