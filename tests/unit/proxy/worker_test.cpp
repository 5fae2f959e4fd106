#include "forebay/proxy/worker.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace forebay::proxy {
namespace {

std::shared_ptr<upstream::Upstream> upstream_named(const std::string& name) {
  upstream::UpstreamSettings settings;
  settings.name = name;
  settings.servers = {"http://127.0.0.1:3000"};
  return upstream::Upstream::make(settings).value();
}
std::shared_ptr<const Snapshot> snapshot_with(std::vector<std::shared_ptr<upstream::Upstream>> upstreams) {
  return Snapshot::make({}, {}, std::move(upstreams)).value();
}

struct WorkerTest : ::testing::Test {
  SystemClock clock;
  observe::Log log{{}};
  tier::MemoryTier memory{{.size = 1 << 20}, 1};
  flight::FlightTable flights;
  flight::KeyMemo uncacheable;
  flight::KeyMemo failed;
  flight::KeyMemo unsliced;
  flight::SearchRuleMemo search_rules;
  observe::WorkerMetrics metrics;
  io::asio::io_context context;
  std::shared_ptr<upstream::Upstream> one = upstream_named("one");
  std::shared_ptr<upstream::Upstream> two = upstream_named("two");
  Worker worker{context.get_executor(),
                {clock, log, memory, flights, uncacheable, failed, unsliced, search_rules},
                metrics,
                snapshot_with({one, two})};
};

TEST_F(WorkerTest, HasOneFetcherPerUpstream) {
  auto& first = worker.fetcher(one);
  EXPECT_EQ(&worker.fetcher(one), &first);
  EXPECT_NE(&worker.fetcher(two), &first);
}

TEST_F(WorkerTest, AReloadKeepsTheFetchersOfUpstreamsThatStay) {
  auto& kept = worker.fetcher(one);
  worker.fetcher(two);
  const auto next = snapshot_with({one});
  worker.adopt(next);
  EXPECT_EQ(worker.snapshot(), next);
  EXPECT_EQ(&worker.fetcher(one), &kept);
  EXPECT_EQ(two.use_count(), 1);
}

TEST_F(WorkerTest, CallsOffSharedFetches) {
  io::Cancel a;
  io::Cancel b;
  worker.shared_fetches.insert(&a);
  worker.cancel_shared_fetches();
  EXPECT_TRUE(a.requested());
  EXPECT_FALSE(b.requested());
  worker.shared_fetches.erase(&a);
}

}  // namespace
}  // namespace forebay::proxy
