#include "readings.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace forebay::app {
namespace {

TEST(SharedReadings, SayWhatIsHeld) {
  tier::MemoryTier memory({.size = 1 << 20}, 1);
  flight::FlightTable flights;
  const proxy::EventSink events(memory);
  const observe::Log log{{}};
  tier::Reservation receiving(memory.budget());
  receiving.add(123);
  const auto seat = flights.join("key", 0, [](const flight::Flight&) { return true; });

  memory.log().append(cache::Purge::parse(cache::PurgeKind::host, "a").value());
  const auto readings = shared_readings(memory, flights, events, log);
  const auto value = [&](std::string_view name, std::string_view kind = "") {
    const auto at = std::find_if(readings.begin(), readings.end(), [&](const observe::Reading& reading) {
      return reading.name == name && reading.label_value == kind;
    });
    EXPECT_NE(at, readings.end()) << name;
    return at == readings.end() ? -1 : at->value;
  };
  EXPECT_EQ(value("forebay_memory_bytes", "in_flight"), 123);
  EXPECT_EQ(value("forebay_memory_bytes", "bodies"), 0);
  EXPECT_EQ(value("forebay_memory_bytes", "buffers"), 0);
  EXPECT_GT(value("forebay_memory_bytes", "bookkeeping"), 0);
  EXPECT_EQ(value("forebay_memory_budget_bytes"), 1 << 20);
  EXPECT_EQ(value("forebay_memory_entries"), 0);
  EXPECT_EQ(value("forebay_memory_evictions_total"), 0);
  EXPECT_EQ(value("forebay_flights"), 1);
  EXPECT_EQ(value("forebay_invalidations_total", "host"), 1) << "hard ones come first";
  EXPECT_EQ(value("forebay_invalidations_total", "tag"), 0);
  EXPECT_EQ(value("forebay_invalidation_log_position"), 1);
  EXPECT_EQ(value("forebay_invalidation_log_floor"), 0);
  EXPECT_EQ(value("forebay_events_total", "malformed"), 0);
  EXPECT_EQ(value("forebay_access_lines_dropped_total"), 0);
}

}  // namespace
}  // namespace forebay::app
