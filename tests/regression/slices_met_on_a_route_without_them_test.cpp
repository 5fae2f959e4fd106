// Routes that a field tells apart share keys. A client on a route without `slice` waited for a validation
// that renewed the head of a representation in slices, and the process ended with a division by zero.
#include <gtest/gtest.h>

#include "support/sliceable.hpp"
#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(SlicesMetOnARouteWithoutThem, AreFetchedAsAWhole) {
  Scenario s([](config::Config& config) {
    auto plain = config.proxy.routes[0];
    plain.headers = {"X-Plain"};
    config.proxy.routes[0].cache.slice = 64 * 1024;
    config.proxy.routes.insert(config.proxy.routes.begin(), plain);
  });
  const auto body = numbered(300'000);
  s.origin.on("/v", Sliceable{body});
  s.client.get("/v", {{"Range", "bytes=0-1"}});
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  s.origin.on("/v", [&](const OriginRequest& request) {
    auto response = Sliceable{body}(request);
    response.gate = "go";
    return response;
  });
  s.client.request("GET", "/v", {{"X-Plain", "1"}, {"If-None-Match", "\"1\""}});
  ASSERT_TRUE(s.origin.wait_for_requests(2));
  auto follower = s.forebay.client();
  follower.request("GET", "/v", {{"X-Plain", "1"}});
  ASSERT_TRUE(s.forebay.wait_for_metric("forebay_waiting", 1));
  s.origin.gate("go").open();
  EXPECT_EQ(s.client.read().status, 304);
  EXPECT_EQ(follower.read().body, body);
}

}  // namespace
}  // namespace forebay::test
