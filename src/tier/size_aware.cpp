#include "size_aware.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace forebay::tier {
namespace {

constexpr double kNobody = std::numeric_limits<double>::infinity();

}  // namespace

SizeAware::SizeAware(std::uint64_t capacity, double k) : k_(k), newcomers_(capacity, kGhostReach) {
  firsts_.fill(kNobody);
}

SizeAware::~SizeAware() {
  for (auto& line : lines_) line.clear();
}

double SizeAware::value(unsigned uses, std::uint64_t weight) const noexcept {
  return uses * std::pow(static_cast<double>(std::max<std::uint64_t>(weight, 1)), -k_);
}

std::uint8_t SizeAware::line_for(double value) noexcept {
  const auto below_top = (kTopOctave - std::log2(value)) * kLinesPerOctave;
  return static_cast<std::uint8_t>(kLines - 1 -
                                   static_cast<std::size_t>(std::clamp(below_top, 0.0, kLines - 1.0)));
}

/// Somebody who left the small queue lately, or is too large for it, would stand in the main part at once:
/// only if it is worth more there than what would have to go.
bool SizeAware::admits(std::uint64_t name, std::uint64_t weight, std::uint64_t missing) noexcept {
  if (!newcomers_.pass(name, weight)) return false;
  const auto excess = newcomers_.excess(main_bytes_);
  if (missing <= excess || !newcomers_.knows(name)) return true;
  if (has_lesser(age_ + value(1, weight), missing - excess)) return true;
  newcomers_.remember(name, weight);
  return false;
}

/// True if so many bytes in the main part are worth less; also if that takes long to find out.
bool SizeAware::has_lesser(double priority, std::uint64_t bytes) const noexcept {
  std::uint64_t found = 0;
  int looks = 0;
  for (auto i = low_; i <= high_; ++i) {
    if (firsts_[i] >= priority) continue;
    for (const auto& ranked : lines_[i]) {
      if (ranked.priority >= priority) break;
      if (++looks == kMostLooks) return true;
      if (ranked.used() > 0) continue;  // it will be worth more when it is looked at
      if ((found += ranked.weight()) >= bytes) return true;
    }
  }
  return false;
}

void SizeAware::inserted(Ranked& added, std::uint64_t name) noexcept {
  if (newcomers_.recall(name)) {
    queue(added, 1);
  } else {
    newcomers_.add(added);
  }
}

void SizeAware::queue(Ranked& ranked, unsigned uses) noexcept {
  const auto worth = value(uses, ranked.weight());
  ranked.frequency = static_cast<std::uint8_t>(uses);
  ranked.set_used(0);
  ranked.priority = age_ + worth;
  ranked.line = line_for(worth);
  main_bytes_ += ranked.weight();
  lines_[ranked.line].push_back(ranked);
  note_first(ranked.line);
  low_ = std::min<std::size_t>(low_, ranked.line);
  high_ = std::max<std::size_t>(high_, ranked.line);
}

void SizeAware::unqueue(Ranked& ranked) noexcept {
  main_bytes_ -= ranked.weight();
  lines_[ranked.line].erase(RankedList::s_iterator_to(ranked));
  note_first(ranked.line);
}

void SizeAware::note_first(std::size_t line) noexcept {
  firsts_[line] = lines_[line].empty() ? kNobody : lines_[line].front().priority;
}

void SizeAware::replaced(Ranked& old, Ranked& fresh) noexcept {
  fresh.set_used(old.used());
  if (old.line == Newcomers::kLine) return newcomers_.replace(old, fresh);
  unqueue(old);
  queue(fresh, std::min<unsigned>(old.frequency + old.used(), Ranked::kMaxUses));
}

void SizeAware::reweighed(Ranked& ranked, std::uint64_t weight) noexcept {
  if (ranked.line == Newcomers::kLine) return newcomers_.reweigh(ranked, weight);
  main_bytes_ -= ranked.weight();
  ranked.set_weight(weight);
  main_bytes_ += ranked.weight();
}

void SizeAware::removed(Ranked& ranked) noexcept {
  if (ranked.line == Newcomers::kLine) return newcomers_.remove(ranked);
  unqueue(ranked);
}

std::size_t SizeAware::least() const noexcept {
  auto least = low_;
  for (auto i = low_; i <= high_; ++i)
    if (firsts_[i] < firsts_[least]) least = i;
  return least;
}

Ranked* SizeAware::victim() noexcept {
  for (int looks = 0;; ++looks) {
    const auto line = least();
    const bool main_is_empty = lines_[line].empty();
    const bool newcomers_go =
        !newcomers_.is_empty() && (main_is_empty || newcomers_.exceed_share(main_bytes_));
    if (!newcomers_go && main_is_empty) return nullptr;
    auto& first = newcomers_go ? newcomers_.first() : lines_[line].front();
    if (first.used() == 0 || looks == kMostLooks) return &first;
    const auto uses =
        std::min<unsigned>(first.used() + (newcomers_go ? 1U : first.frequency), Ranked::kMaxUses);
    removed(first);
    queue(first, uses);
  }
}

/// Only newcomers are remembered.
void SizeAware::evicting(Ranked& victim, std::uint64_t name) noexcept {
  if (victim.line == Newcomers::kLine) return newcomers_.remember(victim, name);
  age_ = std::max(age_, victim.priority);
}

/// It counts as used: what is being sent is.
void SizeAware::spared(Ranked& victim) noexcept {
  if (victim.line == Newcomers::kLine) return newcomers_.put_back(victim);
  age_ = std::max(age_, victim.priority);
  unqueue(victim);
  queue(victim, std::min<unsigned>(victim.frequency + 1U, Ranked::kMaxUses));
}

}  // namespace forebay::tier
