// Leaving a node alone that does not answer, and finding out when it does again. Pure: time and chance are
// parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/tier/settings.hpp"

namespace forebay::tier {

enum class BreakerState : std::uint8_t {
  closed,     // calls pass
  open,       // nothing passes until the pause is over
  half_open,  // one probe after the other passes
};
/// The stable name: "half_open".
std::string_view name(BreakerState state) noexcept;

/// Not thread-safe. Opens when enough of the last calls failed or were slow, or at once when trip() says so.
/// Then probes are allowed, one at a time; when enough have succeeded it closes, and a failure opens it again
/// for up to twice as long. Pauses are drawn between half and all of that, so that many who saw the same
/// failure do not come back together. One that has just closed and opens again goes on with the pauses where
/// it was.
///
/// What is allowed carries a ticket; a verdict with the ticket of an earlier state counts no more.
class Breaker {
 public:
  explicit Breaker(const BreakerSettings& settings) noexcept;

  using Ticket = std::uint64_t;
  /// For a call: only while closed.
  std::optional<Ticket> admit() const noexcept;
  /// For a probe: once the pause is over, if no other is under way. Has to be followed by one of the
  /// verdicts.
  std::optional<Ticket> admit_probe(SteadyTime now) noexcept;

  void succeeded(Ticket ticket, milliseconds took, SteadyTime now, double chance) noexcept;
  /// It ended without telling anything.
  void forget(Ticket ticket) noexcept;
  /// `chance` is from [0, 1).
  void failed(Ticket ticket, SteadyTime now, double chance) noexcept;
  /// The node cannot be reached at all: opens whatever the window says.
  void trip(SteadyTime now, double chance) noexcept;

  BreakerState state() const noexcept { return state_; }
  /// When the pause ends; meaningful while open.
  SteadyTime probe_at() const noexcept { return probe_at_; }

 private:
  void note(bool bad, SteadyTime now, double chance) noexcept;
  void enter(BreakerState state) noexcept;

  BreakerSettings settings_;
  BreakerState state_ = BreakerState::closed;
  Ticket generation_ = 1;     // changes with the state
  std::uint64_t recent_ = 0;  // the last calls, one bit each, set for a bad one; the newest is the lowest
  std::uint32_t good_probes_ = 0;
  bool probing_ = false;
  milliseconds pause_{0};  // the longest that the current pause could be
  SteadyTime probe_at_{};
  SteadyTime closed_at_{};
};

}  // namespace forebay::tier
