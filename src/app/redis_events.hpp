// Events that arrive by Redis: read, understood, and purged as the configuration says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/observe/rare_line.hpp"
#include "forebay/proxy/event_sink.hpp"
#include "forebay/proxy/snapshot.hpp"
#include "forebay/tier/event_feed.hpp"

namespace forebay::app {

/// Lives on the cluster's executor. What the arguments refer to outlives it.
class RedisEvents {
 public:
  using CurrentSnapshot = std::function<std::shared_ptr<const proxy::Snapshot>()>;

  RedisEvents(tier::Cluster& cluster, const tier::RedisEventSettings& settings, proxy::EventSink& sink,
              CurrentSnapshot snapshot, const Clock& clock, observe::Log& log);

  void start() { feed_.start(); }
  void stop() { feed_.stop(); }
  bool has_stopped() const noexcept { return feed_.has_stopped(); }

 private:
  void take(const std::string& where, const Result<std::string_view>& text);

  proxy::EventSink& sink_;
  const CurrentSnapshot snapshot_;
  const Clock& clock_;
  observe::RareLine malformed_;
  tier::EventFeed feed_;
};

}  // namespace forebay::app
