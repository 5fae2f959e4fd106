#include "readings.hpp"

#include <string>

namespace forebay::app {

std::vector<observe::Reading> shared_readings(const tier::MemoryTier& memory,
                                              const flight::FlightTable& flights,
                                              const proxy::EventSink& events, const observe::Log& log) {
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
  const auto& invalidations = memory.log();
  for (std::size_t i = 0; i < cache::kPurgeKinds; ++i)
    for (const auto mode : {cache::PurgeMode::hard, cache::PurgeMode::soft, cache::PurgeMode::refresh}) {
      const auto kind = static_cast<cache::PurgeKind>(i);
      readings.push_back({"forebay_invalidations_total",
                          "Entries of the invalidation log, by what they name and how much they take away.",
                          true, "kind", std::string(name(kind)),
                          static_cast<double>(invalidations.count(kind, mode)), "mode",
                          std::string(name(mode))});
    }
  add("forebay_invalidation_log_position", "The last position of the invalidation log.", false,
      invalidations.position());
  add("forebay_invalidation_log_floor",
      "Up to this position some entries of the invalidation log have been merged: what was fetched before "
      "and not "
      "looked at since counts as purged.",
      false, invalidations.floor());
  for (const auto outcome :
       {proxy::EventOutcome::purged, proxy::EventOutcome::ignored, proxy::EventOutcome::malformed})
    readings.push_back({"forebay_events_total", "Events received, by what became of them.", true, "outcome",
                        std::string(name(outcome)), static_cast<double>(events.count(outcome))});
  add("forebay_flights", "Shared fetches that can be joined now.", false, flights.flights());
  add("forebay_access_lines_dropped_total", "Access log lines dropped because the queue was full.", true,
      log.dropped_access_lines());
  return readings;
}

void add_readings(std::vector<observe::Reading>& readings, const tier::Cluster& cluster) {
  const auto add = [&](const char* name, const char* help, auto value) {
    readings.push_back({name, help, false, "", "", static_cast<double>(value)});
  };
  const auto& entries = cluster.entries();
  const auto& follower = cluster.follower();
  add("forebay_redis_log_position", "How far the shared invalidation log has been read.", entries.position());
  add("forebay_redis_log_unwritten", "Purges of this node that the shared log does not have yet.",
      entries.unwritten_count());
  add("forebay_redis_log_verified", "1 while it is known what other nodes have purged.",
      entries.has_begun() && !follower.is_cut_off() ? 1 : 0);
  add("forebay_redis_log_unverified_seconds", "How long nothing has been heard of the shared log.",
      std::chrono::duration<double>(follower.unverified()).count());
}

}  // namespace forebay::app
