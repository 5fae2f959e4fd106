#include "balanced.hpp"

namespace forebay::tier {

bool Balanced::admits(std::uint64_t name, std::uint64_t weight, std::uint64_t) noexcept {
  return newcomers_.pass(name, weight);
}

void Balanced::inserted(Ranked& added, std::uint64_t name) noexcept {
  if (newcomers_.recall(name)) {
    add_to_main(added);
  } else {
    newcomers_.add(added);
  }
}

void Balanced::add_to_main(Ranked& added) noexcept {
  added.line = kMain;
  added.set_used(0);
  main_bytes_ += added.weight();
  main_.push_back(added);
}

void Balanced::replaced(Ranked& old, Ranked& fresh) noexcept {
  fresh.set_used(old.used());
  if (old.line == Newcomers::kLine) return newcomers_.replace(old, fresh);
  fresh.line = kMain;
  main_bytes_ += fresh.weight();
  main_.insert(main_.iterator_to(old), fresh);
  removed(old);
}

void Balanced::reweighed(Ranked& ranked, std::uint64_t weight) noexcept {
  if (ranked.line == Newcomers::kLine) return newcomers_.reweigh(ranked, weight);
  main_bytes_ -= ranked.weight();
  ranked.set_weight(weight);
  main_bytes_ += ranked.weight();
}

void Balanced::removed(Ranked& ranked) noexcept {
  if (ranked.line == Newcomers::kLine) return newcomers_.remove(ranked);
  main_bytes_ -= ranked.weight();
  main_.erase(main_.iterator_to(ranked));
}

bool Balanced::newcomers_go_first() const noexcept {
  return !newcomers_.is_empty() && (main_.empty() || newcomers_.exceed_share(main_bytes_));
}

Ranked* Balanced::victim() noexcept {
  for (int looks = 0; looks < kMostLooks; ++looks) {
    if (newcomers_go_first()) {
      auto& oldest = newcomers_.first();
      if (oldest.used() == 0) return &oldest;
      newcomers_.remove(oldest);
      add_to_main(oldest);
    } else {
      if (main_.empty()) return nullptr;
      auto& oldest = main_.front();
      if (oldest.used() == 0) return &oldest;
      oldest.set_used(static_cast<std::uint8_t>(oldest.used() - 1));
      main_.splice(main_.end(), main_, main_.begin());
    }
  }
  return newcomers_go_first() ? &newcomers_.first() : &main_.front();
}

/// Only newcomers are remembered: who had its rounds in the main queue begins anew.
void Balanced::evicting(Ranked& victim, std::uint64_t name) noexcept {
  if (victim.line == Newcomers::kLine) newcomers_.remember(victim, name);
}

void Balanced::spared(Ranked& victim) noexcept {
  if (victim.line == Newcomers::kLine) return newcomers_.put_back(victim);
  main_.splice(main_.end(), main_, main_.iterator_to(victim));
}

}  // namespace forebay::tier
