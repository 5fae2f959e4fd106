// An upstream that failed was asked by every request, although all of them were answered with the same stored
// response: its errors had switched collapsing off, and were not remembered otherwise.
#include <gtest/gtest.h>

#include <vector>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

class FailingUpstreamIsAskedByEverybody : public testing::Test {
 protected:
  void store(const std::string& control) {
    s.origin.on("/a", with("stored", {{"Cache-Control", control}}));
    s.client.get("/a");
    s.forebay.clock().advance(seconds{10});
  }
  Scenario s;
};

TEST_F(FailingUpstreamIsAskedByEverybody, OneRequestFindsOutForAll) {
  store("max-age=1, stale-if-error=600");
  s.origin.on("/a", OriginResponse{.status = 503, .gate = "fail"});
  std::vector<Client> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(s.forebay.client());
    clients.back().request("GET", "/a");
  }
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 4));
  s.origin.gate("fail").open();
  for (auto& client : clients) EXPECT_EQ(client.read().body, "stored");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(s.client.get("/a").body, "stored");
  EXPECT_EQ(s.origin.requests(), 2U);
  s.forebay.clock().advance(seconds{2});
  EXPECT_EQ(s.client.get("/a").body, "stored");
  EXPECT_EQ(s.origin.requests(), 3U) << "now and then somebody asks again";
}

TEST_F(FailingUpstreamIsAskedByEverybody, NorIsOneThatDoesNotAnswer) {
  store("max-age=1, stale-while-revalidate=600");
  s.origin.on("/a", OriginResponse{.close = true, .raw = ""});
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(s.client.get("/a").body, "stored");
    ASSERT_TRUE(s.forebay.wait_for_no_flights());
  }
  EXPECT_LE(s.origin.requests(), 3U);  // and once more on a new connection
}

}  // namespace
}  // namespace forebay::test
