// Two nodes that share a Redis, in front of one origin.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "support/redis_server.hpp"
#include "support/test_daemon.hpp"

namespace forebay::test {

/// Has a node share this Redis with others; on a slow machine, too, it is given the time it needs.
inline void share(config::Config& config, const RedisServer& redis) {
  config.admin.address = "127.0.0.1:0";
  config.redis.url = redis.url();
  config.redis.timeout = seconds(5);
  config.redis.connect_timeout = seconds(5);
  config.redis.breaker.slow = seconds(10);
}

/// A request that is not read yet.
inline Client asking(const TestDaemon& node, const std::string& target, const FieldLines& fields = {}) {
  auto client = node.client();
  client.request("GET", target, fields);
  return client;
}

struct TwoNodes : testing::Test {
  TestDaemon::Change with_redis(const TestDaemon::Change& more = {}) {
    return [this, more](config::Config& config) {
      share(config, redis);
      if (more) more(config);
    };
  }
  /// Both have read the log, and what was stored or purged is in Redis.
  void settle() {
    for (auto* node : {&a, &b}) {
      EXPECT_TRUE(node->wait_until_metric_is("forebay_redis_log_verified", 1));
      EXPECT_TRUE(node->wait_until_metric_is("forebay_redis_queued_bytes", 0));
    }
    EXPECT_TRUE(eventually([&] {
      const std::string position = "forebay_redis_log_position";
      const std::string unwritten = "forebay_redis_log_unwritten";
      return a.metric(unwritten) == 0 && b.metric(unwritten) == 0 && a.metric(position) > 0 &&
             a.metric(position) == b.metric(position);
    }));
  }
  Response get(TestDaemon& node, const std::string& target, const FieldLines& fields = {}) {
    return node.get(target, fields);
  }

  RedisServer redis;
  ScriptedOrigin origin;
  TestDaemon a{origin, with_redis()};
  TestDaemon b{origin, with_redis()};
};

}  // namespace forebay::test
