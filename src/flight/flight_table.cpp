#include "forebay/flight/flight_table.hpp"

#include <utility>

namespace forebay::flight {

Lead::Lead(Lead&& other) noexcept
    : table_(std::exchange(other.table_, nullptr)),
      digest_(other.digest_),
      flight_(std::move(other.flight_)) {}

Lead& Lead::operator=(Lead&& other) noexcept {
  std::swap(table_, other.table_);
  std::swap(digest_, other.digest_);
  std::swap(flight_, other.flight_);
  return *this;
}

Lead::~Lead() {
  if (!flight_) return;
  leave_table();
  Verdict dangling;
  dangling.outcome = Outcome::dangling;
  flight_->decide(std::move(dangling));
}

void Lead::decide(Verdict verdict) {
  if (verdict.outcome != Outcome::sharing) leave_table();
  flight_->decide(std::move(verdict));
}

void Lead::leave_table() {
  if (table_) std::exchange(table_, nullptr)->remove(digest_, flight_.get());
}

FlightTable::Seat FlightTable::join(std::string_view key, cache::Position position,
                                    const std::function<bool(const Flight&)>& is_current) {
  const auto digest = forebay::digest(key);
  auto flight = std::make_shared<Flight>(std::string(key), position);
  auto& shard = shard_of(digest);
  const std::lock_guard lock(shard.mutex);
  auto [at, added] = shard.flights.try_emplace(digest, flight);
  if (!added) {
    if (at->second->key() != key)
      return Lead(nullptr, digest, std::move(flight));  // another key, same digest
    if (is_current(*at->second)) return at->second;
    at->second = flight;  // the old flight goes on for those who joined it before
  }
  return Lead(this, digest, std::move(flight));
}

Lead FlightTable::alone(std::string_view key, cache::Position position) {
  return {nullptr, {}, std::make_shared<Flight>(std::string(key), position)};
}

std::size_t FlightTable::flights() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.flights.size();
  }
  return count;
}

void FlightTable::remove(const Digest& digest, const Flight* flight) {
  auto& shard = shard_of(digest);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.flights.find(digest);
  if (at != shard.flights.end() && at->second.get() == flight) shard.flights.erase(at);
}

}  // namespace forebay::flight
