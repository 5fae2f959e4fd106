#include "expiry_lines.hpp"

#include <algorithm>
#include <bit>

namespace forebay::tier {
namespace {

std::uint64_t seconds_of(milliseconds time) noexcept {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(std::chrono::floor<seconds>(time).count(), 0));
}

/// Twice the octave, and one more in its upper half.
std::uint8_t line_for(std::uint64_t useful_s) noexcept {
  const auto bits = std::bit_width(std::min<std::uint64_t>(useful_s, UINT32_MAX >> 1U));
  const bool is_upper_half = bits > 1 && (useful_s >> (bits - 2) & 1U) != 0;
  return static_cast<std::uint8_t>(2 * bits + (is_upper_half ? 1 : 0));
}

}  // namespace

ExpiryLines::~ExpiryLines() {
  for (auto& line : lines_) line.clear();
}

void ExpiryLines::add(Expiring& added, WallTime now, milliseconds useful) noexcept {
  const auto end = seconds_of(now.time_since_epoch()) + seconds_of(useful);
  added.expires_s = static_cast<std::uint32_t>(std::min<std::uint64_t>(end, kNever));
  added.expiry_line = added.expires_s == kNever ? kLines - 1 : line_for(seconds_of(useful));
  lines_[added.expiry_line].push_back(added);
  note_first(added.expiry_line);
}

void ExpiryLines::remove(Expiring& removed) noexcept {
  lines_[removed.expiry_line].erase(List::s_iterator_to(removed));
  note_first(removed.expiry_line);
}

Expiring* ExpiryLines::expired(WallTime now) noexcept {
  const auto now_s = seconds_of(now.time_since_epoch());
  if (soonest_ >= now_s) return nullptr;
  const auto first = std::min_element(firsts_.begin(), firsts_.end());
  soonest_ = *first;
  if (soonest_ == kNever || soonest_ >= now_s) return nullptr;
  return &lines_[static_cast<std::size_t>(first - firsts_.begin())].front();
}

void ExpiryLines::note_first(std::size_t line) noexcept {
  firsts_[line] = lines_[line].empty() ? kNever : lines_[line].front().expires_s;
  soonest_ = std::min(soonest_, firsts_[line]);
}

}  // namespace forebay::tier
