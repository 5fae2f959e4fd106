// S3-FIFO by bytes, with a gate for what is large.
#pragma once

#include "eviction.hpp"
#include "newcomers.hpp"

namespace forebay::tier {

/// A small queue for newcomers, a main queue in which whoever is used gets another round, a ghost. Two things
/// differ from the paper: everything counts by bytes, and uses count up to Ranked::kMaxUses instead of 3,
/// which did better wherever some are asked for very often (docs/benchmarks.md).
class Balanced final : public EvictionPolicy {
 public:
  explicit Balanced(std::uint64_t capacity) : newcomers_(capacity, kGhostReach) {}
  ~Balanced() override { main_.clear(); }

  bool admits(std::uint64_t name, std::uint64_t weight, std::uint64_t missing) noexcept override;
  void inserted(Ranked& added, std::uint64_t name) noexcept override;
  void replaced(Ranked& old, Ranked& fresh) noexcept override;
  void reweighed(Ranked& ranked, std::uint64_t weight) noexcept override;
  void removed(Ranked& ranked) noexcept override;
  Ranked* victim() noexcept override;
  void evicting(Ranked& victim, std::uint64_t name) noexcept override;
  void expiring(Ranked& ranked, std::uint64_t name) noexcept override { newcomers_.remember(ranked, name); }
  void spared(Ranked& victim) noexcept override;
  void used(Ranked&) noexcept override {}
  void resize(std::uint64_t capacity) noexcept override { newcomers_.resize(capacity); }
  std::uint64_t table_bytes() const noexcept override { return sizeof(*this) + newcomers_.table_bytes(); }

 private:
  /// Of the capacity. The paper's ghost has as many names as the main queue, which is 0.9 by bytes; less did
  /// better where bodies differ in size.
  static constexpr double kGhostReach = 0.5;
  static constexpr std::uint8_t kMain = 0;  // a `line`
  void add_to_main(Ranked& added) noexcept;
  bool newcomers_go_first() const noexcept;

  Newcomers newcomers_;
  RankedList main_;  // the oldest in front
  std::uint64_t main_bytes_ = 0;
};

}  // namespace forebay::tier
