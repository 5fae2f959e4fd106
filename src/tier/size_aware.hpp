// What is small and often used stays (the family of GreedyDual-Size-Frequency: Cherkasova 1998), behind a
// small queue.
#pragma once

#include <array>
#include <bitset>

#include "eviction.hpp"
#include "newcomers.hpp"

namespace forebay::tier {

/// The main part is ordered by age + uses / weight^k; the least goes first, and its priority becomes the age:
/// so what is not used any more is overtaken in time. Uses since somebody was queued count when it comes to
/// be looked at, not before: a hit moves nothing.
///
/// The order is kept in lines of first come, first served, one for each quarter of a power of two of
/// uses / weight^k. Within a line the age alone decides, which only grows, so the least of all stands in
/// front of some line: one look along an array of the first ones' priorities, and no heap or tree.
class SizeAware final : public EvictionPolicy {
 public:
  SizeAware(std::uint64_t capacity, double k);
  ~SizeAware() override;

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
  static constexpr double kGhostReach = 0.9;  // the paper's: who comes back is weighed before it is taken in
  static constexpr std::size_t kLines = 128;
  static constexpr std::size_t kLinesPerOctave = 4;
  static constexpr int kTopOctave = 4;  // uses of 16, k of 0

  double value(unsigned uses, std::uint64_t weight) const noexcept;
  static std::uint8_t line_for(double value) noexcept;
  void queue(Ranked& ranked, unsigned uses) noexcept;
  void unqueue(Ranked& ranked) noexcept;
  void note_first(std::size_t line) noexcept;
  std::size_t least() const noexcept;
  bool has_lesser(double priority, std::uint64_t bytes) const noexcept;

  const double k_;
  Newcomers newcomers_;
  std::array<RankedList, kLines> lines_;  // the oldest in front
  std::array<double, kLines> firsts_;     // priorities of those in front; infinity for an empty line
  std::uint64_t main_bytes_ = 0;
  double age_ = 0;
  std::size_t low_ = kLines - 1, high_ = 0;  // the lines that have been in use
};

}  // namespace forebay::tier
