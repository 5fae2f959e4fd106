#include "redis_reads.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace forebay::tier {

using observe::RedisLookup;

struct RedisReads::Shared {
  std::string name;
  RedisRead read{RedisLookup::unavailable};  // unless it gets to an end
  bool done = false;
  std::vector<std::shared_ptr<io::Signal>> waiting{};
  io::Cancel cancel{};
};

/// Waits as long as it lives. The last one to leave calls the read off.
class RedisReads::Waiter {
 public:
  Waiter(RedisReads& reads, SharedPtr shared, std::shared_ptr<io::Signal> signal)
      : reads_(reads.weak_from_this()), shared_(std::move(shared)), signal_(std::move(signal)) {
    shared_->waiting.push_back(signal_);
  }
  ~Waiter() {
    std::erase(shared_->waiting, signal_);
    if (shared_->done || !shared_->waiting.empty()) return;
    // Whoever comes now begins anew.
    if (const auto reads = reads_.lock()) reads->forget(*shared_);
    shared_->cancel.request();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

 private:
  std::weak_ptr<RedisReads> reads_;
  SharedPtr shared_;
  std::shared_ptr<io::Signal> signal_;
};

io::Awaitable<RedisRead> RedisReads::share(std::string name, Work work, std::chrono::milliseconds limit,
                                           io::Cancel* cancel) {
  const auto at = reads_.find(name);
  const auto shared = at != reads_.end() ? at->second : begin(std::move(name), std::move(work));
  const auto signal = io::Signal::make(executor_);
  const Waiter waiter(*this, shared, signal);
  const io::OnCancel on_cancel(cancel, [signal] { signal->notify_here(); });
  if (!shared->done) co_await signal->wait(limit);
  if (shared->done) co_return shared->read;
  co_return RedisRead{on_cancel.requested() ? RedisLookup::cancelled : RedisLookup::timeout};
}

RedisReads::SharedPtr RedisReads::begin(std::string name, Work work) {
  auto shared = std::make_shared<Shared>();
  shared->name = std::move(name);
  reads_.emplace(shared->name, shared);
  boost::asio::co_spawn(
      executor_, run(shared, std::move(work)),
      [self = shared_from_this(), shared](const std::exception_ptr&) { self->finish(*shared); });
  return shared;
}

io::Awaitable<void> RedisReads::run(SharedPtr shared, Work work) {
  shared->read = co_await work(shared->cancel);
}

void RedisReads::finish(Shared& shared) {
  shared.done = true;
  forget(shared);
  for (const auto& signal : shared.waiting) signal->notify_here();
}

/// Another of the same name may have begun since.
void RedisReads::forget(const Shared& shared) {
  const auto at = reads_.find(shared.name);
  if (at != reads_.end() && at->second.get() == &shared) reads_.erase(at);
}

void RedisReads::close() {
  const auto all = std::exchange(reads_, {});
  for (const auto& [name, shared] : all) shared->cancel.request();
}

}  // namespace forebay::tier
