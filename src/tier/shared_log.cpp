#include "forebay/tier/shared_log.hpp"

#include <algorithm>
#include <utility>

namespace forebay::tier {

using cache::Position;
using cache::Purge;
using cache::PurgeKind;
using cache::PurgeMode;

namespace {

/// Written purges that are remembered, in case they have to be written again.
constexpr std::size_t kRemembered = 4'096;

Purge everything() { return {.kind = PurgeKind::everything, .mode = PurgeMode::hard}; }

}  // namespace

SharedLog::SharedLog(MemoryTier& memory, std::string node, std::function<void()> wake)
    : memory_(memory), node_(std::move(node)), wake_(std::move(wake)) {
  memory_.log().tell(this);
}

SharedLog::~SharedLog() { memory_.log().tell(nullptr); }

// ---- for whoever uses the Redis tier
// ------------------------------------------------------------------------

std::optional<Position> SharedLog::shared_position(Position own) const {
  const std::lock_guard lock(mutex_);
  const auto after =
      std::upper_bound(known_.begin(), known_.end(), own,
                       [](Position position, const Known& known) { return position < known.own; });
  if (after == known_.begin()) return std::nullopt;
  return std::prev(after)->shared;
}

bool SharedLog::vouches_for(const cache::PrimaryKey& key, std::span<const Digest> tags,
                            Position position) const {
  const std::lock_guard lock(mutex_);
  if (!begun_ || position < untold_) return false;
  if (entries_.purged_since(key, tags, position)) return false;
  for (const auto* pending : {&current_, &older_})
    if (pending->last > 0 && pending->entries->purged_since(key, tags, 0)) return false;
  return true;
}

// ---- purges on their way into the stream
// --------------------------------------------------------------------

void SharedLog::relay(const Purge& purge) {
  {
    const std::lock_guard lock(mutex_);
    purges_.push_back({++last_number_, purge});
    if (last_number_ - last_written_ > kMaxUnwritten) {
      // Later entries make earlier ones of everything superfluous: the numbers go on.
      const auto unwritten = std::find_if(purges_.begin(), purges_.end(),
                                          [&](const Unwritten& p) { return p.number > last_written_; });
      purges_.erase(unwritten, purges_.end());
      purges_.push_back({last_number_, everything()});
      last_written_ = last_number_ - 1;
    }
    current_.entries->append(purges_.back().purge);
    current_.last = last_number_;
  }
  wake_();
}

std::vector<SharedLog::Unwritten> SharedLog::unwritten(std::size_t most) const {
  const std::lock_guard lock(mutex_);
  std::vector<Unwritten> out;
  for (const auto& purge : purges_) {
    if (purge.number <= last_written_) continue;
    if (out.size() == most) break;
    out.push_back(purge);
  }
  return out;
}

void SharedLog::written(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  last_written_ = std::max(last_written_, number);
  const auto is_old = [&] { return purges_.size() > kRemembered && purges_.front().number <= last_written_; };
  while (is_old()) purges_.pop_front();
}

std::uint64_t SharedLog::unwritten_count() const {
  const std::lock_guard lock(mutex_);
  return last_number_ - last_written_;
}

std::uint64_t SharedLog::last_written() const {
  const std::lock_guard lock(mutex_);
  return last_written_;
}

bool SharedLog::has_returned(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  return last_returned_ >= number;
}

std::uint64_t SharedLog::last_number() const {
  const std::lock_guard lock(mutex_);
  return last_number_;
}

void SharedLog::write_again(std::uint64_t since) {
  const std::lock_guard lock(mutex_);
  last_written_ = std::min(last_written_, since);
}

// ---- the stream as it is read
// -------------------------------------------------------------------------------

void SharedLog::apply(const Purge& purge, Position position, std::optional<std::uint64_t> own_number) {
  {
    // Before memory has it: what is read from Redis meanwhile would come into memory behind it.
    const std::lock_guard lock(mutex_);
    entries_.repeat(purge, position);
  }
  if (!own_number) memory_.repeat(purge);
  // An own entry is here only after it was relayed: with it in effect, no earlier fetch has this position.
  const auto own = memory_.log().settled_position();
  const std::lock_guard lock(mutex_);
  note_position(own, position);
  if (own_number) came_back(*own_number);
}

void SharedLog::lose_track(Position position) {
  know_from(position);
  memory_.repeat(everything());
  const auto own = memory_.log().settled_position();
  const std::lock_guard lock(mutex_);
  position_ = 0;
  known_.clear();
  note_position(own, position);
}

void SharedLog::know_from(Position position) {
  const std::lock_guard lock(mutex_);
  untold_ = std::max(untold_, position);
}

void SharedLog::purge_everything() { memory_.log().append(everything()); }

void SharedLog::begin(Position position) {
  const auto own = memory_.log().settled_position();
  const std::lock_guard lock(mutex_);
  begun_ = true;
  note_position(own, position);
}

bool SharedLog::has_begun() const {
  const std::lock_guard lock(mutex_);
  return begun_;
}

Position SharedLog::position() const {
  const std::lock_guard lock(mutex_);
  return position_;
}

void SharedLog::came_back(std::uint64_t number) {
  last_returned_ = std::max(last_returned_, number);
  const auto is_over = [&] { return older_.last > 0 && number >= older_.last; };
  if (is_over()) older_ = {};
  if (older_.last == 0) older_ = std::exchange(current_, {});
  if (is_over()) older_ = {};
}

void SharedLog::note_position(Position own, Position at) {
  position_ = std::max(position_, at);
  if (!known_.empty() && known_.back().own >= own)
    known_.back().shared = position_;
  else
    known_.push_back({own, position_});
  if (known_.size() > kMaxKnown) known_.pop_front();
}

}  // namespace forebay::tier
