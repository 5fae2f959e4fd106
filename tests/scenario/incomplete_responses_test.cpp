// A body that ends early is never stored, and the client can tell that it is not whole.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

struct Broken {
  const char* name;
  OriginResponse response;
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }

OriginResponse broken(bool chunked, bool reset, const char* cache_control) {
  auto response = with("0123456789", {{"Cache-Control", cache_control}});
  response.chunked = chunked;
  response.chunk_size = 5;
  response.gates = {{5, "half"}};
  (reset ? response.reset_after : response.truncate_after) = 5;
  return response;
}

class IncompleteResponses : public testing::TestWithParam<Broken> {};

TEST_P(IncompleteResponses, AreSeenAsSuchAndNotStored) {
  Scenario s;
  s.origin.on("/a", GetParam().response);
  s.client.request("GET", "/a");
  auto response = s.client.read_head();
  EXPECT_EQ(s.client.read_body(5), "01234");
  auto follower = s.forebay.client();
  follower.request("GET", "/a");
  s.origin.gate("half").open();
  s.client.read_rest(response);
  EXPECT_FALSE(response.complete);

  // A follower that was streaming along sees the same; one that came too late has asked anew.
  auto followed = follower.read();
  EXPECT_TRUE(followed.status == 502 || !followed.complete);

  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  s.origin.on("/a", fresh("whole now"));
  const auto next = s.forebay.get("/a");
  EXPECT_FALSE(next.is_hit());
  EXPECT_EQ(next.body, "whole now");
}

INSTANTIATE_TEST_SUITE_P(Ways, IncompleteResponses,
                         testing::Values(Broken{"TruncatedByLength", broken(false, false, "max-age=60")},
                                         Broken{"TruncatedInChunks", broken(true, false, "max-age=60")},
                                         Broken{"ResetWithLength", broken(false, true, "max-age=60")},
                                         Broken{"ResetInChunks", broken(true, true, "max-age=60")},
                                         Broken{"UncacheableTruncated", broken(false, false, "no-store")},
                                         Broken{"UncacheableResetInChunks", broken(true, true, "no-store")}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(IncompleteResponse, FollowersOfAStreamSeeItsEnd) {
  Scenario s;
  auto response = broken(true, false, "max-age=60");
  s.origin.on("/a", response);
  std::vector<Client> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(s.forebay.client());
    clients.back().request("GET", "/a");
  }
  for (auto& client : clients) {
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_EQ(client.read_body(5), "01234");
  }
  s.origin.gate("half").open();
  for (auto& client : clients) {
    Response rest;
    client.read_rest(rest);
    EXPECT_FALSE(rest.complete);
    EXPECT_EQ(rest.body, "");
  }
  EXPECT_EQ(s.origin.requests(), 1U);
  EXPECT_EQ(s.forebay.metric("forebay_stored_total"), 0);
}

TEST(IncompleteResponse, GarbageInTheChunkFramingIsOne) {
  Scenario s;
  s.origin.on(
      "/a", OriginResponse{.close = true,
                           .raw = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked"
                                  "\r\n\r\n5\r\nhello\r\nxyz\r\n"});
  const auto response = s.client.get("/a");
  EXPECT_FALSE(response.complete);
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  EXPECT_FALSE(s.forebay.get("/a").is_hit());
}

TEST(IncompleteResponse, EndOfTheConnectionIsTheEndOfABodyWithoutLength) {
  Scenario s;
  auto response = fresh("hello");
  response.until_close = true;
  s.origin.on("/a", response);
  const auto first = s.client.get("/a");
  EXPECT_TRUE(first.complete);
  EXPECT_EQ(first.body, "hello");
}

TEST(IncompleteResponse, ResetIsNoEndOfABodyWithoutLength) {
  Scenario s;
  s.origin.script([](OriginPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\nhello");
    peer.wait("half");
    peer.reset();
  });
  s.client.request("GET", "/a");
  auto response = s.client.read_head();
  EXPECT_EQ(s.client.read_body(5), "hello");
  s.origin.gate("half").open();
  s.client.read_rest(response);
  EXPECT_FALSE(response.complete);
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  EXPECT_FALSE(s.forebay.get("/a").is_hit());
}

TEST(IncompleteResponse, StalledBodyIsCutOff) {
  Scenario s;
  auto response = fresh("0123456789");
  response.gates = {{5, "never"}};
  s.origin.on("/a", response);
  s.client.request("GET", "/a");
  auto stalled = s.client.read_head();
  EXPECT_EQ(s.client.read_body(5), "01234");
  s.forebay.clock().advance_steady(std::chrono::seconds(31));  // between_bytes_timeout
  s.client.read_rest(stalled);
  EXPECT_FALSE(stalled.complete);
  EXPECT_EQ(s.forebay.metric("forebay_stored_total"), 0);
}

}  // namespace
}  // namespace forebay::test
