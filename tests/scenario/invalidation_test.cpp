// An unsafe method that succeeds makes what is stored for its URI unusable (RFC 9111 §4.4), whatever is in
// flight.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

/// /a answers GET with a numbered, fresh response; everything else as told.
void serve_page(ScriptedOrigin& origin, const OriginResponse& to_others) {
  origin.on("/a", [to_others](const OriginRequest& request) {
    return request.method == "GET" ? fresh("version " + std::to_string(request.number)) : to_others;
  });
}

class Invalidation : public testing::TestWithParam<const char*> {};

TEST_P(Invalidation, BySuccess) {
  Scenario s;
  serve_page(s.origin, with("done", {}));
  EXPECT_EQ(s.client.get("/a").body, "version 1");
  EXPECT_TRUE(s.client.get("/a").is_hit());
  const auto changed = s.client.exchange(GetParam(), "/a", {}, "new");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.cache_status(), "forebay; fwd=method; detail=method");
  const auto after = s.client.get("/a");
  EXPECT_FALSE(after.is_hit());
  EXPECT_EQ(after.body, "version 3");
}

TEST_P(Invalidation, NotByFailure) {
  Scenario s;
  auto refused = with("no", {});
  for (const int status : {400, 403, 500, 503}) {
    refused.status = status;
    serve_page(s.origin, refused);
    s.client.get("/a");
    EXPECT_EQ(s.client.exchange(GetParam(), "/a", {}, "new").status, status);
    EXPECT_TRUE(s.client.get("/a").is_hit()) << status;
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, Invalidation, testing::Values("POST", "PUT", "DELETE", "PATCH"),
                         [](const auto& row) { return std::string(row.param); });

TEST(InvalidationRules, RedirectAfterAPostCounts) {
  Scenario s;
  auto see_other = with("", {{"Location", "/b"}});
  see_other.status = 303;
  serve_page(s.origin, see_other);
  s.origin.on("/b", fresh("b"));
  s.client.get("/a");
  s.client.get("/b");
  s.client.post("/a", "x");
  EXPECT_FALSE(s.client.get("/a").is_hit());
  EXPECT_FALSE(s.client.get("/b").is_hit());
}

TEST(InvalidationRules, LocationAndContentLocationOfThisOriginAreInvalidatedToo) {
  Scenario s;
  s.origin.on("*", [](const OriginRequest& request) {
    if (request.method == "GET") return fresh(request.target);
    return with("", {{"Location", "http://example.org/b?x=1"}, {"Content-Location", "sub/../c"}});
  });
  for (const auto* target : {"/a", "/b?x=1", "/c", "/d"}) s.client.get(target);
  s.client.post("/a", "x");
  EXPECT_FALSE(s.client.get("/a").is_hit());
  EXPECT_FALSE(s.client.get("/b?x=1").is_hit());
  EXPECT_FALSE(s.client.get("/c").is_hit());
  EXPECT_TRUE(s.client.get("/d").is_hit());
}

TEST(InvalidationRules, OtherOriginsAreLeftAlone) {
  Scenario s;
  s.origin.on("*", [](const OriginRequest& request) {
    if (request.method == "GET") return fresh(request.target);
    return with("", {{"Location", "http://victim.example/b"}});
  });
  const FieldLines victim{{"Host", "victim.example"}};
  s.client.get("/b", victim);
  s.client.post("/a", "x");
  EXPECT_TRUE(s.client.get("/b", victim).is_hit());
}

TEST(InvalidationRules, AllVariantsGo) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    return request.method == "GET" ? fresh(request.field("Accept"), {{"Vary", "Accept"}}) : with("", {});
  });
  for (const auto* type : {"x", "y"}) s.client.get("/a", {{"Accept", type}});
  s.client.post("/a", "x");
  for (const auto* type : {"x", "y"}) EXPECT_FALSE(s.client.get("/a", {{"Accept", type}}).is_hit());
}

TEST(InvalidationRules, SafeMethodsInvalidateNothing) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  s.client.exchange("OPTIONS", "/a");
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(InvalidationRules, UnknownMethodsDo) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a");
  s.client.exchange("FROB", "/a");
  EXPECT_FALSE(s.client.get("/a").is_hit());
}

/// A GET is on its way when a POST succeeds: what it brings may be older than the POST.
class InvalidationInFlight : public testing::Test {
 protected:
  InvalidationInFlight() {
    s.origin.on("/a", [](const OriginRequest& request) {
      if (request.method == "POST") return with("done", {});
      auto response = fresh("version " + std::to_string(request.number));
      if (request.number == 1) response.gates = {{3, "body"}};
      if (request.number == 1) response.gate = "head";
      return response;
    });
  }
  void begin_fetch() {
    early.request("GET", "/a");
    ASSERT_TRUE(s.origin.wait_for_requests(1));
  }

  Scenario s;
  Client early = s.forebay.client();
};

TEST_F(InvalidationInFlight, FetchIsNotStored) {
  begin_fetch();
  EXPECT_EQ(s.client.post("/a", "x").status, 200);
  s.origin.gate("head").open();
  s.origin.gate("body").open();
  EXPECT_EQ(early.read().body, "version 1");  // asked before the POST: it may have this
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  const auto after = s.client.get("/a");
  EXPECT_FALSE(after.is_hit());
  EXPECT_EQ(after.body, "version 3");
  EXPECT_EQ(s.forebay.metric("forebay_invalidated_in_flight_total"), 1);
}

TEST_F(InvalidationInFlight, FetchIsNotJoinedBeforeItsHead) {
  begin_fetch();
  s.client.post("/a", "x");
  EXPECT_EQ(s.client.get("/a").body, "version 3");  // at once: it does not wait for the old fetch
  s.origin.gate("head").open();
  s.origin.gate("body").open();
  EXPECT_EQ(early.read().body, "version 1");
  const auto after = s.client.get("/a");
  EXPECT_TRUE(after.is_hit());
  EXPECT_EQ(after.body, "version 3");  // the old one did not take its place
}

TEST_F(InvalidationInFlight, FetchIsNotJoinedWithinItsBody) {
  begin_fetch();
  s.origin.gate("head").open();
  EXPECT_EQ(early.read_head().status, 200);
  EXPECT_EQ(early.read_body(3), "ver");
  s.client.post("/a", "x");
  EXPECT_EQ(s.client.get("/a").body, "version 3");
  s.origin.gate("body").open();
  Response rest;
  early.read_rest(rest);
  EXPECT_TRUE(rest.complete);
  EXPECT_EQ(s.client.get("/a").body, "version 3");
}

TEST_F(InvalidationInFlight, WaitersFromBeforeGetTheirAnswer) {
  begin_fetch();
  auto waiter = s.forebay.client();
  waiter.request("GET", "/a");
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 1));
  s.client.post("/a", "x");
  s.origin.gate("head").open();
  s.origin.gate("body").open();
  EXPECT_EQ(early.read().status, 200);
  EXPECT_EQ(waiter.read().status, 200);
}

TEST(InvalidationWhileValidating, FreshenedResponseIsNotKept) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.method == "POST") return with("done", {});
    auto response = fresh("version " + std::to_string(request.number), {{"ETag", "\"1\""}});
    if (request.number != 2) return response;
    response.status = 304;
    response.gate = "validation";
    return response;
  });
  s.client.get("/a");
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  auto validating = s.forebay.client();
  validating.request("GET", "/a");
  ASSERT_TRUE(s.origin.wait_for_requests(2));
  s.client.post("/a", "x");
  s.origin.gate("validation").open();
  EXPECT_EQ(validating.read().status, 200);
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  const auto after = s.client.get("/a");
  EXPECT_FALSE(after.is_hit());
  EXPECT_EQ(after.body, "version 4");
}

}  // namespace
}  // namespace forebay::test
