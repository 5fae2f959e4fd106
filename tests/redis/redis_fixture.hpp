// A redis-server and a worker with a client for it.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "forebay/tier/redis_client.hpp"
#include "support/redis_server.hpp"
#include "support/worker.hpp"
#include "tier/redis_connection.hpp"

namespace forebay::tier::testing {

using namespace std::chrono_literals;
using test::RedisServer;
using test::Worker;

/// A worker with one client.
struct RedisWorker : Worker {
  explicit RedisWorker(const RedisSettings& settings)
      : client(std::make_unique<RedisClient>(
            RedisTarget::make(settings).value(),
            RedisClient::Dependencies{context.get_executor(), sweep, metrics, log, {}})) {}
  ~RedisWorker() {
    client.reset();
    settle();
  }

  Result<RedisReply> call(RedisCommand command, RedisClient::Limits limits = {}) {
    return run(client->call(std::move(command), limits));
  }
  Result<RedisReplies> call_all(std::vector<RedisCommand> commands) {
    return run(client->call_all(std::move(commands)));
  }
  std::string text(RedisCommand command) { return call(std::move(command)).value().text; }
  BreakerState breaker() const { return client->states().at(0).breaker; }
  bool wait_for_breaker(BreakerState state) {
    run_until([&] { return breaker() == state; });
    return breaker() == state;
  }

  observe::Log log{{.level = observe::Level::error}};
  std::unique_ptr<RedisClient> client;
};

/// Settings that make tests quick and leave slow machines their time.
inline RedisSettings settings_for(std::string url) {
  RedisSettings settings;
  settings.url = std::move(url);
  settings.timeout = 5s;
  settings.connect_timeout = 5s;
  settings.breaker.slow = 10s;
  settings.breaker.min_pause = 20ms;
  settings.breaker.max_pause = 100ms;
  return settings;
}

inline std::vector<RedisCommand> commands(std::initializer_list<RedisCommand> list) { return list; }

}  // namespace forebay::tier::testing
