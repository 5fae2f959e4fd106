// A key that was invalidated while it was being validated counted as unshareable: everybody who had waited
// for the 304 asked the upstream alone.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(InvalidatedValidationFloods, OneOfThoseWhoWaitFetchesAnew) {
  Scenario s;
  s.origin.on("/k", [](const OriginRequest& request) {
    if (request.method == "POST") return OriginResponse{.status = 200, .body = "ok"};
    if (!request.field("If-None-Match").empty()) {
      OriginResponse not_modified{.status = 304,
                                  .fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}};
      not_modified.gate = "304";
      return not_modified;
    }
    return with("hello", {{"Cache-Control", "max-age=60"}, {"ETag", "\"1\""}});
  });
  s.client.get("/k");
  s.forebay.clock().advance_wall(std::chrono::seconds(120));
  std::vector<Client> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(s.forebay.client());
    clients.back().request("GET", "/k");
  }
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 9));
  EXPECT_EQ(s.client.post("/k", "x").status, 200);
  s.origin.gate("304").open();
  for (auto& client : clients) EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(s.origin.requests("/k"), 4U);  // the first GET, the validation, the POST, one GET more
}

}  // namespace
}  // namespace forebay::test
