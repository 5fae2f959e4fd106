// What is counted when.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(Metrics, ResultsAreCounted) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"ETag", "\"1\""}}));
  const auto expect = [&](const char* result, double count) {
    EXPECT_TRUE(s.forebay.wait_until_metric_is(
        "forebay_requests_total{result=\"" + std::string(result) + "\"}", count))
        << result << " "
        << s.forebay.metric("forebay_requests_total{result=\"" + std::string(result) + "\"}");
  };
  s.client.get("/a");
  expect("miss", 1);
  s.client.get("/a");
  s.client.head("/a");
  expect("hit", 2);
  s.client.post("/a", "x");
  expect("pass", 1);
  s.client.get("/a");
  expect("miss", 2);
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  s.client.get("/a", {{"Cache-Control", "max-stale=100"}});
  expect("stale", 1);
  s.origin.on("/a",
              OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}});
  s.client.get("/a");
  expect("revalidated", 1);
  s.client.exchange("TRACE", "/a");
  expect("refused", 1);
  s.origin.on("/a", OriginResponse{.close = true, .raw = "garbage\r\n\r\n"});
  s.client.post("/a", "x");
  expect("error", 1);

  EXPECT_EQ(s.forebay.metric("forebay_responses_total{class=\"2xx\"}"), 7);
  EXPECT_EQ(s.forebay.metric("forebay_responses_total{class=\"4xx\"}"), 1);
  EXPECT_EQ(s.forebay.metric("forebay_responses_total{class=\"5xx\"}"), 1);
  EXPECT_EQ(s.forebay.metric("forebay_upstream_requests_total"), 5);
  EXPECT_EQ(s.forebay.metric("forebay_upstream_errors_total"), 1);
  EXPECT_EQ(s.forebay.metric("forebay_connections"), 1);
  EXPECT_EQ(s.forebay.metric("forebay_exchanges"), 0);
}

TEST(Metrics, StoresAreCounted) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.origin.on("/b", with("hello", {{"Cache-Control", "no-store"}}));
  s.client.get("/a");
  s.client.get("/b");
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_stored_total", 1));
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_not_stored_total", 1));
  EXPECT_EQ(s.forebay.metric("forebay_memory_entries"), 1);
}

TEST(Metrics, GaugesReturnToNothing) {
  Scenario s;
  s.origin.on("*", fresh("hello"));
  {
    std::vector<Client> clients;
    for (int i = 0; i < 20; ++i) {
      clients.push_back(s.forebay.client());
      clients.back().get("/" + std::to_string(i));
    }
    EXPECT_EQ(s.forebay.metric("forebay_connections"), 21);
  }
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_connections", 1));
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_exchanges", 0));
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_flights", 0));
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_memory_bytes{kind=\"in_flight\"}", 0));
}

}  // namespace
}  // namespace forebay::test
