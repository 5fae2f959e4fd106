// Several responses for one URI, told apart by the request fields that Vary names.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

OriginResponse by_accept(const OriginRequest& request) {
  return fresh(request.field("Accept"), {{"Vary", "Accept"}});
}

FieldLines accept(const std::string& value) { return {{"Accept", value}}; }

TEST(Vary, EachVariantIsStored) {
  Scenario s;
  s.origin.on("/a", by_accept);
  EXPECT_EQ(s.client.get("/a", accept("x")).cache_status(), "forebay; fwd=uri-miss; stored");
  EXPECT_EQ(s.client.get("/a", accept("y")).cache_status(), "forebay; fwd=vary-miss; stored");
  EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; fwd=vary-miss; stored");
  for (const auto* value : {"x", "y"}) {
    const auto hit = s.client.get("/a", accept(value));
    EXPECT_TRUE(hit.is_hit());
    EXPECT_EQ(hit.body, value);
  }
  EXPECT_EQ(s.client.get("/a").body, "");
  EXPECT_EQ(s.origin.requests(), 3U);
}

TEST(Vary, EmptyAndMissingFieldsAreNotMixedUpWithValues) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    return fresh(request.field("A") + "|" + request.field("B"), {{"Vary", "A, B"}});
  });
  EXPECT_EQ(s.client.get("/a", {{"A", "1"}, {"B", "2"}}).body, "1|2");
  EXPECT_EQ(s.client.get("/a", {{"A", "2"}, {"B", "1"}}).body, "2|1");
  EXPECT_EQ(s.client.get("/a", {{"A", "1"}}).body, "1|");
  EXPECT_EQ(s.client.get("/a", {{"B", "1"}}).body, "|1");
  EXPECT_EQ(s.client.get("/a", {{"A", "12"}}).body, "12|");
}

TEST(Vary, NamesAreComparedWithoutCase) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    return fresh(request.field("X-Kind"), {{"Vary", "x-KIND"}});
  });
  EXPECT_EQ(s.client.get("/a", {{"x-kind", "1"}}).body, "1");
  EXPECT_TRUE(s.client.get("/a", {{"X-KIND", "1"}}).is_hit());
  EXPECT_EQ(s.client.get("/a", {{"X-Kind", "2"}}).body, "2");
}

TEST(Vary, FlightsOfKnownVariantsDoNotWaitForEachOther) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    auto response = by_accept(request);
    response.gate = request.number == 1 ? "" : "go";
    return response;
  });
  s.client.get("/a", accept("known"));
  std::vector<Client> clients;
  for (const auto* value : {"x", "x", "y", "y", "z"}) {
    clients.push_back(s.forebay.client());
    clients.back().request("GET", "/a", accept(value));
  }
  EXPECT_TRUE(s.origin.wait_for_requests(4));  // one for each of x, y, z
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 2));
  s.origin.gate("go").open();
  const char* const expected[] = {"x", "x", "y", "y", "z"};
  for (std::size_t i = 0; i < clients.size(); ++i) EXPECT_EQ(clients[i].read().body, expected[i]);
  EXPECT_EQ(s.origin.requests(), 4U);
}

TEST(Vary, WhoWaitedForAnotherVariantGetsItsOwn) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    auto response = by_accept(request);
    response.gate = request.number == 1 ? "first" : "";
    return response;
  });
  auto first = s.forebay.client();
  first.request("GET", "/a", accept("x"));
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  std::vector<Client> others;
  for (const auto* value : {"x", "y", "y"}) {
    others.push_back(s.forebay.client());
    others.back().request("GET", "/a", accept(value));
  }
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 3));
  s.origin.gate("first").open();
  EXPECT_EQ(first.read().body, "x");
  EXPECT_EQ(others[0].read().body, "x");
  EXPECT_EQ(others[1].read().body, "y");
  EXPECT_EQ(others[2].read().body, "y");
}

TEST(Vary, ChangeOfTheNamesIsFollowed) {
  Scenario s;
  s.origin.on("/a", by_accept);
  s.client.get("/a", accept("x"));
  s.origin.on("/a", [](const OriginRequest& request) { return fresh(request.field("B"), {{"Vary", "B"}}); });
  EXPECT_EQ(s.client.get("/a", {{"Accept", "y"}, {"B", "1"}}).body, "1");
  EXPECT_EQ(s.client.get("/a", {{"Accept", "z"}, {"B", "2"}}).body, "2");
  EXPECT_TRUE(s.client.get("/a", {{"Accept", "q"}, {"B", "1"}}).is_hit());
}

TEST(Vary, VariantsAreValidatedByThemselves) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    const auto tag = "\"" + request.field("Accept") + "\"";
    auto response = fresh(request.field("Accept"), {{"Vary", "Accept"}, {"ETag", tag}});
    if (request.field("If-None-Match") == tag) response.status = 304;
    return response;
  });
  s.client.get("/a", accept("x"));
  s.client.get("/a", accept("y"));
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  EXPECT_EQ(s.client.get("/a", accept("x")).body, "x");
  EXPECT_EQ(s.origin.last().field("If-None-Match"), "\"x\"");
  EXPECT_TRUE(s.client.get("/a", accept("x")).is_hit());
  EXPECT_EQ(s.client.get("/a", accept("y")).body, "y");
  EXPECT_EQ(s.origin.requests(), 4U);
}

}  // namespace
}  // namespace forebay::test
