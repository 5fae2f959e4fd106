#include "upstream/quota.hpp"

namespace forebay::upstream {
namespace {

/// Counts one waiter for as long as it lives.
class Counted {
 public:
  explicit Counted(observe::Gauge* gauge) : gauge_(gauge) { add(1); }
  ~Counted() { add(-1); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  void add(std::int64_t n) noexcept {
    if (gauge_) gauge_->add(n);
  }
  observe::Gauge* gauge_;
};

}  // namespace

std::optional<Quota::Permit> Quota::try_acquire() {
  const std::lock_guard lock(mutex_);
  if (!has_free_place() || !queue_.empty()) return std::nullopt;
  ++in_use_;
  return Permit(*this);
}

io::Awaitable<Result<Quota::Permit>> Quota::acquire(Waiting waiting) {
  if (auto permit = try_acquire()) co_return std::move(*permit);

  Waiter waiter(*this);
  waiter.signal = io::Signal::make(waiting.executor);
  const auto place = enter(waiter);
  if (place == Waiter::Place::none) co_return fail(ErrorKind::queue_full);
  if (place == Waiter::Place::queued) {
    const Counted counted(waiting.counted);
    const io::OnCancel wake(waiting.cancel, [signal = waiter.signal] { signal->notify(); });
    if (!wake.requested()) co_await waiter.signal->wait(waiting.limit);
    if (wake.requested()) co_return fail(ErrorKind::cancelled);
  }
  if (!take_grant(waiter)) co_return fail(ErrorKind::queue_timeout);
  co_return Permit(*this);
}

Quota::Waiter::Place Quota::enter(Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  if (has_free_place() && queue_.empty()) {
    ++in_use_;
    waiter.place = Waiter::Place::granted;
  } else if (queue_.size() < max_waiting_) {
    queue_.push_back(waiter);
    waiter.place = Waiter::Place::queued;
  }
  return waiter.place;
}

bool Quota::take_grant(Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  if (waiter.place != Waiter::Place::granted) return false;
  waiter.place = Waiter::Place::none;
  return true;
}

void Quota::leave(Waiter& waiter) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const auto place = std::exchange(waiter.place, Waiter::Place::none);
    if (place == Waiter::Place::queued) queue_.erase(queue_.iterator_to(waiter));
    if (place != Waiter::Place::granted) return;
  }
  release();  // granted, but not wanted any more
}

void Quota::release() noexcept {
  std::shared_ptr<io::Signal> wake;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) {
      --in_use_;
      return;
    }
    auto& first = queue_.front();
    queue_.pop_front();
    first.place = Waiter::Place::granted;
    wake = first.signal;
  }
  wake->notify();
}

std::uint32_t Quota::in_use() const {
  const std::lock_guard lock(mutex_);
  return in_use_;
}

std::uint32_t Quota::waiting() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(queue_.size());
}

}  // namespace forebay::upstream
