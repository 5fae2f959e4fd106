#include "upstream/connection_pool.hpp"

#include <gtest/gtest.h>

#include "unit/upstream/upstream_fixture.hpp"

namespace forebay::upstream::testing {
namespace {

/// A stream that is quiet as long as the test says so.
class FakeStream final : public io::Stream {
 public:
  FakeStream(io::Sweep& sweep, const bool& quiet) : Stream(sweep), quiet_(quiet) {}
  io::Awaitable<std::pair<boost::system::error_code, std::size_t>> read_some(asio::mutable_buffer) override {
    co_return std::pair<boost::system::error_code, std::size_t>{};
  }
  io::Awaitable<boost::system::error_code> write(std::span<const asio::const_buffer>) override {
    co_return boost::system::error_code{};
  }
  void close() noexcept override {}
  bool is_quiet() noexcept override { return quiet_; }

 private:
  const bool& quiet_;
};

class ConnectionPoolTest : public ::testing::Test {
 protected:
  ~ConnectionPoolTest() override {
    pool_.reset();
    EXPECT_EQ(worker.metrics.upstream_connections.value(), 0);
  }
  ConnectionPool& pool(ConnectionPool::Limits limits = {2, 10s}) {
    if (!pool_) pool_ = std::make_shared<ConnectionPool>(worker.context.get_executor(), worker.sweep, limits);
    return *pool_;
  }
  std::shared_ptr<Connection> connection(const bool& quiet) {
    return std::make_shared<Connection>(std::make_unique<FakeStream>(worker.sweep, quiet), worker.metrics);
  }
  void run_for(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    worker.run_until([&] { return std::chrono::steady_clock::now() >= end; });
  }

  const bool quiet_ = true;
  Worker worker;

 private:
  std::shared_ptr<ConnectionPool> pool_;
};

TEST_F(ConnectionPoolTest, GivesTheConnectionUsedLast) {
  EXPECT_FALSE(pool().take());
  const auto a = connection(quiet_);
  const auto b = connection(quiet_);
  EXPECT_FALSE(a->is_pooled());
  pool().give_back(a);
  pool().give_back(b);
  EXPECT_TRUE(a->is_pooled());
  EXPECT_EQ(pool().take(), b);
  EXPECT_EQ(pool().take(), a);
  EXPECT_FALSE(pool().take());
}

TEST_F(ConnectionPoolTest, KeepsNoMoreThanAllowedAndTheNewest) {
  std::shared_ptr<Connection> made[3] = {connection(quiet_), connection(quiet_), connection(quiet_)};
  for (auto& one : made) pool().give_back(one);
  EXPECT_EQ(pool().size(), 2U);
  EXPECT_EQ(pool().take(), made[2]);
  EXPECT_EQ(pool().take(), made[1]);
}

TEST_F(ConnectionPoolTest, KeepsNothingWhenToldSo) {
  pool({0, 10s}).give_back(connection(quiet_));
  EXPECT_EQ(pool().size(), 0U);
}

TEST_F(ConnectionPoolTest, DropsAConnectionThatIsNotQuiet) {
  bool first_is_quiet = true;
  const auto first = connection(first_is_quiet);
  bool second_is_quiet = true;
  pool().give_back(first);
  pool().give_back(connection(second_is_quiet));
  second_is_quiet = false;
  EXPECT_EQ(pool().take(), first);
  EXPECT_EQ(worker.metrics.upstream_connections.value(), 1);
}

TEST_F(ConnectionPoolTest, DoesNotReuseWhatWasIdleForTooLong) {
  pool({2, 1ms}).give_back(connection(quiet_));
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(pool().take());
}

TEST_F(ConnectionPoolTest, ClosesWhatWasIdleForTooLongByItself) {
  pool({2, 100ms}).give_back(connection(quiet_));
  run_for(400ms);
  EXPECT_EQ(pool().size(), 0U);
  EXPECT_EQ(worker.metrics.upstream_connections.value(), 0);
}

TEST_F(ConnectionPoolTest, ClosesWhatTheServerHasClosedByItself) {
  bool quiet = true;
  pool().give_back(connection(quiet));
  pool().give_back(connection(quiet_));
  quiet = false;
  run_for(1'400ms);
  EXPECT_EQ(pool().size(), 1U);
}

TEST_F(ConnectionPoolTest, TakesNothingBackOnceRetired) {
  pool().give_back(connection(quiet_));
  pool().retire();
  EXPECT_EQ(pool().size(), 0U);
  pool().give_back(connection(quiet_));
  EXPECT_EQ(pool().size(), 0U);
}

}  // namespace
}  // namespace forebay::upstream::testing
