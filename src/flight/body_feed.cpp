#include "forebay/flight/body_feed.hpp"

#include <algorithm>
#include <utility>

namespace forebay::flight {
namespace {

void notify_all(const std::vector<std::shared_ptr<io::Signal>>& signals) {
  for (const auto& signal : signals) signal->notify();
}

/// True if `next` goes on where `slice` ends, in the same chunk.
bool continues(const cache::Slice& slice, const cache::Slice& next) {
  return slice.chunk == next.chunk && slice.offset + slice.size == next.offset;
}

}  // namespace

void BodyFeed::append(cache::Slice slice) {
  std::vector<std::shared_ptr<io::Signal>> woken;
  {
    const std::lock_guard lock(mutex_);
    end_ += slice.size;
    if (!slices_.empty() && continues(slices_.back(), slice))
      slices_.back().size += slice.size;
    else
      slices_.push_back(std::move(slice));
    woken = take_waiting();
  }
  notify_all(woken);
}

void BodyFeed::finish(std::string trailers) {
  std::vector<std::shared_ptr<io::Signal>> woken;
  {
    const std::lock_guard lock(mutex_);
    if (finished_ || error_) return;  // what has failed does not become complete
    finished_ = true;
    trailers_ = std::move(trailers);
    woken = take_waiting();
  }
  notify_all(woken);
}

void BodyFeed::fail(Error error) {
  std::vector<std::shared_ptr<io::Signal>> woken;
  {
    const std::lock_guard lock(mutex_);
    if (finished_ || error_) return;
    error_ = std::move(error);
    woken = take_waiting();
  }
  notify_all(woken);
}

void BodyFeed::let_go() {
  const std::lock_guard lock(mutex_);
  kept_ = false;
  trim();
}

io::Awaitable<bool> BodyFeed::wait_for_room(std::shared_ptr<io::Signal> signal,
                                            std::chrono::milliseconds limit, std::uint64_t window) {
  std::optional<std::uint64_t> stuck;  // where the slowest reader was when the limit passed, if it did
  for (;;) {
    std::uint64_t passed = 0;
    {
      const std::lock_guard lock(mutex_);
      producer_.reset();
      if (kept_) co_return true;
      if (readers_.empty()) co_return false;
      passed = slowest();
      if (end_ - passed < window) co_return true;
      if (stuck == passed) co_return false;
      producer_ = signal;
      window_ = window;
    }
    const bool notified = co_await signal->wait(limit);
    if (notified)
      stuck.reset();
    else
      stuck = passed;
  }
}

std::vector<cache::Slice> BodyFeed::slices() const {
  const std::lock_guard lock(mutex_);
  return {slices_.begin(), slices_.end()};
}

std::uint64_t BodyFeed::size() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

bool BodyFeed::has_readers() const {
  const std::lock_guard lock(mutex_);
  return !readers_.empty();
}

std::unique_ptr<BodyFeed::Reader> BodyFeed::join(const io::Executor& executor) {
  auto signal = io::Signal::make(executor);
  const std::lock_guard lock(mutex_);
  if (begin_ > 0 || (!kept_ && end_ > 0) || error_) return nullptr;
  readers_.push_back({0, std::move(signal), false});
  return std::unique_ptr<Reader>(new Reader(shared_from_this(), std::prev(readers_.end())));
}

std::uint64_t BodyFeed::slowest() const {
  auto offset = end_;
  for (const auto& reader : readers_) offset = std::min(offset, reader.offset);
  return offset;
}

void BodyFeed::trim() {
  if (kept_) return;
  const auto passed = slowest();
  while (!slices_.empty() && begin_ + slices_.front().size <= passed) {
    begin_ += slices_.front().size;
    slices_.pop_front();
  }
}

std::shared_ptr<io::Signal> BodyFeed::room_signal() {
  if (!producer_ || kept_) return nullptr;
  if (!readers_.empty() && end_ - slowest() >= window_) return nullptr;
  return std::exchange(producer_, nullptr);
}

std::vector<std::shared_ptr<io::Signal>> BodyFeed::take_waiting() {
  std::vector<std::shared_ptr<io::Signal>> signals;
  for (auto& reader : readers_)
    if (std::exchange(reader.waiting, false)) signals.push_back(reader.signal);
  return signals;
}

BodyFeed::Reader::Reader(std::shared_ptr<BodyFeed> feed, Positions::iterator position)
    : feed_(std::move(feed)), position_(position), signal_(position->signal) {}

BodyFeed::Reader::~Reader() {
  std::shared_ptr<io::Signal> producer;
  {
    const std::lock_guard lock(feed_->mutex_);
    feed_->readers_.erase(position_);
    feed_->trim();
    producer = feed_->room_signal();
  }
  if (producer) producer->notify();
}

io::Awaitable<Result<std::vector<cache::Slice>>> BodyFeed::Reader::next(std::chrono::milliseconds limit) {
  for (;;) {
    std::shared_ptr<io::Signal> producer;
    auto taken = take(producer);
    if (producer) producer->notify();
    if (taken) co_return std::move(*taken);
    const bool notified = co_await signal_->wait(limit);
    if (!notified) co_return forebay::fail(ErrorKind::between_bytes_timeout);
  }
}

std::optional<Result<std::vector<cache::Slice>>> BodyFeed::Reader::take(
    std::shared_ptr<io::Signal>& producer) {
  const std::lock_guard lock(feed_->mutex_);
  auto& offset = position_->offset;
  if (cancelled_) return Result<std::vector<cache::Slice>>(forebay::fail(ErrorKind::cancelled));
  if (offset == feed_->end_) {
    if (feed_->finished_) return Result<std::vector<cache::Slice>>(std::vector<cache::Slice>{});
    if (feed_->error_) return Result<std::vector<cache::Slice>>(*feed_->error_);
    position_->waiting = true;
    return std::nullopt;
  }
  std::vector<cache::Slice> batch;
  auto start = feed_->begin_;
  for (const auto& slice : feed_->slices_) {
    const auto skip = offset > start ? offset - start : 0;
    start += slice.size;
    if (skip >= slice.size) continue;
    const auto skipped = static_cast<std::uint32_t>(skip);
    batch.push_back({slice.chunk, slice.offset + skipped, slice.size - skipped});
    offset = start;
    if (batch.size() == kBatch) break;
  }
  feed_->trim();
  producer = feed_->room_signal();
  return Result<std::vector<cache::Slice>>(std::move(batch));
}

void BodyFeed::Reader::cancel() {
  cancelled_ = true;
  signal_->notify();
}

std::string BodyFeed::Reader::trailers() const {
  const std::lock_guard lock(feed_->mutex_);
  return feed_->trailers_;
}

}  // namespace forebay::flight
