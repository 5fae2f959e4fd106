// What the parts that all workers share report as metrics.
#pragma once

#include <vector>

#include "forebay/flight/flight_table.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/proxy/event_sink.hpp"
#include "forebay/tier/cluster.hpp"
#include "forebay/tier/memory_tier.hpp"

namespace forebay::app {

/// Thread-safe.
std::vector<observe::Reading> shared_readings(const tier::MemoryTier& memory,
                                              const flight::FlightTable& flights,
                                              const proxy::EventSink& events, const observe::Log& log);
/// Adds what is known of the log that nodes share. Thread-safe.
void add_readings(std::vector<observe::Reading>& readings, const tier::Cluster& cluster);

}  // namespace forebay::app
