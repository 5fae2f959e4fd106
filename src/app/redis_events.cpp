#include "redis_events.hpp"

#include <utility>

namespace forebay::app {
namespace {

/// Whoever sends nonsense may send a lot of it.
constexpr std::chrono::seconds kBetweenLines{10};

}  // namespace

RedisEvents::RedisEvents(tier::Cluster& cluster, const tier::RedisEventSettings& settings,
                         proxy::EventSink& sink, CurrentSnapshot snapshot, const Clock& clock,
                         observe::Log& log)
    : sink_(sink),
      snapshot_(std::move(snapshot)),
      clock_(clock),
      malformed_(log, observe::Level::warning, kBetweenLines),
      feed_(cluster, settings, [this](const auto& where, const auto& text) { take(where, text); }) {}

void RedisEvents::take(const std::string& where, const Result<std::string_view>& text) {
  const auto now = clock_.now();
  for (const auto& result : text ? sink_.take_text(*text, *snapshot_(), now) : sink_.refuse(text.error()))
    if (!result) malformed_.write("events: " + where + ": " + result.error().detail, clock_.steady_now());
}

}  // namespace forebay::app
