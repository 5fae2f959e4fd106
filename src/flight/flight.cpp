#include "forebay/flight/flight.hpp"

#include <algorithm>
#include <utility>

namespace forebay::flight {

void Flight::decide(Verdict verdict) {
  std::vector<std::shared_ptr<io::Signal>> waiters;
  {
    const std::lock_guard lock(mutex_);
    if (verdict_.outcome != Outcome::pending) return;
    verdict_ = std::move(verdict);
    waiters = std::move(waiters_);
    waiters_.clear();
  }
  for (const auto& waiter : waiters) waiter->notify();
}

Verdict Flight::verdict() const {
  const std::lock_guard lock(mutex_);
  return verdict_;
}

bool Flight::add_waiter(const std::shared_ptr<io::Signal>& signal, std::uint32_t limit) {
  const std::lock_guard lock(mutex_);
  if (verdict_.outcome != Outcome::pending) {
    signal->notify();
    return true;
  }
  if (waiters_.size() >= limit) return false;
  waiters_.push_back(signal);
  return true;
}

bool Flight::has_waiters() const {
  const std::lock_guard lock(mutex_);
  return !waiters_.empty();
}

void Flight::remove_waiter(const std::shared_ptr<io::Signal>& signal) {
  const std::lock_guard lock(mutex_);
  const auto at = std::find(waiters_.begin(), waiters_.end(), signal);
  if (at == waiters_.end()) return;
  std::swap(*at, waiters_.back());
  waiters_.pop_back();
}

}  // namespace forebay::flight
