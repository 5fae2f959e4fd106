// One request with Authorization made its key count as unshareable for everybody: the next requests were not
// collapsed.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(AuthorizationStopsCollapsing, OthersStillShareOneFetch) {
  Scenario s;
  s.origin.on("/k", [](const OriginRequest& request) {
    auto response = with("hello", {{"Cache-Control", "max-age=60"}});
    if (request.field("Authorization").empty()) response.gate = "go";
    return response;
  });
  s.client.get("/k", {{"Authorization", "Basic abc"}});
  std::vector<Client> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(s.forebay.client());
    clients.back().request("GET", "/k");
  }
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 4));
  s.origin.gate("go").open();
  for (auto& client : clients) EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(s.origin.requests("/k"), 2U);
}

}  // namespace
}  // namespace forebay::test
