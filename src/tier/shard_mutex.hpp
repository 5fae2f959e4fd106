// A shard's lock: many may look at the same time, one may change things. It counts who had to wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <shared_mutex>

namespace forebay::tier {

/// A SharedMutex, as the standard calls it.
class ShardMutex {
 public:
  void lock() {
    if (mutex_.try_lock()) return;
    waits_.fetch_add(1, std::memory_order_relaxed);
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }
  void lock_shared() {
    if (mutex_.try_lock_shared()) return;
    waits_.fetch_add(1, std::memory_order_relaxed);
    mutex_.lock_shared();
  }
  void unlock_shared() { mutex_.unlock_shared(); }

  std::uint64_t waits() const noexcept { return waits_.load(std::memory_order_relaxed); }

 private:
  std::shared_mutex mutex_;
  std::atomic<std::uint64_t> waits_{0};
};

}  // namespace forebay::tier
