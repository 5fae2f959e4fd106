#include "flight_wakeups.hpp"

#include <utility>
#include <vector>

namespace forebay::tier {

std::unique_ptr<FlightWakeups::Listening> FlightWakeups::listen(std::string flight,
                                                                std::shared_ptr<io::Signal> signal) {
  if (!subscription_ && !closed_) {
    std::vector<std::string> channels{channel_};
    // It ends in close(), before this does.
    subscription_ = std::make_shared<RedisSubscription>(
        dependencies_, std::move(channels),
        RedisSubscription::Handlers{
            [this](std::string_view, std::string_view message) { wake(std::string(message)); }});
    subscription_->start();
  }
  const auto at = waiting_.emplace(std::move(flight), std::move(signal));
  return std::make_unique<Listening>(weak_from_this(), at);
}

void FlightWakeups::wake(const std::string& flight) {
  const auto [first, last] = waiting_.equal_range(flight);
  for (auto at = first; at != last; ++at) at->second->notify_here();
}

void FlightWakeups::close() {
  closed_ = true;
  if (subscription_) std::exchange(subscription_, nullptr)->stop();
}

}  // namespace forebay::tier
