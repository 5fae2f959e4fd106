// Texts that arrive by Redis: what others add to a stream, or publish on a channel.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "forebay/base/result.hpp"
#include "forebay/tier/cluster.hpp"
#include "forebay/tier/settings.hpp"

namespace forebay::tier {

class RedisStreamGroup;
class RedisSubscription;

/// Not thread-safe: lives on the cluster's executor. The cluster outlives it.
class EventFeed {
 public:
  /// What an event says, or why that cannot be known, and where it came from: "the entry 5-1 of the stream
  /// events". What has been purged when it returns is in the shared log before a stream's entry is
  /// acknowledged.
  using Take = std::function<void(const std::string& where, const Result<std::string_view>& text)>;

  EventFeed(Cluster& cluster, const RedisEventSettings& settings, Take take);
  ~EventFeed();
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  /// On the executor, or before that runs.
  void start();
  /// On the executor, before the cluster is stopped: what is under way ends soon after.
  void stop();
  /// True when nothing is under way any more.
  bool has_stopped() const noexcept;

 private:
  const Take take_;
  std::unique_ptr<RedisClient> client_;
  std::shared_ptr<RedisStreamGroup> group_;          // nothing without a stream
  std::shared_ptr<RedisSubscription> subscription_;  // nothing without a channel
};

}  // namespace forebay::tier
