// A response from slices began with what was stored and broke off at the first slice that was not, where this
// request could not have one fetched for the store; the same for everybody, as long as the head was fresh,
// once the upstream gave no slices any more.
#include <gtest/gtest.h>

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

  Scenario s{[](config::Config& config) { config.proxy.routes[0].cache.slice = kSlice; }};
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

}  // namespace
}  // namespace forebay::test
