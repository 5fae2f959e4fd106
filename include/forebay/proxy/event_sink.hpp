// Where events end, whatever way they came.
#pragma once

#include <array>
#include <atomic>
#include <boost/json/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/base/result.hpp"
#include "forebay/cache/kept_times.hpp"
#include "forebay/tier/memory_tier.hpp"

namespace forebay::proxy {

struct Snapshot;

/// What became of an event; the label of forebay_events_total.
enum class EventOutcome : std::uint8_t {
  purged,     // what its rule says
  ignored,    // there is no rule for its type
  malformed,  // it could not be understood, and nothing was done
};
inline constexpr std::size_t kEventOutcomes = 3;
std::string_view name(EventOutcome outcome) noexcept;

struct EventTaken {
  std::string type;
  bool has_rule = false;
  std::size_t purges = 0;        // that its rule's templates make
  cache::Position position = 0;  // of the log, with these in it
};
using EventResult = Result<EventTaken>;

/// Thread-safe. The tier outlives it.
class EventSink {
 public:
  explicit EventSink(tier::MemoryTier& memory) noexcept : memory_(memory) {}

  /// Purges what the event says, all of it or, when it cannot be understood, nothing: then it fails with
  /// invalid_value. Does not wait for a walk.
  EventResult take(const boost::json::value& event, const Snapshot& snapshot, WallTime now);
  /// The same for a JSON text with an event or a list of them, from whoever cannot be answered: each has a
  /// result, and one that is malformed does not stop the next. Text that cannot be read, or is more than
  /// kMaxText or kMaxEvents, has one result for all.
  std::vector<EventResult> take_text(std::string_view text, const Snapshot& snapshot, WallTime now);
  /// Counts an event that did not even come to be a text.
  std::vector<EventResult> refuse(Error error);
  static constexpr std::size_t kMaxText = std::size_t{64} * 1024;
  static constexpr std::size_t kMaxEvents = 1000;

  std::uint64_t count(EventOutcome outcome) const noexcept {
    return counts_[static_cast<std::size_t>(outcome)].load(std::memory_order_relaxed);
  }

 private:
  void note(EventOutcome outcome) noexcept {
    counts_[static_cast<std::size_t>(outcome)].fetch_add(1, std::memory_order_relaxed);
  }

  tier::MemoryTier& memory_;
  std::array<std::atomic<std::uint64_t>, kEventOutcomes> counts_{};
};

}  // namespace forebay::proxy
