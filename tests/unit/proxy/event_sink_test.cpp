#include "forebay/proxy/event_sink.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <string>

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

TEST(EventSink, TakesTextsWithOneEventOrAListOfThem) {
  upstream::UpstreamSettings upstream{.name = "app", .servers = {"http://127.0.0.1:3000"}};
  ProxySettings settings;
  settings.routes = {{.upstream = "app"}};
  settings.events = {{.type = "t", .tags = {"{a}"}}};
  const auto snapshot = Snapshot::make(settings, {}, {upstream::Upstream::make(upstream).value()}).value();
  tier::MemoryTier memory({.size = 1 << 20}, 1);
  EventSink sink(memory);
  const auto outcomes = [&](const std::string& text) {
    std::string said;
    for (const auto& result : sink.take_text(text, *snapshot, {}))
      said += !result ? "[" + result.error().detail + "]" : result->has_rule ? "purged " : "ignored ";
    return said;
  };
  EXPECT_EQ(outcomes(R"({"type": "t", "a": 1})"), "purged ");
  EXPECT_EQ(outcomes(R"([{"type": "t", "a": 1}, {"type": "u"}, {"type": "t"}, {"type": "t", "a": 2}])"),
            "purged ignored [the value \"a\" is missing]purged ");
  EXPECT_EQ(outcomes("[]"), "");
  EXPECT_EQ(outcomes(R"({"type": "t", "a": 1, "a": 2})"), "[has \"a\" twice]");
  EXPECT_EQ(outcomes(R"({"type")"), "[is no JSON: incomplete JSON]");
  EXPECT_EQ(outcomes(std::string(EventSink::kMaxText + 1, ' ')), "[is longer than 65536 bytes]");
  std::string many = "[0";
  for (std::size_t i = 0; i < EventSink::kMaxEvents; ++i) many += ",0";
  EXPECT_EQ(outcomes(many + "]"), "[has more than 1000 events]");
  EXPECT_EQ(sink.count(EventOutcome::malformed), 5u);
  EXPECT_EQ(memory.log().position(), 3u);
}

}  // namespace
}  // namespace forebay::proxy
