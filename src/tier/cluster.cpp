#include "forebay/tier/cluster.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "forebay/cache/freshness.hpp"

namespace forebay::tier {
namespace {

/// Unlike any other node's and any this one had before: 64 random bits.
std::string new_node_name() {
  std::random_device random;
  const Digest bits{random(), (std::uint64_t{random()} << 32U) | random()};
  return to_hex(bits).substr(kHexDigits / 2);
}

}  // namespace

// ---- Cluster --------------------------------------------------------------------------------------------

Result<std::unique_ptr<Cluster>> Cluster::make(const RedisSettings& settings,
                                               const Dependencies& dependencies) {
  auto target = RedisTarget::make(settings);
  if (!target) return target.error();
  return std::unique_ptr<Cluster>(new Cluster(std::move(*target), dependencies));
}

Cluster::Cluster(std::shared_ptr<RedisTarget> target, const Dependencies& to)
    : target_(std::move(target)),
      executor_(to.executor),
      log_(to.log),
      sweep_(to.executor, to.clock),
      queue_(settings().write_queue),
      unled_(settings().max_unled) {
  client_ = std::make_unique<RedisClient>(target_, client_dependencies());
  // The follower is there before anybody purges.
  entries_ = std::make_unique<SharedLog>(to.memory, new_node_name(), [this] { follower_->wake(); });
  follower_ = std::make_shared<LogFollower>(
      LogFollower::Settings{settings().name_space, settings().log_retention, settings().max_unverified},
      LogFollower::Dependencies{to.executor, *client_, *entries_, to.clock, metrics_, to.log});
}

Cluster::~Cluster() = default;

std::vector<RedisNodeState> Cluster::nodes() const {
  return client_ ? client_->states() : std::vector<RedisNodeState>();
}

void Cluster::start() {
  sweep_.start();
  follower_->start();
}

void Cluster::stop() {
  follower_->stop();
  client_.reset();
  sweep_.stop();
}

// ---- SharedTier -----------------------------------------------------------------------------------------

SharedTier::SharedTier(const Dependencies& dependencies)
    : to_(dependencies),
      client_(to_.cluster.target(),
              RedisClient::Dependencies{to_.executor, to_.sweep, to_.metrics, to_.log, {}}),
      tier_(to_.cluster.settings(), RedisTier::Dependencies{client_, to_.memory, to_.cluster.queue(),
                                                            to_.clock, to_.executor, to_.metrics, to_.log}),
      flights_(to_.cluster.settings(),
               SharedFlights::Dependencies{client_, to_.memory, to_.cluster.queue(), to_.clock, to_.executor,
                                           to_.metrics, to_.log}) {}

io::Awaitable<cache::StoredResponsePtr> SharedTier::find(cache::PrimaryKey key, const http::Fields& request,
                                                         cache::StoredResponsePtr known, io::Cancel& cancel) {
  auto lookup = co_await tier_.find(key, request, {.cancel = &cancel});
  const auto& found = lookup.response;
  if (!found) co_return nullptr;
  if (known && known->freshness().response_time >= found->freshness().response_time) co_return nullptr;
  // Before it is asked what has been purged: a purge that comes later finds it in memory.
  const auto position = to_.memory.log().position();
  if (!to_.cluster.entries().vouches_for(key, found->tags(), found->position())) co_return nullptr;
  auto copy = own_copy(*found, position);
  if (to_.memory.stores()) to_.memory.insert(key.digest, copy);
  co_return copy;
}

/// As it is kept in memory: at a position of the own log, and no longer than the settings say.
cache::StoredResponsePtr SharedTier::own_copy(const cache::StoredResponse& found,
                                              cache::Position position) const {
  auto parts = found.as_parts();
  parts.position = position;
  const auto limit = to_.cluster.settings().memory_ttl;
  if (limit.count() > 0) {
    const auto until = cache::current_age(parts.freshness, to_.clock.now()) + limit;
    parts.freshness.lifetime =
        std::min(parts.freshness.lifetime, std::chrono::duration_cast<cache::StoredSeconds>(until));
  }
  return cache::StoredResponse::make(parts);
}

void SharedTier::store(const cache::StoredResponse& response, std::optional<std::chrono::seconds> keep,
                       std::shared_ptr<Writing> writing) {
  if (response.is_incomplete() || is_cut_off()) return;
  const auto position = to_.cluster.entries().shared_position(response.position());
  if (!position) return;
  auto parts = response.as_parts();
  parts.position = *position;
  tier_.store(cache::StoredResponse::make(parts), keep, std::move(writing));
}

}  // namespace forebay::tier
