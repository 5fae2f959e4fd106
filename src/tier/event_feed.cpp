#include "forebay/tier/event_feed.hpp"

#include <utility>

#include "tier/redis_stream_group.hpp"
#include "tier/redis_subscription.hpp"

namespace forebay::tier {
namespace {

/// Of what is read at once: it is held in memory twice, apart from the memory tier's budget.
constexpr RedisReplyLimits kLimits{.bytes = 4U << 20, .elements = 4'096};
constexpr std::size_t kMaxName = 200;  // in messages

}  // namespace

EventFeed::EventFeed(Cluster& cluster, const RedisEventSettings& settings, Take take)
    : take_(std::move(take)) {
  auto dependencies = cluster.client_dependencies();
  dependencies.reply_limits = kLimits;
  client_ = std::make_unique<RedisClient>(cluster.target(), dependencies);
  const RedisListener::Dependencies to{dependencies.executor, *client_, dependencies.log};
  if (!settings.stream.empty()) {
    const auto of_stream = " of the stream " + settings.stream.substr(0, kMaxName);
    const auto& group = settings.group.empty() ? cluster.settings().name_space : settings.group;
    group_ = std::make_shared<RedisStreamGroup>(
        to, RedisStreamGroup::Settings{settings.stream, group, cluster.entries().node()},
        RedisStreamGroup::Handlers{
            [this, of_stream](std::string_view id, const Result<std::string_view>& text) {
              take_("the entry " + std::string(id) + of_stream, text);
            },
            [&cluster] { return cluster.follower().wait_until_written(cluster.entries().last_number()); }});
  }
  if (!settings.channel.empty()) {
    const auto where = "a message on the channel " + settings.channel.substr(0, kMaxName);
    subscription_ = std::make_shared<RedisSubscription>(
        to, std::vector{settings.channel},
        RedisSubscription::Handlers{
            [this, where](std::string_view, std::string_view message) { take_(where, message); }});
  }
}

EventFeed::~EventFeed() = default;

void EventFeed::start() {
  if (group_) group_->start();
  if (subscription_) subscription_->start();
}

void EventFeed::stop() {
  if (group_) group_->stop();
  if (subscription_) subscription_->stop();
  client_.reset();
}

bool EventFeed::has_stopped() const noexcept {
  return group_.use_count() <= 1 && subscription_.use_count() <= 1;
}

}  // namespace forebay::tier
