// Whoever asked for a slice and got one of a newer representation called the fetch off, though others
// followed it that wanted just that: their responses ended early, and nothing was stored.
#include <gtest/gtest.h>

#include "support/sliceable.hpp"
#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

constexpr std::size_t kSlice = 64 * 1024;

TEST(SliceOfAnother, IsStillFetchedForThoseWhoFollow) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].cache.slice = kSlice; });
  s.origin.on("/v", Sliceable{numbered(5 * kSlice)});
  s.client.get("/v", {{"Range", "bytes=0-1"}});
  const auto newer = numbered(5 * kSlice, "x");
  s.origin.on("/v", [newer](const OriginRequest& request) {
    auto response = Sliceable{newer, "\"2\"", "max-age=600"}(request);
    response.gate = "head";
    response.gates = {{1000, "body"}};
    return response;
  });
  const FieldLines range{{"Range", "bytes=65536-70535"}};
  auto leader = s.forebay.client();
  leader.request("GET", "/v", range);  // with the old head
  ASSERT_TRUE(s.origin.wait_for_requests(2));
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  auto follower = s.forebay.client();
  follower.request("GET", "/v", range);  // with none
  ASSERT_TRUE(s.forebay.wait_for_metric("forebay_waiting", 1));
  s.origin.gate("head").open();
  auto response = follower.read_head();
  auto first = leader.read_head();
  s.origin.gate("body").open();
  follower.read_rest(response);
  leader.read_rest(first);
  EXPECT_EQ(response.body, newer.substr(kSlice, 5000));
  EXPECT_EQ(first.body, newer.substr(kSlice, 5000));
  EXPECT_EQ(s.origin.requests(), 2U);
}

}  // namespace
}  // namespace forebay::test
