// The whole configuration as plain values: what a YAML file, or flags alone, become.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "forebay/admin/settings.hpp"
#include "forebay/flight/settings.hpp"
#include "forebay/observe/settings.hpp"
#include "forebay/proxy/settings.hpp"
#include "forebay/server/settings.hpp"
#include "forebay/tier/settings.hpp"
#include "forebay/upstream/settings.hpp"

namespace forebay::config {

struct Config {
  std::vector<server::ListenSettings> listen;
  admin::AdminSettings admin;
  std::uint32_t workers = 0;  // 0: as many as the CPUs that the cgroup allows
  std::chrono::milliseconds drain_timeout{30'000};
  server::Limits limits;
  server::Timeouts timeouts;
  observe::LogSettings log;
  std::vector<upstream::UpstreamSettings> upstreams;
  tier::MemorySettings memory;
  tier::RedisSettings redis;
  tier::RedisEventSettings redis_events;
  flight::FlightSettings flights;
  proxy::ProxySettings proxy;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace forebay::config
