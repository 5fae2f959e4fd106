// A shard's lock: many may look at the same time, one may change things. It counts how often it was not free.
#pragma once

#include <atomic>
#include <cstdint>
#include <shared_mutex>

namespace forebay::tier {

/// A SharedMutex, as the standard calls it. Shards are mostly held for less than a microsecond, and being put
/// to sleep and woken again takes ten times as long: so who finds one taken tries a few times more before
/// that.
class ShardMutex {
 public:
  void lock() {
    if (!mutex_.try_lock() && !is_soon_got([&] { return mutex_.try_lock(); })) mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }
  void lock_shared() {
    if (!mutex_.try_lock_shared() && !is_soon_got([&] { return mutex_.try_lock_shared(); }))
      mutex_.lock_shared();
  }
  void unlock_shared() { mutex_.unlock_shared(); }

  /// How often it was not free at once.
  std::uint64_t waits() const noexcept { return waits_.load(std::memory_order_relaxed); }

 private:
  static constexpr int kAttempts = 100;  // some microseconds

  template <class Attempt>
  bool is_soon_got(Attempt attempt) {
    waits_.fetch_add(1, std::memory_order_relaxed);
    for (int i = 0; i < kAttempts; ++i) {
      relax();
      if (attempt()) return true;
    }
    return false;
  }
  /// Leaves the core to its other hardware thread for a moment, where there is such a thing.
  static void relax() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  std::shared_mutex mutex_;
  std::atomic<std::uint64_t> waits_{0};
};

}  // namespace forebay::tier
