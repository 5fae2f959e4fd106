// What an eviction policy keeps of a stored response.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/intrusive/list.hpp>
#include <cstdint>

namespace forebay::tier {

namespace bi = boost::intrusive;

/// Stands in one of its policy's lists. Only use() may be called by several threads at once, and by nobody
/// while a policy looks at it.
struct Ranked : bi::list_base_hook<bi::link_mode<bi::normal_link>> {
  /// More uses than these make no difference to any policy.
  static constexpr std::uint8_t kMaxUses = 15;

  Ranked() = default;
  explicit Ranked(std::uint64_t weight_bytes) { set_weight(weight_bytes); }

  /// What a hit costs: one relaxed load and, until the counter is full, one store. Of hits at the same moment
  /// one may be lost.
  void use() noexcept {
    const auto n = uses.load(std::memory_order_relaxed);
    if (n < kMaxUses) uses.store(static_cast<std::uint8_t>(n + 1), std::memory_order_relaxed);
  }
  std::uint8_t used() const noexcept { return uses.load(std::memory_order_relaxed); }
  void set_used(std::uint8_t n) noexcept { uses.store(n, std::memory_order_relaxed); }

  /// Bytes that it is charged, body and all, rounded up to kUnit.
  std::uint64_t weight() const noexcept { return std::uint64_t{units} * kUnit; }
  void set_weight(std::uint64_t bytes) noexcept {
    units = static_cast<std::uint32_t>(std::min<std::uint64_t>((bytes + kUnit - 1) / kUnit, UINT32_MAX));
  }
  static constexpr std::uint64_t kUnit = 16;

  double priority = 0;  // size_aware's
  std::uint32_t units = 0;
  std::atomic<std::uint8_t> uses{0};  // since a policy looked last
  std::uint8_t line = 0;              // which of the policy's lists it stands in
  std::uint8_t frequency = 0;         // size_aware's: uses it knows of
};

using RankedList = bi::list<Ranked, bi::constant_time_size<false>>;

}  // namespace forebay::tier
