#include "forebay/io/deadline.hpp"

#include <utility>

namespace forebay::io {

Deadline::Deadline(Sweep& sweep, std::function<void()> on_expiry)
    : sweep_(sweep), on_expiry_(std::move(on_expiry)) {
  sweep.deadlines_.push_back(*this);
}

void Deadline::arm(std::chrono::milliseconds from_now) noexcept {
  at_ = sweep_.now() + from_now;
  fired_ = false;
}

Sweep::Sweep(Executor executor, const Clock& clock) : clock_(clock), timer_(executor) {}

void Sweep::start() {
  stopped_ = false;
  schedule();
}

void Sweep::stop() {
  stopped_ = true;
  timer_.cancel();
}

void Sweep::schedule() {
  timer_.expires_after(kPeriod);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (ec || stopped_) return;
    expire_due();
    schedule();
  });
}

void Sweep::expire_due() {
  const auto now = clock_.steady_now();
  for (auto at = deadlines_.begin(); at != deadlines_.end();) {
    auto& deadline = *at++;
    if (deadline.at_ > now) continue;
    deadline.at_ = SteadyTime::max();
    deadline.fired_ = true;
    deadline.on_expiry_();
  }
}

}  // namespace forebay::io
