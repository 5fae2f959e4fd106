// How many refreshes nobody waits for an upstream is asked for: at once, and per second.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "forebay/base/clock.hpp"

namespace forebay::upstream {

/// Thread-safe; shared by all workers. Never waits: what is over the budget is not done.
class RefreshBudget {
 public:
  /// One refresh under way; its end is the permit's destruction. The budget outlives it.
  class Permit {
   public:
    Permit() = default;
    explicit Permit(RefreshBudget& budget) noexcept : budget_(&budget) {}
    Permit(Permit&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(budget_, other.budget_);
      return *this;
    }
    ~Permit() {
      if (budget_) budget_->under_way_.fetch_sub(1, std::memory_order_relaxed);
    }

   private:
    RefreshBudget* budget_ = nullptr;
  };

  /// Zero allows none.
  RefreshBudget(std::uint32_t at_once, std::uint32_t per_second) noexcept
      : at_once_(at_once), per_second_(per_second) {}

  /// Nothing when so many are under way, or have begun within this second of the clock, as may.
  std::optional<Permit> take(SteadyTime now) noexcept;

 private:
  bool take_from_this_second(SteadyTime now) noexcept;

  const std::uint32_t at_once_;
  const std::uint32_t per_second_;
  std::atomic<std::uint32_t> under_way_{0};
  /// The second that is counted, above, and how many have begun in it, below.
  std::atomic<std::uint64_t> second_{0};
};

}  // namespace forebay::upstream
