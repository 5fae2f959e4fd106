// The slice with the last byte that a number can name has an end that no number can: the upstream was asked
// for a range that ends before it begins, and may send everything, in one piece.
#include <gtest/gtest.h>

#include "support/sliceable.hpp"
#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(RangeOverflowsItsSlice, AndIsTheOrigins) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].cache.slice = 100'000; });
  s.origin.on("/v", Sliceable{numbered(300'000)});
  EXPECT_EQ(s.client.get("/v", {{"Range", "bytes=18446744073709551615-"}}).status, 416);
  EXPECT_EQ(s.origin.last().field("Range"), "bytes=18446744073709551615-");
}

}  // namespace
}  // namespace forebay::test
