#include "forebay/tier/led_flight.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "flight_codec.hpp"
#include "flight_node.hpp"

namespace forebay::tier {
namespace {

using observe::ClusterFlight;
using std::chrono::milliseconds;

/// Pieces that go out together, so that followers are woken at most so often; and so long a response has to
/// be whole, so that it need not be told.
constexpr milliseconds kTogether{10};
/// So long after its head what is whole is expected to be in Redis.
constexpr milliseconds kWriting{100};
constexpr milliseconds kRetry{50};
constexpr std::size_t kBatchBytes = 512 * 1024;
constexpr std::uint64_t kItemBytes = 256;  // what an item takes besides its content
/// What a stream outlives its last word by, for those who still read: at least twice the lease.
constexpr milliseconds kStreamLife{15'000};

/// Renews the lease and adds the records to the stream, all of them or none: were one refused, for want of
/// memory, and the end taken, followers would take a part of the body for the whole. Nor is there ever a
/// stream that does not expire.
constexpr std::string_view kTell =
    "if redis.call('GET',KEYS[1])~=ARGV[1] then return 0 end "
    "for i=4,#ARGV do redis.call('XADD',KEYS[2],'*','r',ARGV[i]) end "
    "redis.call('PEXPIRE',KEYS[2],ARGV[3]) redis.call('PEXPIRE',KEYS[1],ARGV[2]) return 1";
constexpr std::string_view kRelease =
    "if redis.call('GET',KEYS[1])==ARGV[1] then return redis.call('DEL',KEYS[1]) end return 0";

LedFlight::RealTime real_now() noexcept { return std::chrono::steady_clock::now(); }

}  // namespace

RedisCommand release_lease(std::string_view name, std::string_view lease) {
  return RedisCommand{"EVAL", kRelease, "1"}.key(name).add(lease);
}

LedFlight::LedFlight(std::shared_ptr<FlightNode> node, Names names, RealTime taken)
    : node_(std::move(node)),
      names_(std::move(names)),
      more_(io::Signal::make(node_->to.executor)),
      renewed_(taken) {
  node_->to.metrics.redis_flights_led.add(1);
}

LedFlight::~LedFlight() {
  forget(queue_.size());
  node_->to.metrics.redis_flights_led.add(-1);
}

void LedFlight::start() {
  node_->led.insert(this);
  boost::asio::co_spawn(node_->to.executor, run(), [self = shared_from_this()](const std::exception_ptr&) {
    self->over_ = true;
    self->node_->led.erase(self.get());
  });
}

// ---- What is told ----------------------------------------------------------------------------------------

void LedFlight::head(const FlightHead& head) {
  auto record = encode_flight_head(head);
  if (!record) return abandon();
  add({.record = std::move(*record)});
}

void LedFlight::append(const cache::Slice& slice) {
  if (ended_ || over_) return;
  const auto limit = node_->settings.max_body;
  if (offset_ + slice.size > limit) return abandon();
  if (extend_last(slice)) return;
  for (std::uint32_t at = 0; at < slice.size; at += kMaxFlightPiece) {
    const auto size = std::min<std::uint32_t>(kMaxFlightPiece, slice.size - at);
    add({.slice = {slice.chunk, slice.offset + at, size}, .offset = offset_});
    offset_ += size;
  }
}

/// What comes in small pieces goes out in few, if it stands in one chunk.
bool LedFlight::extend_last(const cache::Slice& slice) {
  if (queue_.size() <= sending_) return false;
  auto& last = queue_.back();
  const bool continues =
      last.slice.chunk == slice.chunk && last.slice.offset + last.slice.size == slice.offset;
  if (!last.record.empty() || !continues || last.slice.size + slice.size > kMaxFlightPiece) return false;
  if (!node_->to.queue.try_charge(ChargeKind::buffers, slice.size)) return false;
  last.slice.size += slice.size;
  last.charge += slice.size;
  offset_ += slice.size;
  return true;
}

void LedFlight::end(const FlightEnd& end) {
  if (ended_ || over_) return;
  const bool is_found = end.outcome == FlightOutcome::look_again || end.outcome == FlightOutcome::uncacheable;
  if (is_found && !told_) {
    forget(queue_.size());  // who finds the lease free looks again, and finds the mark
    ended_ = true;
    return;
  }
  if (end.trailers.size() > kMaxFlightPiece) return abandon();
  auto told = end;
  if (told.outcome == FlightOutcome::complete) told.length = offset_;
  add({.record = encode_flight_end(told)});
  ended_ = true;
}

void LedFlight::mark_uncacheable(milliseconds time) { uncacheable_ = time; }

void LedFlight::release() {
  released_ = true;
  more_->notify_here();
}

void LedFlight::release_written() {
  if (ended_ && !told_ && !released_) forget(queue_.size());
  release();
}

void LedFlight::stop() {
  over_ = true;
  stop_.request();
  more_->notify_here();
}

void LedFlight::add(Item item) {
  if (ended_ || over_) return;
  item.charge = item.record.size() + item.slice.size + kItemBytes;
  if (!node_->to.queue.try_charge(ChargeKind::buffers, item.charge)) return abandon();
  if (queue_.empty()) first_queued_ = real_now();
  queue_.push_back(std::move(item));
  more_->notify_here();
}

void LedFlight::forget(std::size_t items) {
  for (; items > 0; --items) {
    node_->to.queue.release(ChargeKind::buffers, queue_.front().charge);
    queue_.pop_front();
  }
}

void LedFlight::abandon() {
  if (ended_ || over_) return;
  count_abandoned();
  if (!told_) forget(queue_.size());  // a beginning that nobody has is of no use
  Item last{.record = encode_flight_end({.outcome = FlightOutcome::abandoned})};
  last.charge = kItemBytes;
  node_->to.queue.charge(ChargeKind::buffers, last.charge);
  queue_.push_back(std::move(last));
  ended_ = true;
  release();
}

void LedFlight::count_abandoned() {
  if (!std::exchange(abandoned_, true)) node_->count(ClusterFlight::abandoned);
}

// ---- Telling ---------------------------------------------------------------------------------------------

bool LedFlight::is_over() const noexcept { return over_ || node_->closed; }

milliseconds LedFlight::rest() const {
  if (released_) return {};
  auto until = renewed_ + node_->settings.lease / 3;
  if (!queue_.empty()) {
    if (told_ || offset_ > kBatchBytes) return {};
    until = std::min(until, first_queued_ + (ended_ ? kWriting : kTogether));
  }
  return std::max(std::chrono::ceil<milliseconds>(until - real_now()), milliseconds{0});
}

io::Awaitable<void> LedFlight::run() {
  const auto self = shared_from_this();
  while (!is_over()) {
    if (const auto time = rest(); time > milliseconds{0}) {
      co_await more_->wait(time);
      continue;
    }
    const bool was_last = released_;
    const auto sent = co_await send_some();
    if (is_over() || sent == Sent::never) break;
    if (sent == Sent::yes && was_last && queue_.empty()) co_return;
    if (sent == Sent::yes && (ended_ || queue_.size() > 1)) continue;
    io::Timer pause(node_->to.executor);
    pause.expires_after(sent == Sent::yes ? kTogether : kRetry);
    co_await pause.async_wait(io::kUse);
  }
  if (!queue_.empty() || !ended_) count_abandoned();
  forget(queue_.size());
}

std::size_t LedFlight::items_at_once() const {
  std::size_t items = 0;
  std::uint64_t bytes = 0;
  while (items < queue_.size() && (items == 0 || bytes + queue_[items].charge <= kBatchBytes))
    bytes += queue_[items++].charge;
  return items;
}

io::Awaitable<LedFlight::Sent> LedFlight::send_some() {
  const auto items = items_at_once();
  const bool last = released_ && items == queue_.size();
  const auto begun = real_now();
  auto& memory = node_->to.memory;
  Reservation wire(memory.budget(), ChargeKind::buffers);
  for (std::size_t i = 0; i < items; ++i) memory.insist(wire, queue_[i].charge);
  auto telling = telling_of(items, last);
  sending_ = items;
  told_ = told_ || items > 0;
  const auto replies = co_await node_->call(std::move(telling.commands), &stop_);
  sending_ = 0;
  if (!replies) {
    // In time it may be said once more; then the lease is another's.
    const bool may_retry = real_now() - renewed_ < node_->settings.lease;
    co_return may_retry ? Sent::not_yet : Sent::never;
  }
  for (const auto& reply : *replies) {
    if (reply.is_error()) co_return co_await give_back(reply.text);
  }
  const auto& held = (*replies)[telling.lease];
  if (!held.is_integer() || held.integer != 1) co_return Sent::never;  // it was lost
  renewed_ = begun;
  forget(items);
  co_return Sent::yes;
}

/// Redis takes nothing more, for want of memory or of a permission: nobody is to wait until the lease runs
/// out.
io::Awaitable<LedFlight::Sent> LedFlight::give_back(std::string why) {
  node_->report.refused("what a fetch tells other nodes", why, node_->to.clock.steady_now());
  std::vector<RedisCommand> commands;
  commands.push_back(release_lease(names_.lease_name, names_.lease));
  co_await node_->call(std::move(commands), &stop_);
  co_return Sent::never;
}

LedFlight::Telling LedFlight::telling_of(std::size_t items, bool last) const {
  const auto& lease = node_->settings.lease;
  const auto life = std::max(kStreamLife, 2 * lease);
  Telling made;
  auto& commands = made.commands;
  if (items > 0 || !last) {
    auto& tell = commands.emplace_back(RedisCommand{"EVAL", kTell, "2"});
    tell.key(names_.lease_name).key(names_.stream).add(names_.lease);
    tell.add(std::int64_t{lease.count()}).add(std::int64_t{life.count()});
    for (std::size_t i = 0; i < items; ++i) {
      const auto& item = queue_[i];
      if (item.record.empty())
        append_flight_piece(tell, item.offset, item.slice.view());
      else
        tell.add(item.record);
    }
  }
  if (uncacheable_ && last) {
    const auto time = std::max(*uncacheable_, milliseconds{1});
    commands.push_back(
        RedisCommand{"SET"}.key(names_.uncacheable).add("1").add("PX").add(std::int64_t{time.count()}));
  }
  if (items == 0 && last) made.lease = commands.size();
  if (last) commands.push_back(release_lease(names_.lease_name, names_.lease));
  if (items > 0 || last) commands.push_back(RedisCommand{"PUBLISH"}.add(node_->channel).add(names_.message));
  return made;
}

}  // namespace forebay::tier
