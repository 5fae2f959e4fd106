// How many requests one server may have under way, over all workers, and who waits for a place.
//
// Model: a count and a FIFO queue behind one mutex, held for pointer work only. A place that becomes free
// while somebody waits is handed to the first waiter: the count stays, the waiter is marked and woken by a
// post to its own executor. Whoever comes later cannot overtake. A waiter that leaves with a place it no
// longer wants hands it on.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "forebay/base/result.hpp"
#include "forebay/io/asio.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/signal.hpp"
#include "forebay/observe/metrics.hpp"

namespace forebay::upstream {

/// Thread-safe. Outlives its permits and waiters.
class Quota {
 public:
  /// One place; given back on destruction, on any thread.
  class Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept : quota_(std::exchange(other.quota_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      if (this != &other) {
        reset();
        quota_ = std::exchange(other.quota_, nullptr);
      }
      return *this;
    }
    ~Permit() { reset(); }

    void reset() noexcept {
      if (auto* quota = std::exchange(quota_, nullptr)) quota->release();
    }
    explicit operator bool() const noexcept { return quota_ != nullptr; }

   private:
    friend class Quota;
    explicit Permit(Quota& quota) noexcept : quota_(&quota) {}
    Quota* quota_ = nullptr;
  };

  /// How a waiter waits.
  struct Waiting {
    io::Executor executor;
    std::chrono::milliseconds limit;
    io::Cancel* cancel = nullptr;       // may be nothing
    observe::Gauge* counted = nullptr;  // goes up while waiting; may be nothing
  };

  /// `limit` 0: unlimited.
  Quota(std::uint32_t limit, std::uint32_t max_waiting) : limit_(limit), max_waiting_(max_waiting) {}

  /// A place without waiting; nothing when there is none or somebody waits already.
  std::optional<Permit> try_acquire();
  /// Completes with a place on the waiter's executor. Fails with queue_full at once, with queue_timeout after
  /// the limit or with cancelled; no detail. Leaves nothing behind when it fails.
  io::Awaitable<Result<Permit>> acquire(Waiting waiting);

  std::uint32_t in_use() const;
  std::uint32_t waiting() const;

 private:
  /// One entry of the queue; lives in the waiting coroutine's frame.
  struct Waiter : boost::intrusive::list_base_hook<> {
    enum class Place : std::uint8_t { none, queued, granted };
    explicit Waiter(Quota& owner) : quota(owner) {}
    ~Waiter() { quota.leave(*this); }

    Quota& quota;
    std::shared_ptr<io::Signal> signal;
    Place place = Place::none;  // guarded by the quota's mutex
  };

  Waiter::Place enter(Waiter& waiter);
  bool take_grant(Waiter& waiter);
  void leave(Waiter& waiter) noexcept;
  void release() noexcept;
  bool has_free_place() const noexcept { return limit_ == 0 || in_use_ < limit_; }

  const std::uint32_t limit_;
  const std::uint32_t max_waiting_;
  mutable std::mutex mutex_;
  std::uint32_t in_use_ = 0;              // guarded by mutex_
  boost::intrusive::list<Waiter> queue_;  // guarded by mutex_
};

}  // namespace forebay::upstream
