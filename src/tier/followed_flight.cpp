#include "forebay/tier/followed_flight.hpp"

#include <algorithm>
#include <utility>

#include "flight_codec.hpp"
#include "flight_node.hpp"
#include "log_entry.hpp"

namespace forebay::tier {
namespace {

using std::chrono::milliseconds;

/// Messages may be lost.
constexpr milliseconds kPoll{100};
/// So many entries at a time: half a megabyte of body.
constexpr std::int64_t kReadAtOnce = 8;

std::chrono::steady_clock::time_point real_now() noexcept { return std::chrono::steady_clock::now(); }

}  // namespace

class FollowedFlight::Listening {
 public:
  Listening(FlightWakeups& wakeups, std::string message, std::shared_ptr<io::Signal> signal)
      : listening_(wakeups.listen(std::move(message), std::move(signal))) {}

 private:
  std::unique_ptr<FlightWakeups::Listening> listening_;
};

FollowedFlight::FollowedFlight(std::shared_ptr<FlightNode> node, Names names, cache::Position position)
    : node_(std::move(node)),
      names_(std::move(names)),
      position_(position),
      signal_(io::Signal::make(node_->to.executor)),
      listening_(std::make_unique<Listening>(*node_->wakeups, names_.message, signal_)),
      buffers_(node_->to.memory.budget(), ChargeKind::buffers),
      answered_(real_now()) {
  node_->to.metrics.redis_flights_followed.add(1);
}

FollowedFlight::~FollowedFlight() { node_->to.metrics.redis_flights_followed.add(-1); }

io::Awaitable<Result<FollowedFlight::Event>> FollowedFlight::next(milliseconds limit, io::Cancel& cancel) {
  const auto until = real_now() + limit;
  for (;;) {
    if (!events_.empty()) {
      auto event = std::move(events_.front());
      events_.pop_front();
      co_return event;
    }
    buffers_.release();  // what was read has been taken
    const auto leads = co_await read_more(cancel);
    if (!leads) co_return leads.error();
    if (!events_.empty()) continue;
    if (!*leads) co_return Event(LeaderLost());
    const auto left = std::chrono::duration_cast<milliseconds>(until - real_now());
    if (left <= milliseconds{0}) co_return Event(NothingYet());
    const io::OnCancel wake(&cancel, [signal = signal_] { signal->notify_here(); });
    if (!wake.requested()) co_await signal_->wait(std::min(kPoll, left));
    if (wake.requested()) co_return fail(ErrorKind::cancelled);
  }
}

/// Whether the leader still has its lease. That is looked at first: what it has said before it gave it back
/// has been read, too.
io::Awaitable<Result<bool>> FollowedFlight::read_more(io::Cancel& cancel) {
  std::vector<RedisCommand> commands;
  commands.push_back(RedisCommand{"GET"}.key(names_.lease_name));
  commands.push_back(RedisCommand{"XRANGE"}
                         .key(names_.stream)
                         .add(last_id_.empty() ? std::string("-") : "(" + last_id_)
                         .add("+")
                         .add("COUNT")
                         .add(kReadAtOnce));
  const auto replies = co_await node_->call(std::move(commands), &cancel);
  if (!replies) {
    // As a leader, which says it again: a moment's trouble of Redis is not to cost a fetch on every node.
    const bool may_retry = replies.error().kind != ErrorKind::cancelled && !node_->closed;
    if (may_retry && real_now() - answered_ < node_->settings.lease) co_return true;
    co_return replies.error();
  }
  answered_ = real_now();
  const auto& lease = (*replies)[0];
  if (lease.is_error()) co_return unusable(lease.text);
  if (auto error = take((*replies)[1])) co_return *error;
  co_return lease.is_string() && lease.text == names_.lease;
}

/// Entries with one field, `r`.
std::optional<Error> FollowedFlight::take(const RedisReply& entries) {
  if (!entries.is_array()) return unusable("an unexpected answer to XRANGE");
  std::uint64_t bytes = 0;
  for (const auto& entry : entries.elements) {
    const bool is_entry = entry.is_array() && entry.elements.size() == 2 && entry.elements[1].is_array() &&
                          entry.elements[1].elements.size() == 2;
    if (!is_entry || !position_of(entry.elements[0].text)) return unusable("an unexpected answer to XRANGE");
    last_id_ = entry.elements[0].text;
    const auto& fields = entry.elements[1].elements;
    if (fields[0].text != "r") return unusable("an entry without a record");
    bytes += fields[1].text.size();
    if (auto error = take_record(fields[1].text)) return error;
  }
  node_->to.metrics.redis_read_bytes.add(bytes);
  // Not what might come: many flights are followed that have nothing to tell yet.
  node_->to.memory.insist(buffers_, bytes);
  return std::nullopt;
}

std::optional<Error> FollowedFlight::take_record(std::string record) {
  auto decoded = decode_flight_record(record, names_.key);
  if (!decoded) {
    node_->report.unusable(names_.stream, decoded.error(), node_->to.clock.steady_now());
    return unusable(std::string(name(decoded.error())));
  }
  if (has_ended_) return std::nullopt;
  if (auto* const head = std::get_if<FlightHead>(&*decoded)) {
    // What was written twice, because the first time was in doubt, is the same.
    if (!std::exchange(has_head_, true)) events_.emplace_back(std::move(*head));
  } else if (auto* const end = std::get_if<FlightEnd>(&*decoded)) {
    // Redis may have lost what came last: in a fail-over, or where it evicts.
    if (end->outcome == FlightOutcome::complete && (!has_head_ || end->length != offset_))
      return unusable("the end does not fit");
    has_ended_ = true;
    events_.emplace_back(std::move(*end));
  } else {
    const auto piece = std::get<FlightPiece>(*decoded);
    if (!has_head_ || piece.offset > offset_) return unusable("a piece is missing");
    take_piece(std::move(record), piece.offset, piece.bytes);
  }
  return std::nullopt;
}

void FollowedFlight::take_piece(std::string record, std::uint64_t offset, std::string_view bytes) {
  const auto known = std::min<std::uint64_t>(offset_ - offset, bytes.size());
  if (known == bytes.size()) return;
  const auto size = bytes.size() - static_cast<std::size_t>(known);
  const auto begin = record.size() - kEnvelopeTail - size;  // they are the record's last part
  offset_ += size;
  events_.emplace_back(Bytes{std::move(record), begin, size});
}

Error FollowedFlight::unusable(std::string why) const {
  return fail(ErrorKind::redis_protocol, "a shared fetch: " + std::move(why));
}

}  // namespace forebay::tier
