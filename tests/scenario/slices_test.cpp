// Large representations are fetched and kept in slices: `routes[].cache.slice`.
#include <gtest/gtest.h>

#include <future>

#include "support/sliceable.hpp"
#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

constexpr std::size_t kSlice = 64 * 1024;

class Slices : public testing::Test {
 protected:
  Slices() { s.origin.on("/v", Sliceable{body}); }
  Response range(std::size_t first, std::size_t last) {
    return s.client.get("/v", {{"Range", "bytes=" + std::to_string(first) + "-" + std::to_string(last)}});
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> ranges;
    for (const auto& request : s.origin.received("/v")) ranges.push_back(request.field("Range"));
    std::sort(ranges.begin(), ranges.end());
    return ranges;
  }
  /// All slices that were begun are stored.
  void settle() { EXPECT_TRUE(s.forebay.wait_for_no_flights()); }

  Scenario s{[](config::Config& config) { config.proxy.routes[0].cache.slice = kSlice; }};
  const std::string body = numbered(5 * kSlice + 1000);
};

TEST_F(Slices, ARangeFetchesTheSlicesItTouches) {
  const auto response = range(2 * kSlice + 10, 2 * kSlice + 19);
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, body.substr(2 * kSlice + 10, 10));
  EXPECT_EQ(response.field("Content-Range"), "bytes 131082-131091/328680");
  EXPECT_EQ(response.field("Content-Length"), "10");
  EXPECT_EQ(response.field("ETag"), "\"1\"");
  EXPECT_EQ(response.cache_status(), "forebay; fwd=uri-miss; stored");
  EXPECT_EQ(asked(), (std::vector<std::string>{"bytes=131072-196607"}));

  const auto again = range(2 * kSlice + 15, 2 * kSlice + 30);
  EXPECT_EQ(again.body, body.substr(2 * kSlice + 15, 16));
  EXPECT_TRUE(again.is_hit());
  EXPECT_EQ(asked().size(), 1U);
}

TEST_F(Slices, ARangeAcrossSlicesIsPutTogether) {
  const auto response = range(kSlice - 5, 3 * kSlice + 4);
  EXPECT_EQ(response.body, body.substr(kSlice - 5, 2 * kSlice + 10));
  settle();
  EXPECT_EQ(asked(), (std::vector<std::string>{"bytes=0-65535", "bytes=131072-196607", "bytes=196608-262143",
                                               "bytes=65536-131071"}));
  EXPECT_TRUE(range(kSlice - 5, 3 * kSlice + 4).is_hit());
}

TEST_F(Slices, TheWholeComesInSlicesToo) {
  const auto whole = s.client.get("/v");
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, body);
  EXPECT_EQ(whole.count("Content-Length"), 1U);
  EXPECT_EQ(whole.field("Content-Range"), "");
  settle();
  EXPECT_EQ(asked().size(), 6U);
  const auto again = s.client.get("/v");
  EXPECT_TRUE(again.is_hit());
  EXPECT_EQ(again.body, body);
  EXPECT_EQ(asked().size(), 6U);
}

TEST_F(Slices, WhatSitsInASliceIsStoredWhole) {
  s.origin.on("/small", Sliceable{"hello"});
  const auto first = s.client.get("/small");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "hello");
  EXPECT_EQ(first.field("Content-Length"), "5");
  EXPECT_TRUE(s.client.get("/small").is_hit());
  EXPECT_EQ(s.client.get("/small", {{"Range", "bytes=1-2"}}).body, "el");
  EXPECT_EQ(s.origin.requests("/small"), 1U);
}

TEST_F(Slices, ASuffixNeedsTheLengthFirst) {
  const auto response = s.client.get("/v", {{"Range", "bytes=-10"}});
  EXPECT_EQ(response.body, body.substr(body.size() - 10));
  settle();
  EXPECT_EQ(asked(), (std::vector<std::string>{"bytes=0-65535", "bytes=327680-393215"}));
}

TEST_F(Slices, BeyondTheEnd) {
  EXPECT_EQ(range(9 * kSlice, 9 * kSlice + 1).status, 416);
  range(0, 1);
  const auto known = range(9 * kSlice, 9 * kSlice + 1);
  EXPECT_EQ(known.status, 416);
  EXPECT_EQ(known.field("Content-Range"), "bytes */328680");
  EXPECT_TRUE(known.is_hit());
}

TEST_F(Slices, HeadAndPreconditionsNeedNoSlice) {
  range(0, 1);
  const auto head = s.client.head("/v");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("Content-Length"), "328680");
  EXPECT_EQ(s.client.get("/v", {{"If-None-Match", "\"1\""}}).status, 304);
  EXPECT_EQ(s.client.get("/v", {{"If-Match", "\"2\""}}).status, 412);
  EXPECT_EQ(asked().size(), 1U);
}

TEST_F(Slices, EachSliceIsFetchedOnceForAllWhoAskTogether) {
  s.origin.on("/v", [this](const OriginRequest& request) {
    auto response = Sliceable{body}(request);
    response.gate = "open";
    return response;
  });
  std::vector<std::future<Response>> clients;
  for (std::size_t i = 0; i < 8; ++i)
    clients.push_back(std::async(std::launch::async, [this, i] {
      const auto first = kSlice + i * 1000;
      return s.forebay.get(
          "/v", {{"Range", "bytes=" + std::to_string(first) + "-" + std::to_string(first + 2 * kSlice - 1)}});
    }));
  ASSERT_TRUE(s.forebay.wait_for_metric("forebay_waiting", 7));
  s.origin.gate("open").open();
  for (std::size_t i = 0; i < 8; ++i) {
    const auto response = clients[i].get();
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(response.body, body.substr(kSlice + i * 1000, 2 * kSlice)) << i;
  }
  settle();
  EXPECT_EQ(asked(),
            (std::vector<std::string>{"bytes=131072-196607", "bytes=196608-262143", "bytes=65536-131071"}));
}

TEST_F(Slices, AStaleHeadIsValidatedAndTheSlicesStay) {
  range(0, 1);
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  EXPECT_EQ(range(5, 6).body, body.substr(5, 2));
  const auto last = s.origin.last("/v");
  EXPECT_EQ(last.field("If-None-Match"), "\"1\"");
  EXPECT_EQ(last.field("Range"), "bytes=0-65535");
  EXPECT_TRUE(range(7, 8).is_hit());
  EXPECT_EQ(asked().size(), 2U);
}

TEST_F(Slices, AStaleHeadThatServesCountsAsStale) {
  s.origin.on("/v", Sliceable{body, "\"1\"", "max-age=10, stale-while-revalidate=60"});
  range(0, 1);
  s.forebay.clock().advance_wall(std::chrono::seconds(20));
  EXPECT_EQ(range(5, 6).body, body.substr(5, 2));
  EXPECT_TRUE(s.forebay.wait_until_metric_is("forebay_requests_total{result=\"stale\"}", 1));
}

TEST_F(Slices, WhatHasBecomeEmptyBehindAnother304IsAskedForWhole) {
  range(0, 1);
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  s.origin.on("/v", [](const OriginRequest& request) {
    if (!request.field("If-None-Match").empty())
      return OriginResponse{.status = 304, .fields = {{"ETag", "\"another\""}}};
    if (!request.field("Range").empty()) return OriginResponse{.status = 416};
    return fresh("");
  });
  const auto response = s.client.get("/v");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
}

TEST_F(Slices, AnotherRepresentationTakesTheOldOnesPlace) {
  range(0, 1);
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  const auto other = numbered(3 * kSlice, "x");
  s.origin.on("/v", Sliceable{other, "\"2\""});
  EXPECT_EQ(range(10, 30).body, other.substr(10, 21));
  EXPECT_EQ(range(kSlice, kSlice + 9).body, other.substr(kSlice, 10));
}

TEST_F(Slices, ARepresentationThatChangesBetweenSlicesEndsTheResponse) {
  range(0, 1);
  const auto other = numbered(body.size(), "x");
  s.origin.on("/v", Sliceable{other, "\"2\""});
  const auto whole = s.forebay.get("/v");
  EXPECT_EQ(whole.status, 200);
  EXPECT_FALSE(whole.complete) << "never a mixture";
  EXPECT_EQ(whole.body, body.substr(0, whole.body.size()));
  EXPECT_EQ(s.forebay.get("/v").body, other);
  EXPECT_EQ(range(0, 9).body, other.substr(0, 10));
}

TEST_F(Slices, ARepresentationThatHasChangedBeforeTheFirstByteIsNoFault) {
  range(0, 1);
  const auto other = numbered(body.size(), "x");
  s.origin.on("/v", Sliceable{other, "\"2\""});
  const auto response = range(kSlice, kSlice + 9);
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, other.substr(kSlice, 10));
}

TEST_F(Slices, AnInvalidationTakesThemAll) {
  range(0, 1);
  s.client.post("/v", "x");
  const auto other = numbered(body.size(), "x");
  s.origin.on("/v", Sliceable{other});  // the same tag: an origin that does not keep its word
  EXPECT_EQ(range(0, 9).body, other.substr(0, 10));
}

TEST_F(Slices, WithoutAStrongTagTheClientIsServedOtherwise) {
  for (const std::string etag : {"", "W/\"1\""}) {
    const auto path = "/weak" + std::to_string(etag.size());
    s.origin.on(path, Sliceable{body, etag});
    const auto part = s.client.get(path, {{"Range", "bytes=70000-70009"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, body.substr(70000, 10));
    EXPECT_EQ(s.client.get(path).body, body);
    EXPECT_EQ(s.origin.last(path).field("Range"), "") << "known by now";
    EXPECT_TRUE(s.client.get(path).is_hit());
  }
}

TEST_F(Slices, PrivateOnesAreNot) {
  s.origin.on("/p", Sliceable{body, "\"1\"", "private, max-age=60"});
  for (int i = 0; i < 2; ++i) {
    const auto part = s.client.get("/p", {{"Range", "bytes=70000-70009"}});
    EXPECT_EQ(part.body, body.substr(70000, 10));
    EXPECT_FALSE(part.is_hit());
  }
}

TEST_F(Slices, AnOriginWithoutRangesIsServedWhole) {
  s.origin.on("/plain", fresh(body, {{"ETag", "\"1\""}}));
  EXPECT_EQ(s.client.get("/plain", {{"Range", "bytes=70000-70009"}}).body, body.substr(70000, 10));
  settle();
  EXPECT_TRUE(s.client.get("/plain").is_hit());
  EXPECT_EQ(s.origin.requests("/plain"), 1U);
}

TEST_F(Slices, SeveralRangesAreTheOrigins) {
  range(0, 1);
  s.client.get("/v", {{"Range", "bytes=0-1,100000-100001"}});
  EXPECT_EQ(s.origin.last("/v").field("Range"), "bytes=0-1,100000-100001");
}

TEST_F(Slices, AnErrorInTheMiddleEndsTheResponse) {
  range(0, 1);
  s.origin.on("/v", OriginResponse{.status = 500});
  const auto whole = s.forebay.get("/v");
  EXPECT_FALSE(whole.complete);
  EXPECT_EQ(whole.body, body.substr(0, kSlice));
}

TEST_F(Slices, OnlyIfCachedGetsWhatIsThere) {
  range(0, 1);
  const auto get = [&](const std::string& value) {
    return s.client.get("/v", {{"Range", value}, {"Cache-Control", "only-if-cached"}}).status;
  };
  EXPECT_EQ(get("bytes=5-9"), 206);
  EXPECT_EQ(get("bytes=5-70000"), 504);
  EXPECT_EQ(asked().size(), 1U);
}

}  // namespace
}  // namespace forebay::test
