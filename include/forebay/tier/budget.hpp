// The memory budget: what is held, by kind, against one limit.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "forebay/cache/body.hpp"

namespace forebay::tier {

enum class ChargeKind : std::uint8_t {
  heads,        // heads, keys and variant keys of stored responses
  bodies,       // bodies and parts of bodies that the store, a fetch or a writer holds
  bookkeeping,  // slots and hash tables
  in_flight,    // room kept for the rest of bodies that are being received
  buffers,      // connections' buffers
};
inline constexpr std::size_t kChargeKinds = 5;
std::string_view name(ChargeKind kind) noexcept;

/// Thread-safe counters. A charge is taken before the memory is. Bodies keep their own charge: it ends with
/// their last holder, which after an eviction may be a slow client.
class Budget final : public cache::BodyAccount {
 public:
  explicit Budget(std::uint64_t limit) noexcept : limit_(limit) {}

  std::uint64_t limit() const noexcept { return limit_.load(std::memory_order_relaxed); }
  void set_limit(std::uint64_t bytes) noexcept { limit_.store(bytes, std::memory_order_relaxed); }
  std::uint64_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  std::uint64_t used(ChargeKind kind) const noexcept {
    return by_kind_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
  }
  bool has_room_for(std::uint64_t bytes) const noexcept { return fits(used(), bytes); }

  /// Of so many bytes those that do not fit.
  std::uint64_t missing_for(std::uint64_t bytes) const noexcept {
    const auto wanted = used() + bytes;
    return wanted > limit() ? wanted - limit() : 0;
  }

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
  void charge_body(std::uint64_t bytes) noexcept override { charge(ChargeKind::bodies, bytes); }
  void release_body(std::uint64_t bytes) noexcept override { release(ChargeKind::bodies, bytes); }

 private:
  bool fits(std::uint64_t used, std::uint64_t bytes) const noexcept {
    const auto most = limit();
    return used <= most && bytes <= most - used;
  }

  std::atomic<std::uint64_t> limit_;
  std::atomic<std::uint64_t> used_{0};
  std::array<std::atomic<std::uint64_t>, kChargeKinds> by_kind_{};
};

/// Bytes charged as long as this lives. The budget outlives it.
class Reservation {
 public:
  explicit Reservation(Budget& budget, ChargeKind kind = ChargeKind::in_flight) noexcept
      : budget_(budget), kind_(kind) {}
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { release(); }

  /// Adds whether it fits or not: for what is held in any case.
  void add(std::uint64_t bytes) noexcept {
    budget_.charge(kind_, bytes);
    bytes_ += bytes;
  }
  /// Adds only what fits; see MemoryTier::reserve for making it fit.
  bool try_add(std::uint64_t bytes) noexcept {
    if (!budget_.try_charge(kind_, bytes)) return false;
    bytes_ += bytes;
    return true;
  }
  /// So much of what is reserved is kept as `kind`, and no longer this reservation's to release.
  void turn_into(ChargeKind kind, std::uint64_t bytes) noexcept {
    budget_.reclassify(kind_, kind, bytes);
    bytes_ -= bytes;
  }
  /// Gives so much back, at most what there is: it has been charged otherwise.
  void give_back(std::uint64_t bytes) noexcept {
    const auto given = std::min(bytes, bytes_);
    budget_.release(kind_, given);
    bytes_ -= given;
  }
  void release() noexcept { give_back(bytes_); }

 private:
  Budget& budget_;
  const ChargeKind kind_;
  std::uint64_t bytes_ = 0;
};

}  // namespace forebay::tier
