#include "newcomers.hpp"

namespace forebay::tier {

bool Newcomers::pass(std::uint64_t name, std::uint64_t weight) noexcept {
  if (weight <= gate_) return true;
  const bool known = ghost_.knows(name);
  ghost_.remember(name, weight);
  return known;
}

void Newcomers::add(Ranked& added) noexcept {
  added.line = kLine;
  bytes_ += added.weight();
  queue_.push_back(added);
}

void Newcomers::remove(Ranked& ranked) noexcept {
  bytes_ -= ranked.weight();
  queue_.erase(queue_.iterator_to(ranked));
}

void Newcomers::replace(Ranked& old, Ranked& fresh) noexcept {
  fresh.line = kLine;
  bytes_ += fresh.weight();
  queue_.insert(queue_.iterator_to(old), fresh);
  remove(old);
}

void Newcomers::reweigh(Ranked& ranked, std::uint64_t weight) noexcept {
  bytes_ -= ranked.weight();
  ranked.set_weight(weight);
  bytes_ += ranked.weight();
}

void Newcomers::put_back(Ranked& ranked) noexcept {
  queue_.splice(queue_.end(), queue_, queue_.iterator_to(ranked));
}

void Newcomers::resize(std::uint64_t capacity) noexcept {
  gate_ = static_cast<std::uint64_t>(kShare * static_cast<double>(capacity));
  ghost_.resize(capacity);
}

}  // namespace forebay::tier
