#include "forebay/upstream/refresh_budget.hpp"

#include <chrono>

namespace forebay::upstream {

std::optional<RefreshBudget::Permit> RefreshBudget::take(SteadyTime now) noexcept {
  if (under_way_.fetch_add(1, std::memory_order_relaxed) < at_once_ && take_from_this_second(now))
    return std::optional<Permit>(std::in_place, *this);
  under_way_.fetch_sub(1, std::memory_order_relaxed);
  return std::nullopt;
}

bool RefreshBudget::take_from_this_second(SteadyTime now) noexcept {
  constexpr std::uint64_t kCount = 0xffff'ffff;
  const auto second = static_cast<std::uint64_t>(std::chrono::floor<seconds>(now.time_since_epoch()).count())
                      << 32;
  auto seen = second_.load(std::memory_order_relaxed);
  for (;;) {
    const auto begun = (seen & ~kCount) == second ? seen & kCount : 0;
    if (begun >= per_second_) return false;
    if (second_.compare_exchange_weak(seen, second | (begun + 1), std::memory_order_relaxed)) return true;
  }
}

}  // namespace forebay::upstream
