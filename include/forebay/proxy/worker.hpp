// What a worker thread needs to answer requests: its own connections and numbers, and the parts that all
// share.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "forebay/base/clock.hpp"
#include "forebay/flight/flight_table.hpp"
#include "forebay/flight/key_memo.hpp"
#include "forebay/flight/search_rule_memo.hpp"
#include "forebay/io/asio.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/deadline.hpp"
#include "forebay/io/readiness.hpp"
#include "forebay/observe/log.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/proxy/snapshot.hpp"
#include "forebay/tier/cluster.hpp"
#include "forebay/tier/memory_tier.hpp"
#include "forebay/upstream/fetcher.hpp"

namespace forebay::proxy {

/// Shared by all workers; each member is thread-safe and outlives them.
struct Shared {
  const Clock& clock;
  observe::Log& log;
  tier::MemoryTier& memory;
  flight::FlightTable& flights;
  flight::KeyMemo& uncacheable;               // the uncacheable memo
  flight::KeyMemo& failed;                    // keys whose last fetch has failed
  flight::KeyMemo& unsliced;                  // keys whose representations cannot be kept in slices
  flight::SearchRuleMemo& search_rules;       // of No-Vary-Search, by path
  tier::Cluster* cluster = nullptr;           // nothing without Redis
  HashKey partition_key = HashKey::random();  // where the configuration has none
};

/// Lives on one worker thread; not thread-safe.
class Worker {
 public:
  Worker(const io::Executor& worker_executor, const Shared& parts, observe::WorkerMetrics& numbers,
         std::shared_ptr<const Snapshot> configuration)
      : executor(worker_executor),
        shared(parts),
        metrics(numbers),
        sweep(executor, parts.clock),
        readiness(executor),
        snapshot_(std::move(configuration)) {
    if (!parts.cluster) return;
    shared_tier = std::make_unique<tier::SharedTier>(tier::SharedTier::Dependencies{
        *parts.cluster, parts.memory, executor, sweep, parts.clock, numbers, parts.log});
  }

  const io::Executor executor;
  const Shared shared;
  observe::WorkerMetrics& metrics;
  io::Sweep sweep;
  io::Readiness readiness;
  std::unique_ptr<tier::SharedTier> shared_tier;  // nothing without Redis

  const std::shared_ptr<const Snapshot>& snapshot() const noexcept { return snapshot_; }
  /// Requests that begin from now on use this one; pooled connections to upstreams that are gone are closed.
  void adopt(std::shared_ptr<const Snapshot> snapshot);

  /// This worker's connections to an upstream, made at first use.
  upstream::Fetcher& fetcher(const std::shared_ptr<upstream::Upstream>& upstream);
  void close_idle_upstream_connections();

  /// Shared fetches under way, which go on without the clients that started them: a drain lets them end, a
  /// stop calls them off.
  std::unordered_set<io::Cancel*> shared_fetches;
  void cancel_shared_fetches();

  /// To be called with what has been stored in memory, so that other nodes find it. `writing` is let go
  /// once they do, or will not.
  void share(const cache::StoredResponse& response, const cache::Policy& policy,
             std::shared_ptr<tier::Writing> writing = {}) {
    if (shared_tier) shared_tier->store(response, policy.keep, std::move(writing));
  }
  /// True if this is what is to be done with stored responses, since the node is cut off.
  bool is_cut_off(tier::CutOff what) const noexcept {
    return shared_tier && shared.cluster->settings().when_cut_off == what && shared_tier->is_cut_off();
  }

  /// The partition of a request with these fields on this route, which has a rule for it.
  Partitions::Found partition_of(const http::Fields& request, const Snapshot& snapshot, const Route& route) {
    const auto& key = snapshot.partition_key ? *snapshot.partition_key : shared.partition_key;
    return partitions_.find(request, route.partition, key, shared.clock.now());
  }

  /// Uniform in (0, 1]; for spreading things in time, not for secrets.
  double random() noexcept {
    return static_cast<double>(random_()) / static_cast<double>(std::minstd_rand::max());
  }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
  Partitions partitions_;
  std::minstd_rand random_{std::random_device{}()};
  std::unordered_map<const upstream::Upstream*, std::shared_ptr<upstream::Fetcher>> fetchers_;
};

}  // namespace forebay::proxy
