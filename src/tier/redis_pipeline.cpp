#include "tier/redis_pipeline.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace forebay::tier {

namespace asio = boost::asio;
using std::chrono::milliseconds;

RedisBatch::RedisBatch(std::vector<RedisCommand> all) : commands(std::move(all)) {
  for (const auto& command : commands) {
    size_bytes += command.wire().size();
    if (!slot) slot = command.slot();
  }
}

RedisPipeline::RedisPipeline(std::shared_ptr<RedisConnection> connection, const Limits& limits,
                             io::Executor executor)
    : connection_(std::move(connection)),
      limits_(limits),
      executor_(executor),
      more_to_send_(io::Signal::make(executor)) {}

void RedisPipeline::start() {
  const auto keep = [self = shared_from_this()](std::exception_ptr) {};
  asio::co_spawn(executor_, read_all(), keep);
  asio::co_spawn(executor_, write_all(), keep);
}

// ---- Calls ----------------------------------------------------------------------------------------------

io::Awaitable<Result<RedisReplies>> RedisPipeline::call(RedisBatchPtr batch, milliseconds limit,
                                                        io::Cancel* cancel) {
  const auto self = shared_from_this();
  if (end_) co_return *end_;
  if (is_full(*batch)) co_return fail(ErrorKind::redis_busy, connection_->address().text());
  const auto pending = std::make_shared<Pending>(
      Pending{.batch = std::move(batch), .signal = io::Signal::make(executor_), .limit = limit});
  pending->replies.reserve(pending->batch->commands.size());
  waiting_.push_back(pending);
  unsent_.push_back(pending);
  unsent_bytes_ += pending->batch->size_bytes;
  if (waiting_.size() == 1) watch_oldest();
  more_to_send_->notify_here();

  const io::OnCancel wake(cancel, [signal = pending->signal] { signal->notify_here(); });
  if (!wake.requested()) co_await pending->signal->wait(limit);
  if (pending->done) co_return std::move(pending->replies);
  if (pending->failure) co_return *pending->failure;
  give_up(pending);
  if (wake.requested()) co_return fail(ErrorKind::cancelled);
  co_return fail(ErrorKind::redis_timeout, connection_->address().text());
}

bool RedisPipeline::is_full(const RedisBatch& batch) const noexcept {
  if (waiting_.size() >= limits_.calls) return true;
  return !unsent_.empty() && unsent_bytes_ + batch.size_bytes > limits_.unsent_bytes;
}

/// What has not been sent leaves no trace.
void RedisPipeline::give_up(const PendingPtr& pending) {
  const auto unsent = std::find(unsent_.begin(), unsent_.end(), pending);
  if (unsent != unsent_.end()) {
    unsent_bytes_ -= pending->batch->size_bytes;
    unsent_.erase(unsent);
    const bool was_oldest = waiting_.front() == pending;
    std::erase(waiting_, pending);
    if (was_oldest) watch_oldest();
    return;
  }
  pending->dropped = true;
  pending->replies.clear();
  if (++dropped_ <= limits_.dropped) return;
  close(fail(ErrorKind::redis_unavailable,
             connection_->address().text() + ": too many calls were answered too late"));
}

void RedisPipeline::close(Error why) {
  if (end_) return;
  end_ = std::move(why);
  connection_->close();
  unsent_.clear();
  unsent_bytes_ = 0;
  for (const auto& pending : std::exchange(waiting_, {})) {
    pending->failure = *end_;
    pending->signal->notify_here();
  }
  more_to_send_->notify_here();
}

// ---- Reading and writing --------------------------------------------------------------------------------

io::Awaitable<void> RedisPipeline::read_all() {
  while (!end_) {
    auto reply = co_await connection_->receive({});
    if (reply.has_error()) co_return close(reply.error());
    if (end_) co_return;
    if (!take(std::move(*reply)))
      co_return close(fail(ErrorKind::redis_protocol, connection_->address().text() + ": an unasked reply"));
  }
}

/// False when nobody waits for a reply.
bool RedisPipeline::take(RedisReply reply) {
  if (waiting_.empty()) return false;
  const auto pending = waiting_.front();
  if (!pending->dropped) pending->replies.push_back(std::move(reply));
  if (++pending->received < pending->batch->commands.size()) return true;
  waiting_.pop_front();
  watch_oldest();
  if (pending->dropped) {
    --dropped_;
  } else {
    pending->done = true;
    pending->signal->notify_here();
  }
  return true;
}

/// Whoever is next in line has its own time from now on: a reply before it may have been long.
void RedisPipeline::watch_oldest() noexcept {
  if (waiting_.empty()) return connection_->expect_within({});
  connection_->expect_within(std::max(limits_.stall, waiting_.front()->limit));
}

io::Awaitable<void> RedisPipeline::write_all() {
  std::deque<PendingPtr> sending;  // kept until their bytes are gone
  std::vector<asio::const_buffer> buffers;
  while (!end_) {
    if (unsent_.empty()) {
      co_await more_to_send_->wait(std::chrono::hours(1));
      continue;
    }
    sending = std::exchange(unsent_, {});
    unsent_bytes_ = 0;
    for (const auto& pending : sending)
      for (const auto& command : pending->batch->commands) buffers.push_back(asio::buffer(command.wire()));
    const auto failure = co_await connection_->send(buffers);
    if (failure) co_return close(*failure);
    sending.clear();
    buffers.clear();
  }
}

}  // namespace forebay::tier
