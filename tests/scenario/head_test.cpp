// HEAD gets what GET would, without its body.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(Head, IsAnsweredFromAStoredGet) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"Content-Type", "text/plain"}}));
  s.client.get("/a");
  const auto head = s.client.head("/a");
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.is_hit());
  EXPECT_EQ(head.field("Content-Length"), "5");
  EXPECT_EQ(head.field("Content-Type"), "text/plain");
  EXPECT_EQ(s.client.get("/a").body, "hello");
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(Head, OnAMissTellsTheLength) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  const auto head = s.client.head("/a");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("Content-Length"), "5");
  EXPECT_EQ(s.client.get("/a").body, "hello");
}

TEST(Head, ResponseIsNeverGivenToAGet) {
  Scenario s;
  s.origin.on("/a",
              [](const OriginRequest& request) { return fresh(request.method == "HEAD" ? "" : "hello"); });
  s.client.head("/a");
  EXPECT_EQ(s.client.get("/a").body, "hello");
}

TEST(Head, OfAnUncacheableResponseIsInStep) {
  Scenario s;
  s.origin.on("/a", with("hello", {{"Cache-Control", "no-store"}}));
  for (int i = 0; i < 3; ++i) {
    const auto head = s.client.head("/a");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(s.client.get("/a").body, "hello");
  }
}

TEST(Head, ErrorsHaveNoBody) {
  Scenario s;
  s.origin.stop_listening();
  EXPECT_EQ(s.client.head("/a").status, 502);
  EXPECT_EQ(s.client.head("/a").status, 502);  // in step
}

TEST(Head, ChunkedResponsesHaveNoFraming) {
  Scenario s;
  auto response = fresh("hello");
  response.chunked = true;
  s.origin.on("/a", response);
  EXPECT_EQ(s.client.head("/a").status, 200);
  EXPECT_EQ(s.client.get("/a").body, "hello");
  EXPECT_EQ(s.client.head("/a").field("Content-Length"), "5");
}

}  // namespace
}  // namespace forebay::test
