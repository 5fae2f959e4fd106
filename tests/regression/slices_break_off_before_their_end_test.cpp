// A response from slices began with what was stored and broke off at the first slice that was not, where this
// request could not have one fetched for the store; the same for everybody, as long as the head was fresh,
// once the upstream gave no slices any more, or memory had no room for one.
#include <gtest/gtest.h>

#include <deque>

#include "support/sliceable.hpp"
#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

constexpr std::size_t kSlice = 64 * 1024;

class SlicesBreakOff : public testing::Test {
 protected:
  SlicesBreakOff() {
    s.origin.on("/v", Sliceable{body});
    s.client.get("/v", {{"Range", "bytes=0-1"}});
  }
  void expect_whole(const FieldLines& fields) {
    const auto whole = s.forebay.get("/v", fields);
    EXPECT_EQ(whole.status, 200);
    EXPECT_TRUE(whole.complete);
    EXPECT_EQ(whole.body, body);
  }

  /// Fetches that memory keeps room for, and that do not come to an end, until there is no room left.
  void fill_memory() {
    s.origin.on("*", [](const OriginRequest& request) {
      auto response = fresh(std::string(std::stoul(request.target.substr(1)), 'x'));
      response.gates = {{1, "never"}};
      return response;
    });
    for (const auto size : {200'000, 20'000, 2'000})
      for (int i = 0; i < 12; ++i) {
        auto& client = fillers.emplace_back(s.forebay.client());
        client.request("GET", "/" + std::to_string(size) + "?" + std::to_string(i));
        client.read_head();
      }
  }

  std::deque<Client> fillers;
  Scenario s{[](config::Config& config) {
    config.proxy.routes[0].cache.slice = kSlice;
    config.memory.size = 2ULL << 20;
  }};
  const std::string body = numbered(5 * kSlice);
};

TEST_F(SlicesBreakOff, NotForAuthorization) { expect_whole({{"Authorization", "Basic abc"}}); }

TEST_F(SlicesBreakOff, NotForNoStore) { expect_whole({{"Cache-Control", "no-store"}}); }

TEST_F(SlicesBreakOff, WhatIsStoredStillServesThem) {
  const FieldLines fields{{"Range", "bytes=5-9"}, {"Authorization", "Basic abc"}};
  EXPECT_TRUE(s.client.get("/v", fields).is_hit());
}

TEST_F(SlicesBreakOff, OnceOnlyWhenTheTagIsGone) {
  s.origin.on("/v", Sliceable{body, "W/\"2\""});
  EXPECT_FALSE(s.forebay.get("/v").complete);
  expect_whole({});
}

TEST_F(SlicesBreakOff, OnceOnlyWhenNothingMayBeStored) {
  s.origin.on("/v", Sliceable{body, "\"1\"", "no-store"});
  EXPECT_FALSE(s.forebay.get("/v").complete);
  expect_whole({});
  EXPECT_FALSE(s.client.get("/v", {{"Range", "bytes=5-9"}}).is_hit()) << "the head is gone";
}

TEST_F(SlicesBreakOff, NotWhenMemoryHasNoRoomForMore) {
  s.origin.on("/v", [this](const OriginRequest& request) {
    auto slice = Sliceable{body}(request);
    slice.gate = "slice";
    return slice;
  });
  auto reader = s.forebay.client();
  reader.request("GET", "/v");
  ASSERT_TRUE(s.origin.wait_for_requests(2, "/v"));
  fill_memory();
  s.origin.gate("slice").open();
  auto whole = reader.read_head();
  reader.read_rest(whole);
  EXPECT_TRUE(whole.complete);
  EXPECT_EQ(whole.body, body);
  EXPECT_GT(s.forebay.metric("forebay_not_stored_total"), 0);
}

}  // namespace
}  // namespace forebay::test
