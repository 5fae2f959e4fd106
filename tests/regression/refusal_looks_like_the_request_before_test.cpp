// A malformed head was refused as if it had the method of the request before it: after a HEAD the refusal
// announced a body and sent none.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(RefusalLooksLikeTheRequestBefore, AfterAHeadTheRefusalHasItsBody) {
  Scenario s;
  s.origin.on("/a", fresh("hello"));
  s.client.head("/a");
  s.client.send("@@ garbage\r\n\r\n");
  const auto refusal = s.client.read();
  EXPECT_EQ(refusal.status, 400);
  EXPECT_TRUE(refusal.complete);
  EXPECT_NE(refusal.body, "");
}

}  // namespace
}  // namespace forebay::test
