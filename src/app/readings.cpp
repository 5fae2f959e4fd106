#include "readings.hpp"

#include <string>

namespace forebay::app {

std::vector<observe::Reading> shared_readings(const tier::MemoryTier& memory,
                                              const flight::FlightTable& flights, const observe::Log& log) {
  std::vector<observe::Reading> readings;
  const auto add = [&](const char* name, const char* help, bool counter, auto value) {
    readings.push_back({name, help, counter, "", "", static_cast<double>(value)});
  };
  const auto& budget = memory.budget();
  for (std::size_t i = 0; i < tier::kChargeKinds; ++i) {
    const auto kind = static_cast<tier::ChargeKind>(i);
    readings.push_back({"forebay_memory_bytes", "Bytes charged to the memory budget, by kind.", false, "kind",
                        std::string(name(kind)), static_cast<double>(budget.used(kind))});
  }
  add("forebay_memory_budget_bytes", "The memory budget.", false, budget.limit());
  add("forebay_memory_entries", "Stored responses in memory.", false, memory.entries());
  add("forebay_memory_evictions_total", "Stored responses removed for space.", true, memory.evictions());
  add("forebay_memory_evicted_bytes_total", "Bytes of heads and bodies removed for space.", true,
      memory.evicted_bytes());
  add("forebay_flights", "Shared fetches that can be joined now.", false, flights.flights());
  add("forebay_access_lines_dropped_total", "Access log lines dropped because the queue was full.", true,
      log.dropped_access_lines());
  return readings;
}

}  // namespace forebay::app
