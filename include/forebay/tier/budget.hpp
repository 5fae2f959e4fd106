// The memory budget: what is held, by kind, against one limit.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace forebay::tier {

enum class ChargeKind : std::uint8_t {
  heads,        // heads, keys and variant keys of stored responses
  bodies,       // stored bodies
  bookkeeping,  // slots and hash tables
  in_flight,    // bodies being received
};
inline constexpr std::size_t kChargeKinds = 4;
std::string_view name(ChargeKind kind) noexcept;

/// Thread-safe counters. A charge is taken before the memory is.
class Budget {
 public:
  explicit Budget(std::uint64_t limit) noexcept : limit_(limit) {}

  std::uint64_t limit() const noexcept { return limit_.load(std::memory_order_relaxed); }
  void set_limit(std::uint64_t bytes) noexcept { limit_.store(bytes, std::memory_order_relaxed); }
  std::uint64_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  std::uint64_t used(ChargeKind kind) const noexcept {
    return by_kind_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
  }
  bool has_room_for(std::uint64_t bytes) const noexcept { return fits(used(), bytes); }

  /// Charges what still fits; false: it does not, and nothing was charged. Of several threads that want the
  /// last room one gets it.
  bool try_charge(ChargeKind kind, std::uint64_t bytes) noexcept {
    auto used = used_.load(std::memory_order_relaxed);
    do {
      if (!fits(used, bytes)) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    by_kind_[static_cast<std::size_t>(kind)].fetch_add(bytes, std::memory_order_relaxed);
    return true;
  }
  /// What is held stays held, as something else.
  void reclassify(ChargeKind from, ChargeKind to, std::uint64_t bytes) noexcept {
    by_kind_[static_cast<std::size_t>(from)].fetch_sub(bytes, std::memory_order_relaxed);
    by_kind_[static_cast<std::size_t>(to)].fetch_add(bytes, std::memory_order_relaxed);
  }
  /// Charges whether it fits or not: for what is held in any case.
  void charge(ChargeKind kind, std::uint64_t bytes) noexcept {
    by_kind_[static_cast<std::size_t>(kind)].fetch_add(bytes, std::memory_order_relaxed);
    used_.fetch_add(bytes, std::memory_order_relaxed);
  }
  void release(ChargeKind kind, std::uint64_t bytes) noexcept {
    by_kind_[static_cast<std::size_t>(kind)].fetch_sub(bytes, std::memory_order_relaxed);
    used_.fetch_sub(bytes, std::memory_order_relaxed);
  }

 private:
  bool fits(std::uint64_t used, std::uint64_t bytes) const noexcept {
    const auto most = limit();
    return used <= most && bytes <= most - used;
  }

  std::atomic<std::uint64_t> limit_;
  std::atomic<std::uint64_t> used_{0};
  std::array<std::atomic<std::uint64_t>, kChargeKinds> by_kind_{};
};

/// Bytes of a body that is being received, charged as long as this lives. Movable; the budget outlives it.
class Reservation {
 public:
  Reservation() = default;
  explicit Reservation(Budget& budget) noexcept : budget_(&budget) {}
  Reservation(Reservation&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Reservation& operator=(Reservation&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Reservation() { release(); }

  void add(std::uint64_t bytes) noexcept {
    budget_->charge(ChargeKind::in_flight, bytes);
    bytes_ += bytes;
  }
  /// Adds only what fits; see MemoryTier::reserve for making it fit.
  bool try_add(std::uint64_t bytes) noexcept {
    if (!budget_->try_charge(ChargeKind::in_flight, bytes)) return false;
    bytes_ += bytes;
    return true;
  }
  /// So much of what is reserved is kept as `kind`, and no longer this reservation's to release.
  void turn_into(ChargeKind kind, std::uint64_t bytes) noexcept {
    budget_->reclassify(ChargeKind::in_flight, kind, bytes);
    bytes_ -= bytes;
  }
  /// Makes the charge exactly this, whether it fits or not: for what is held in any case.
  void set(std::uint64_t bytes) noexcept {
    if (bytes > bytes_) return add(bytes - bytes_);
    budget_->release(ChargeKind::in_flight, bytes_ - bytes);
    bytes_ = bytes;
  }
  void release() noexcept {
    if (budget_ && bytes_ > 0) budget_->release(ChargeKind::in_flight, std::exchange(bytes_, 0));
  }

 private:
  Budget* budget_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace forebay::tier
