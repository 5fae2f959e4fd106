#include "forebay/tier/redis_client.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "tier/redis_slot.hpp"
#include "tier/redis_topology.hpp"

namespace forebay::tier {
namespace {

using Dependencies = RedisClient::Dependencies;
using std::chrono::milliseconds;

/// Every worker draws from a sequence of its own.
std::function<double()> own_chance() {
  return [generator = std::minstd_rand(std::random_device()()),
          between = std::uniform_real_distribution<>()]() mutable { return between(generator); };
}

Dependencies complete(const Dependencies& given) {
  auto made = given;
  if (!made.chance) made.chance = own_chance();
  return made;
}

/// Counts a call from its beginning to its end, also when the coroutine is destroyed in between.
class CallCount {
 public:
  CallCount(observe::WorkerMetrics& metrics, const io::Sweep& sweep)
      : metrics_(metrics), sweep_(sweep), begun_(sweep.now()) {
    metrics_.redis_calls.add();
    metrics_.redis_in_flight.add(1);
  }
  ~CallCount() { metrics_.redis_in_flight.add(-1); }
  CallCount(const CallCount&) = delete;
  CallCount& operator=(const CallCount&) = delete;

  void answered() {
    metrics_.redis_latency.record(std::chrono::duration_cast<milliseconds>(sweep_.now() - begun_));
  }
  void failed(ErrorKind kind) {
    const auto index =
        static_cast<std::size_t>(kind) - static_cast<std::size_t>(ErrorKind::redis_unavailable);
    if (index < observe::kRedisErrors) metrics_.redis_errors[index].add();
  }

 private:
  observe::WorkerMetrics& metrics_;
  const io::Sweep& sweep_;
  const SteadyTime begun_;
};

}  // namespace

RedisClient::RedisClient(std::shared_ptr<RedisTarget> target, const Dependencies& dependencies)
    : target_(std::move(target)),
      dependencies_(complete(dependencies)),
      topology_(make_redis_topology(target_, dependencies_)) {}

RedisClient::~RedisClient() { topology_->close(); }

io::Awaitable<Result<RedisReply>> RedisClient::call(RedisCommand command, Limits limits) {
  std::vector<RedisCommand> one;
  one.push_back(std::move(command));
  auto replies = co_await call_all(std::move(one), limits);
  if (replies.has_error()) co_return replies.error();
  auto& reply = replies->front();
  if (!reply.is_error()) co_return std::move(reply);
  co_return fail(ErrorKind::redis_error, std::move(reply.text));
}

io::Awaitable<Result<RedisReply>> RedisClient::call(RedisCommand command) {
  return call(std::move(command), Limits());
}

io::Awaitable<Result<RedisReplies>> RedisClient::call_all(std::vector<RedisCommand> commands, Limits limits) {
  CallCount count(dependencies_.metrics, dependencies_.sweep);
  const auto time = limits.time > milliseconds(0) ? limits.time : target_->settings().timeout;
  auto batch = std::make_shared<const RedisBatch>(std::move(commands));
  auto replies = co_await topology_->call(std::move(batch), time, limits.cancel);
  if (replies.has_error()) {
    count.failed(replies.error().kind);
    co_return replies;
  }
  count.answered();
  for (const auto& reply : *replies)
    if (reply.is_error()) count.failed(ErrorKind::redis_error);
  co_return replies;
}

io::Awaitable<Result<RedisReplies>> RedisClient::call_all(std::vector<RedisCommand> commands) {
  return call_all(std::move(commands), Limits());
}

io::Awaitable<Result<std::shared_ptr<RedisConnection>>> RedisClient::open(std::string key, Limits limits) {
  const auto time = limits.time > milliseconds(0) ? limits.time : target_->settings().connect_timeout;
  std::optional<std::uint16_t> slot;
  if (!key.empty()) slot = redis_slot(key);
  return topology_->open(slot, time, limits.cancel);
}

std::vector<RedisNodeState> RedisClient::states() const { return topology_->states(); }

bool RedisClient::is_available() const {
  const auto states = topology_->states();
  return std::none_of(states.begin(), states.end(),
                      [](const auto& node) { return node.breaker != BreakerState::closed; });
}

}  // namespace forebay::tier
