#include "forebay/proxy/event_sink.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "forebay/proxy/snapshot.hpp"

namespace forebay::proxy {
namespace {

TEST(EventSink, CountsWhatBecomesOfEachAndPurgesAllOfItOrNothing) {
  upstream::UpstreamSettings upstream{.name = "app", .servers = {"http://127.0.0.1:3000"}};
  ProxySettings settings;
  settings.routes = {{.upstream = "app"}};
  settings.events = {{.type = "t", .tags = {"{a}"}, .hosts = {"{b}"}}};
  const auto snapshot = Snapshot::make(settings, {}, {upstream::Upstream::make(upstream).value()}).value();
  tier::MemoryTier memory({.size = 1 << 20}, 1);
  EventSink sink(memory);
  const auto take = [&](const char* text) { return sink.take(boost::json::parse(text), *snapshot, {}); };

  const auto taken = take(R"({"type": "t", "a": "x", "b": "y"})");
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->has_rule);
  EXPECT_EQ(taken->purges, 2u);
  EXPECT_EQ(taken->position, 2u);
  EXPECT_FALSE(take(R"({"type": "other"})")->has_rule);
  EXPECT_FALSE(take(R"({"type": "t", "a": "x"})"));
  EXPECT_FALSE(take(R"({"type": "t", "a": " x", "b": "y"})")) << "no tag begins with a space";
  EXPECT_FALSE(take("[]"));
  EXPECT_EQ(memory.log().position(), 2u);
  EXPECT_EQ(sink.count(EventOutcome::purged), 1u);
  EXPECT_EQ(sink.count(EventOutcome::ignored), 1u);
  EXPECT_EQ(sink.count(EventOutcome::malformed), 3u);
}

}  // namespace
}  // namespace forebay::proxy
