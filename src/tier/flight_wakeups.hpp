// Messages by which the leaders of flights wake those that follow them on other nodes.
//
// They are for haste alone: who follows looks now and then in any case, so a message that is lost costs
// latency. All flights share a channel; a worker listens to it from the first time on that it follows one.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "forebay/io/signal.hpp"
#include "redis_subscription.hpp"

namespace forebay::tier {

/// Lives on one worker.
class FlightWakeups : public std::enable_shared_from_this<FlightWakeups> {
 public:
  FlightWakeups(const RedisListener::Dependencies& dependencies, std::string channel)
      : dependencies_(dependencies), channel_(std::move(channel)) {}

  using Waiting = std::unordered_multimap<std::string, std::shared_ptr<io::Signal>>;
  /// Listens as long as it lives.
  class Listening {
   public:
    Listening(std::weak_ptr<FlightWakeups> wakeups, Waiting::iterator at)
        : wakeups_(std::move(wakeups)), at_(at) {}
    ~Listening() {
      if (const auto wakeups = wakeups_.lock()) wakeups->waiting_.erase(at_);
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

   private:
    const std::weak_ptr<FlightWakeups> wakeups_;
    const Waiting::iterator at_;
  };
  /// The signal is notified with each message about the flight.
  std::unique_ptr<Listening> listen(std::string flight, std::shared_ptr<io::Signal> signal);
  /// Before the client goes.
  void close();
  bool is_heard() const noexcept { return subscription_ && subscription_->is_heard(); }

 private:
  void wake(const std::string& flight);

  const RedisListener::Dependencies dependencies_;
  const std::string channel_;
  Waiting waiting_;
  std::shared_ptr<RedisSubscription> subscription_;
  bool closed_ = false;
};

}  // namespace forebay::tier
