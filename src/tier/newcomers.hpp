// What `balanced` and `size_aware` have in common (S3-FIFO: Yang, Zhang, Qiu, Yue, Vigfusson, "FIFO queues
// are all you need for cache eviction", SOSP 2023): whatever is new stands in a small queue first, and only
// what is used there, or is asked for again soon after it has left, gets any further.
#pragma once

#include <cstdint>

#include "ghost.hpp"
#include "ranked.hpp"

namespace forebay::tier {

/// Not thread-safe.
class Newcomers {
 public:
  Newcomers(std::uint64_t capacity, double ghost_reach) : ghost_(capacity, ghost_reach) { resize(capacity); }
  ~Newcomers() { queue_.clear(); }
  Newcomers(const Newcomers&) = delete;
  Newcomers& operator=(const Newcomers&) = delete;

  /// The gate: what is larger than the small queue would empty it, so it is taken in when it has been missed
  /// before. A refusal is remembered; whoever is let in is, too, until it is there.
  bool pass(std::uint64_t name, std::uint64_t weight) noexcept;
  /// Whether somebody with this name left lately: once.
  bool recall(std::uint64_t name) noexcept { return ghost_.recall(name); }
  bool knows(std::uint64_t name) const noexcept { return ghost_.knows(name); }
  void remember(const Ranked& gone, std::uint64_t name) noexcept { ghost_.remember(name, gone.weight()); }
  void remember(std::uint64_t name, std::uint64_t weight) noexcept { ghost_.remember(name, weight); }

  void add(Ranked& added) noexcept;
  void remove(Ranked& ranked) noexcept;
  void replace(Ranked& old, Ranked& fresh) noexcept;
  void reweigh(Ranked& ranked, std::uint64_t weight) noexcept;
  /// To the end of the queue.
  void put_back(Ranked& ranked) noexcept;

  bool is_empty() const noexcept { return queue_.empty(); }
  /// Who stands there for longest; there is somebody.
  Ranked& first() noexcept { return queue_.front(); }
  /// True if they take more than their share of all that there is.
  bool exceed_share(std::uint64_t others) const noexcept { return excess(others) > 0; }
  std::uint64_t excess(std::uint64_t others) const noexcept {
    const auto share = static_cast<std::uint64_t>(kShare * static_cast<double>(bytes_ + others));
    return bytes_ > share ? bytes_ - share : 0;
  }

  void resize(std::uint64_t capacity) noexcept;
  std::uint64_t table_bytes() const noexcept { return ghost_.table_bytes(); }

  static constexpr double kShare = 0.1;  // S3-FIFO's
  /// The `line` of who stands here.
  static constexpr std::uint8_t kLine = 255;

 private:
  RankedList queue_;  // the oldest in front
  std::uint64_t bytes_ = 0;
  std::uint64_t gate_ = 0;
  Ghost ghost_;
};

}  // namespace forebay::tier
