// Settings of collapsed forwarding.
#pragma once

#include <chrono>
#include <cstdint>

namespace forebay::flight {

struct FlightSettings {
  std::uint32_t max_waiters = 10'000;          // followers of one flight; more pass
  std::chrono::milliseconds max_wait{10'000};  // longest wait for a flight's verdict, then pass
  std::chrono::milliseconds uncacheable_memo{
      60'000};  // a key found unstorable is not collapsed for this long

  friend bool operator==(const FlightSettings&, const FlightSettings&) = default;
};

}  // namespace forebay::flight
