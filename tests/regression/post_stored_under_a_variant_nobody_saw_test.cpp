// The answer to a POST was stored under the value of a field that Connection had named, so that the upstream
// never saw it: one request could put a response into somebody else's variant.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(PostStoredUnderAVariantNobodySaw, TheVariantIsWhatWasForwarded) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    return fresh("for '" + request.field("X-Tenant") + "'",
                 {{"Vary", "X-Tenant"}, {"Content-Location", "/a"}});
  });
  s.client.post("/a", "", {{"Connection", "x-tenant"}, {"X-Tenant", "acme"}});
  EXPECT_EQ(s.client.get("/a", {{"X-Tenant", "acme"}}).body, "for 'acme'");
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

}  // namespace
}  // namespace forebay::test
