#include "bounds.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <vector>

namespace forebay::bench {
namespace {

constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();

/// For each request when the same object is asked for next.
std::vector<std::uint64_t> next_uses(const Trace& trace) {
  std::vector<std::uint64_t> next(trace.requests.size());
  std::vector<std::uint64_t> seen(trace.sizes.size(), kNever);
  for (auto i = trace.requests.size(); i-- > 0;) {
    auto& last = seen[trace.requests[i].object];
    next[i] = std::exchange(last, i);
  }
  return next;
}

/// Counts what hits; a body of no bytes counts as one so that no share is of nothing.
class Tally {
 public:
  explicit Tally(const Trace& trace) : trace_(trace) {
    for (const auto& request : trace.requests) all_bytes_ += bytes_of(request);
  }
  void hit(std::size_t i) noexcept {
    ++hits_;
    hit_bytes_ += bytes_of(trace_.requests[i]);
  }
  Ratios ratios() const noexcept {
    return {
        static_cast<double>(hits_) / static_cast<double>(std::max<std::size_t>(trace_.requests.size(), 1)),
        static_cast<double>(hit_bytes_) / static_cast<double>(std::max<std::uint64_t>(all_bytes_, 1))};
  }

 private:
  std::uint64_t bytes_of(const Request& request) const noexcept { return trace_.sizes[request.object]; }

  const Trace& trace_;
  std::uint64_t hits_ = 0, hit_bytes_ = 0, all_bytes_ = 0;
};

/// One object's stay between two requests for it.
struct Stay {
  std::size_t until;     // the request that would hit
  std::uint64_t length;  // in requests
  double cost;           // what taking it costs: length times bytes
};

std::vector<Stay> stays_of(const Trace& trace, const std::vector<std::uint64_t>& next, std::uint64_t capacity,
                           std::uint64_t overhead) {
  std::vector<Stay> stays;
  for (std::size_t i = 0; i < next.size(); ++i) {
    const auto charge = trace.sizes[trace.requests[i].object] + overhead;
    if (next[i] == kNever || charge > capacity) continue;
    const auto length = next[i] - i;
    stays.push_back({next[i], length, static_cast<double>(length) * static_cast<double>(charge)});
  }
  return stays;
}

/// Takes stays in this order until the room is used up.
Ratios taken(const Trace& trace, const std::vector<Stay>& stays, double room) {
  Tally tally(trace);
  for (const auto& stay : stays) {
    room -= stay.cost;
    if (room < 0) break;
    tally.hit(stay.until);
  }
  return tally.ratios();
}

}  // namespace

Ratios belady(const Trace& trace, std::uint64_t capacity, std::uint64_t overhead) {
  const auto next = next_uses(trace);
  Tally tally(trace);
  std::set<std::pair<std::uint64_t, std::uint32_t>> kept;  // by their next use
  std::uint64_t used = 0;
  for (std::size_t i = 0; i < next.size(); ++i) {
    const auto object = trace.requests[i].object;
    const auto charge = trace.sizes[object] + overhead;
    if (const auto at = kept.find({i, object}); at != kept.end()) {
      tally.hit(i);
      kept.erase(at);
      used -= charge;
    }
    if (next[i] == kNever || charge > capacity) continue;
    kept.emplace(next[i], object);
    used += charge;
    while (used > capacity) {
      const auto last = std::prev(kept.end());
      used -= trace.sizes[last->second] + overhead;
      kept.erase(last);
    }
  }
  return tally.ratios();
}

Ratios upper_bound(const Trace& trace, std::uint64_t capacity, std::uint64_t overhead) {
  auto stays = stays_of(trace, next_uses(trace), capacity, overhead);
  const auto room = static_cast<double>(capacity) * static_cast<double>(trace.requests.size());
  std::sort(stays.begin(), stays.end(), [](const Stay& a, const Stay& b) { return a.cost < b.cost; });
  const auto requests = taken(trace, stays, room).requests;
  // A byte costs its stay's length, whatever the size.
  std::sort(stays.begin(), stays.end(), [](const Stay& a, const Stay& b) { return a.length < b.length; });
  return {requests, taken(trace, stays, room).bytes};
}

}  // namespace forebay::bench
