#include "upstream/connection_pool.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace forebay::upstream {

namespace {
/// How often idle connections are looked at, so that one which the server has closed does not linger
/// half-open.
constexpr std::chrono::milliseconds kCleanUpPeriod{1'000};
}  // namespace

// The clean-up destroys streams and with them Deadlines, which a Deadline's expiry must not: hence the post.
ConnectionPool::ConnectionPool(const io::Executor& executor, io::Sweep& sweep, const Limits& limits)
    : executor_(executor), sweep_(sweep), limits_(limits), next_clean_up_(sweep, [this] {
        boost::asio::post(executor_, [weak = weak_from_this()] {
          if (const auto self = weak.lock()) self->clean_up();
        });
      }) {}

std::shared_ptr<Connection> ConnectionPool::take() {
  while (!idle_.empty()) {
    auto idle = std::move(idle_.back());
    idle_.pop_back();
    if (idle.connection->stream().is_quiet() && sweep_.now() - idle.since < limits_.idle_timeout)
      return std::move(idle.connection);
  }
  return nullptr;
}

void ConnectionPool::give_back(std::shared_ptr<Connection> connection) {
  if (limits_.max_idle == 0) return;
  if (idle_.size() >= limits_.max_idle) idle_.erase(idle_.begin());
  connection->mark_pooled();
  idle_.push_back({std::move(connection), sweep_.now()});
  if (idle_.size() == 1) schedule();
}

void ConnectionPool::clear() {
  next_clean_up_.disarm();
  idle_.clear();
}

void ConnectionPool::retire() {
  limits_.max_idle = 0;
  clear();
}

void ConnectionPool::schedule() { next_clean_up_.arm(std::min(kCleanUpPeriod, limits_.idle_timeout)); }

void ConnectionPool::clean_up() {
  const auto now = sweep_.now();
  std::erase_if(idle_, [&](const Idle& idle) {
    return now - idle.since >= limits_.idle_timeout || !idle.connection->stream().is_quiet();
  });
  if (!idle_.empty()) schedule();
}

}  // namespace forebay::upstream
