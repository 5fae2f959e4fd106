#include "miss_counts.hpp"

#include <algorithm>
#include <bit>

namespace forebay::tier {

MissCounts::MissCounts(std::size_t places) : places_(std::bit_ceil(std::max<std::size_t>(places, 1))) {}

std::uint32_t MissCounts::add(std::uint64_t name) noexcept {
  auto& at = place(name);
  const auto found = at.load(std::memory_order_relaxed);
  const bool is_its_own = (found >> kCountBits) == (mark(name) >> kCountBits);
  const auto count = std::min((is_its_own ? found & kMost : 0) + 1, kMost);
  at.store(mark(name) | count, std::memory_order_relaxed);
  return count;
}

void MissCounts::forget(std::uint64_t name) noexcept {
  auto& at = place(name);
  if ((at.load(std::memory_order_relaxed) >> kCountBits) == (mark(name) >> kCountBits))
    at.store(mark(name), std::memory_order_relaxed);
}

}  // namespace forebay::tier
