// A stored response that was invalidated while its origin was being asked was still served when the origin
// failed.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(StaleIfErrorOutlivesAnInvalidation, TheErrorIsTheAnswer) {
  Scenario s;
  s.origin.on("/a", with("old", {{"Cache-Control", "max-age=1, stale-if-error=600"}}));
  s.client.get("/a");
  s.forebay.clock().advance_wall(seconds{10});
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.method == "POST") return with("done", {});
    return OriginResponse{.status = 503, .gate = "fail"};
  });
  auto reader = s.forebay.client();
  reader.request("GET", "/a");
  ASSERT_TRUE(s.origin.wait_for_requests(2));
  EXPECT_EQ(s.client.post("/a", "").status, 200);
  s.origin.gate("fail").open();
  EXPECT_NE(reader.read().body, "old");
}

}  // namespace
}  // namespace forebay::test
