// A slow 304 for a response that had been replaced meanwhile put the older response over the newer one.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(Late304PutsTheOlderResponseBack, TheNewerOneStays) {
  Scenario s;
  s.origin.on("/a", with("v1", {{"Cache-Control", "no-cache"}, {"ETag", "\"1\""}}));
  s.client.get("/a");  // never fresh: later requests do not wait for each other
  s.origin.on("/a", [](const OriginRequest&) {
    return OriginResponse{
        .status = 304, .fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}, .gate = "late"};
  });
  auto first = s.forebay.client();
  first.request("GET", "/a");
  ASSERT_TRUE(s.origin.wait_for_requests(2));
  s.origin.on("/a", with("v2", {{"Cache-Control", "max-age=60"}, {"ETag", "\"2\""}}));
  EXPECT_EQ(s.client.get("/a").body, "v2");
  s.origin.gate("late").open();
  EXPECT_EQ(first.read().body, "v1");
  EXPECT_EQ(s.client.get("/a").body, "v2");
}

}  // namespace
}  // namespace forebay::test
