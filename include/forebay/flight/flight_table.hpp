// The flights under way on this node: whoever asks for what is being fetched already follows.
//
// Model: a flight stands in the table from its leader's joining until it has a verdict that ends it:
// `sharing` keeps it there until the body is complete and stored, so that there is no gap in which a request
// finds neither the flight nor the stored response; any other verdict takes it out. Leadership is an object
// (Lead): losing it without a verdict leaves the flight `dangling` and wakes the followers, one of which
// leads the next flight.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "forebay/base/digest.hpp"
#include "forebay/flight/flight.hpp"

namespace forebay::flight {

class FlightTable;

/// Leadership of a flight. Movable; its destruction takes the flight out of the table.
class Lead {
 public:
  Lead() = default;
  Lead(FlightTable* table, const Digest& digest, std::shared_ptr<Flight> flight)
      : table_(table), digest_(digest), flight_(std::move(flight)) {}
  Lead(Lead&&) noexcept;
  Lead& operator=(Lead&&) noexcept;
  ~Lead();

  /// True if others may join: it stands in a table.
  bool is_joinable() const noexcept { return table_ != nullptr; }
  Flight& flight() const noexcept { return *flight_; }
  const std::shared_ptr<Flight>& shared() const noexcept { return flight_; }
  /// Gives the verdict. All but `sharing` also take the flight out of the table.
  void decide(Verdict verdict);
  /// Takes the flight out of the table: no further request joins it.
  void leave_table();

 private:
  FlightTable* table_ = nullptr;  // nothing for a flight that never was in a table
  Digest digest_;
  std::shared_ptr<Flight> flight_;
};

/// Thread-safe. Outlives every Lead.
class FlightTable {
 public:
  /// Either the lead of a new flight, or somebody else's flight to follow.
  using Seat = std::variant<Lead, std::shared_ptr<Flight>>;

  /// `key`: primary key and predicted variant. `position`: the log's position now. `is_current(flight)`:
  /// false if what it fetches has been invalidated since it started: such a flight is not followed any more,
  /// a new one takes its place. Called under a lock.
  Seat join(std::string_view key, cache::Position position,
            const std::function<bool(const Flight&)>& is_current);
  /// A lead of a flight that nobody can join.
  static Lead alone(std::string_view key, cache::Position position);

  std::size_t flights() const;

 private:
  friend class Lead;
  void remove(const Digest& digest, const Flight* flight);

  static constexpr std::size_t kShards = 64;
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<Digest, std::shared_ptr<Flight>, DigestHash> flights;  // guarded by mutex
  };
  Shard& shard_of(const Digest& digest) noexcept { return shards_[spread(digest) % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace forebay::flight
