#include "forebay/tier/breaker.hpp"

#include <algorithm>
#include <bit>

namespace forebay::tier {
namespace {

constexpr std::uint32_t kMaxWindow = 64;

constexpr std::uint64_t lowest_bits(std::uint32_t count) noexcept {
  return count >= kMaxWindow ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

}  // namespace

std::string_view name(BreakerState state) noexcept {
  switch (state) {
    case BreakerState::closed: return "closed";
    case BreakerState::open: return "open";
    case BreakerState::half_open: return "half_open";
  }
  return "unknown";
}

Breaker::Breaker(const BreakerSettings& settings) noexcept : settings_(settings) {}

std::optional<Breaker::Ticket> Breaker::admit() const noexcept {
  if (state_ != BreakerState::closed) return std::nullopt;
  return generation_;
}

std::optional<Breaker::Ticket> Breaker::admit_probe(SteadyTime now) noexcept {
  if (state_ == BreakerState::closed || probing_) return std::nullopt;
  if (state_ == BreakerState::open) {
    if (now < probe_at_) return std::nullopt;
    enter(BreakerState::half_open);
    good_probes_ = 0;
  }
  probing_ = true;
  return generation_;
}

void Breaker::succeeded(Ticket ticket, milliseconds took, SteadyTime now, double chance) noexcept {
  if (took >= settings_.slow) return failed(ticket, now, chance);
  if (ticket != generation_) return;
  if (state_ == BreakerState::closed) return note(false, now, chance);
  probing_ = false;
  if (++good_probes_ < settings_.probes) return;
  enter(BreakerState::closed);
  recent_ = 0;
  closed_at_ = now;
}

void Breaker::failed(Ticket ticket, SteadyTime now, double chance) noexcept {
  if (ticket != generation_) return;
  if (state_ == BreakerState::closed) return note(true, now, chance);
  trip(now, chance);
}

void Breaker::forget(Ticket ticket) noexcept {
  if (ticket == generation_) probing_ = false;
}

void Breaker::note(bool bad, SteadyTime now, double chance) noexcept {
  recent_ = (recent_ << 1 | (bad ? 1U : 0U)) & lowest_bits(settings_.window);
  if (static_cast<std::uint32_t>(std::popcount(recent_)) >= std::max(1U, settings_.failures))
    trip(now, chance);
}

void Breaker::trip(SteadyTime now, double chance) noexcept {
  if (state_ == BreakerState::open) return;
  // a node that has been well for a while begins anew
  const bool relapsed = state_ == BreakerState::half_open || now - closed_at_ < settings_.max_pause;
  pause_ = relapsed && pause_ > milliseconds(0) ? std::min(pause_ * 2, settings_.max_pause)
                                                : std::min(settings_.min_pause, settings_.max_pause);
  const auto drawn = static_cast<double>(pause_.count()) * (0.5 + chance / 2);
  probe_at_ = now + milliseconds(static_cast<milliseconds::rep>(drawn));
  probing_ = false;
  enter(BreakerState::open);
}

void Breaker::enter(BreakerState state) noexcept {
  state_ = state;
  ++generation_;
}

}  // namespace forebay::tier
