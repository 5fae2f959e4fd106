// The origin answered a validation with something that may not be stored, a 404 for instance: the response
// that was stored before stayed, and was served again.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(WhatWasTakenDownIsStillServed, AnAnswerThatIsNotStoredEndsTheStoredOne) {
  const OriginResponse answers[] = {
      {.status = 404, .fields = {{"Cache-Control", "private"}}, .body = "gone"},
      {.status = 410, .fields = {{"Cache-Control", "no-store"}}, .body = "gone"},
      {.status = 200, .fields = {{"Set-Cookie", "id=1"}, {"Cache-Control", "max-age=60"}}, .body = "gone"},
  };
  for (const auto& answer : answers) {
    Scenario s;
    s.origin.on("/a", with("public", {{"Cache-Control", "max-age=1, stale-while-revalidate=600"}}));
    s.client.get("/a");
    s.forebay.clock().advance_wall(seconds{10});
    s.origin.on("/a", answer);
    EXPECT_EQ(s.client.get("/a").body, "public");
    ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_refreshes_total", 1));
    ASSERT_TRUE(s.forebay.wait_for_no_flights());
    EXPECT_EQ(s.client.get("/a").body, "gone") << answer.status;
  }
}

TEST(WhatWasTakenDownIsStillServed, ButNotTheStoredResponseThatOnlyThisRequestCouldNotReplace) {
  Scenario s;
  s.origin.on("/a", with("public", {{"Cache-Control", "max-age=60"}}));
  s.client.get("/a");
  s.client.get("/a", {{"Cache-Control", "no-cache, no-store"}});
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

}  // namespace
}  // namespace forebay::test
