#include "tier/redis_listener.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

namespace forebay::tier {

using std::chrono::milliseconds;

RedisListener::RedisListener(const Dependencies& dependencies, std::string key, std::string complaint)
    : to_(dependencies),
      key_(std::move(key)),
      complaint_(std::move(complaint)),
      pause_(io::Signal::make(to_.executor)) {}

void RedisListener::start() { co_spawn(to_.executor, keep(), io::asio::detached); }

void RedisListener::stop() {
  stop_.request();
  if (connection_) connection_->close();
  pause_->notify_here();
}

io::Awaitable<void> RedisListener::keep() {
  const auto self = shared_from_this();
  while (!is_stopping()) {
    auto key = next_key();
    auto opened = co_await to_.client.open(std::move(key), {.cancel = &stop_});
    MaybeError error;
    if (opened.has_value() && !is_stopping()) {
      connection_ = *opened;
      error = co_await use(connection_);
      connection_->close();
      connection_.reset();
    } else if (opened.has_error()) {
      error = opened.error();
    }
    if (is_stopping()) break;
    if (error) complain(*error);
    co_await rest(next_pause());
  }
}

io::Awaitable<void> RedisListener::rest(milliseconds time) {
  if (!is_stopping()) co_await pause_->wait(time);
}

void RedisListener::note_well() {
  last_pause_ = milliseconds(0);
  last_complaint_.clear();
}

/// Each reason once, however often it comes.
void RedisListener::complain(const Error& error) {
  auto text = complaint_ + describe(error);
  if (text == last_complaint_) return;
  to_.log.write(observe::Level::warning, text);
  last_complaint_ = std::move(text);
}

/// Where any node will do: another key at each attempt leads past one that cannot be reached.
std::string RedisListener::next_key() { return key_.empty() ? std::to_string(random_()) : key_; }

/// Drawn, so that nodes that lost a server together do not come back to it together.
milliseconds RedisListener::next_pause() {
  const auto& breaker = to_.client.target().settings().breaker;
  last_pause_ =
      std::clamp(2 * last_pause_, breaker.min_pause, std::max(breaker.min_pause, breaker.max_pause));
  const auto drawn = std::uniform_real_distribution<>(0.5, 1)(random_);
  return milliseconds(static_cast<milliseconds::rep>(static_cast<double>(last_pause_.count()) * drawn));
}

}  // namespace forebay::tier
