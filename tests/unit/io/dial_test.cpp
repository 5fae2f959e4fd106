#include "forebay/io/dial.hpp"

#include <gtest/gtest.h>

#include "support/full_listener.hpp"
#include "support/scripted_origin.hpp"
#include "support/worker.hpp"

namespace forebay::io {
namespace {

using namespace std::chrono_literals;
using test::FullListener;
using test::ScriptedOrigin;
using test::Worker;

Endpoint loopback(std::uint16_t port) {
  return Endpoint(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), port));
}

struct DialTest : ::testing::Test {
  Worker worker;
  Executor executor = worker.context.get_executor();
};

TEST_F(DialTest, ConnectsWithoutNagle) {
  ScriptedOrigin origin;
  auto outcome = worker.run(dial(executor, loopback(origin.port()), worker.sweep, 5s));
  ASSERT_TRUE(outcome.socket);
  asio::ip::tcp::no_delay no_delay;
  outcome.socket->get_option(no_delay);
  EXPECT_TRUE(no_delay.value());
}

TEST_F(DialTest, TellsARefusal) {
  ScriptedOrigin origin;
  origin.stop_listening();
  const auto outcome = worker.run(dial(executor, loopback(origin.port()), worker.sweep, 5s));
  EXPECT_FALSE(outcome.socket);
  EXPECT_EQ(outcome.error, asio::error::connection_refused);
  EXPECT_FALSE(outcome.timed_out);
}

TEST_F(DialTest, GivesUpInTime) {
  const FullListener full;
  const auto outcome = worker.run(dial(executor, loopback(full.port()), worker.sweep, 50ms));
  EXPECT_FALSE(outcome.socket);
  EXPECT_TRUE(outcome.timed_out);
}

TEST_F(DialTest, CanBeCancelled) {
  const FullListener full;
  Cancel cancel;
  std::optional<DialOutcome> outcome;
  worker.start(dial(executor, loopback(full.port()), worker.sweep, 1h, &cancel), outcome);
  EXPECT_FALSE(outcome);
  cancel.request();
  worker.run_until([&] { return outcome.has_value(); });
  EXPECT_FALSE(outcome->socket);
  EXPECT_EQ(outcome->error, asio::error::operation_aborted);
  const auto at_once = worker.run(dial(executor, loopback(full.port()), worker.sweep, 1h, &cancel));
  EXPECT_FALSE(at_once.socket);
}

TEST_F(DialTest, ResolvesAddressesAndNames) {
  const auto resolved = [&](const char* host) { return worker.run(resolve(executor, host, 80, 5s)); };
  EXPECT_EQ(resolved("127.0.0.1").second, Endpoints{loopback(80)});
  EXPECT_EQ(resolved("::1").second.size(), 1U);
  const auto [ec, found] = resolved("localhost");
  EXPECT_FALSE(ec);
  EXPECT_NE(std::find(found.begin(), found.end(), loopback(80)), found.end());
  EXPECT_TRUE(resolved("does-not-exist.invalid").first);
}

TEST_F(DialTest, ALookUpGoesOnWithoutWhoHasNoTime) {
  EXPECT_EQ(worker.run(resolve(executor, "localhost", 80, 0s)).first, asio::error::timed_out);
  Cancel cancel;
  cancel.request();
  EXPECT_EQ(worker.run(resolve(executor, "localhost", 80, 5s, &cancel)).first,
            asio::error::operation_aborted);
  EXPECT_FALSE(worker.run(resolve(executor, "localhost", 80, 5s)).first);
}

}  // namespace
}  // namespace forebay::io
