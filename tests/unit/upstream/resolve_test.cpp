#include "upstream/resolve.hpp"

#include <gmock/gmock.h>

#include "unit/upstream/upstream_fixture.hpp"

namespace forebay::upstream::testing {
namespace {

std::shared_ptr<Upstream> upstream_of(const std::string& server, std::chrono::milliseconds interval = 30s) {
  UpstreamSettings settings{.name = "app", .servers = {server}};
  settings.resolve_interval = interval;
  return Upstream::make(settings).value();
}

TEST(LiteralEndpoint, IsKnownForAddressesOnly) {
  EXPECT_TRUE(literal_endpoint(parse_server("http://127.0.0.1:80").value()));
  EXPECT_TRUE(literal_endpoint(parse_server("http://[::1]:80").value()));
  EXPECT_TRUE(literal_endpoint(parse_server("unix:/run/app.sock").value()));
  EXPECT_FALSE(literal_endpoint(parse_server("http://localhost:80").value()));
}

TEST(LookUp, FindsLocalhost) {
  Worker worker;
  const auto address = parse_server("http://localhost:81").value();
  const auto found = worker.run(look_up(address, worker.context.get_executor()));
  ASSERT_TRUE(found.has_value());
  const Endpoint loopback(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 81));
  EXPECT_THAT(**found, ::testing::Contains(loopback));
}

TEST(LookUp, ReportsANameThatDoesNotExist) {
  Worker worker;
  const auto address = parse_server("http://no-such-host.invalid:81").value();
  const auto found = worker.run(look_up(address, worker.context.get_executor()));
  EXPECT_EQ(found.error().kind, ErrorKind::dns_failure);
  EXPECT_THAT(found.error().detail, ::testing::StartsWith("no-such-host.invalid:81: "));
}

class FirstLookupTest : public ::testing::Test {
 protected:
  std::shared_ptr<FirstLookup> lookup_of(const std::string& server) {
    const auto upstream = upstream_of(server);
    auto& first = *upstream->servers()[0];
    return std::make_shared<FirstLookup>(upstream, first, worker.context.get_executor());
  }
  Worker worker;
};

TEST_F(FirstLookupTest, CompletesAtOnceWhenNothingIsToBeLookedUp) {
  const auto lookup = lookup_of("http://127.0.0.1:80");
  EXPECT_EQ((*worker.run(lookup->find(0ms, nullptr)))->size(), 1U);
}

TEST_F(FirstLookupTest, ServesAllWhoWait) {
  const auto lookup = lookup_of("http://localhost:80");
  std::optional<LookupOutcome> found[3];
  for (auto& one : found) worker.start(lookup->find(10s, nullptr), one);
  worker.run_until([&] { return found[0] && found[1] && found[2]; });
  EXPECT_TRUE(found[0]->has_value());
  EXPECT_EQ(**found[0], **found[1]);
  EXPECT_EQ(**found[0], **found[2]);
}

TEST_F(FirstLookupTest, TellsAllWhoWaitOfAFailureAndLooksAgainForTheNext) {
  const auto lookup = lookup_of("http://no-such-host.invalid:80");
  for (int i = 0; i < 2; ++i) {
    std::optional<LookupOutcome> found[2];
    for (auto& one : found) worker.start(lookup->find(10s, nullptr), one);
    worker.run_until([&] { return found[0] && found[1]; });
    for (auto& one : found) EXPECT_EQ(one->error().kind, ErrorKind::dns_failure);
  }
}

TEST_F(FirstLookupTest, WaitsNoLongerThanAllowed) {
  const auto lookup = lookup_of("http://no-such-host.invalid:80");
  const auto found = worker.run(lookup->find(0ms, nullptr));
  EXPECT_EQ(found.error().kind, ErrorKind::dns_failure);
}

TEST_F(FirstLookupTest, CanBeCancelledAndGoesOnForTheNext) {
  const auto lookup = lookup_of("http://localhost:80");
  io::Cancel cancel;
  std::optional<LookupOutcome> cancelled;
  std::optional<LookupOutcome> found;
  asio::co_spawn(worker.context, lookup->find(10s, &cancel),
                 [&](const std::exception_ptr&, LookupOutcome outcome) { cancelled = std::move(outcome); });
  worker.context.run_one();  // to its wait, and no further
  cancel.request();
  worker.start(lookup->find(10s, nullptr), found);
  worker.run_until([&] { return cancelled && found; });
  EXPECT_EQ(cancelled->error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(found->has_value());
}

TEST_F(FirstLookupTest, DoesNotWaitWhenCancelledBefore) {
  const auto lookup = lookup_of("http://localhost:80");
  io::Cancel cancel;
  cancel.request();
  EXPECT_EQ(worker.run(lookup->find(10s, &cancel)).error().kind, ErrorKind::cancelled);
}

// ---- In the background ----------------------------------------------------------------------------------

class BackgroundTest : public ::testing::Test {
 protected:
  asio::io_context control;
  observe::Log log{observe::LogSettings{.level = observe::Level::error}};
};

TEST_F(BackgroundTest, ResolvesAgainAndAgainUntilStopped) {
  const auto upstream = upstream_of("http://localhost:80", 10ms);
  auto& server = *upstream->servers()[0];
  upstream->keep_resolving(control, log);
  while (!server.endpoints()) control.run_one();
  const auto first = server.endpoints();
  while (server.endpoints() == first) control.run_one();  // looked up once more
  upstream->stop();
  control.run();
  EXPECT_EQ(*server.endpoints(), *first);
}

TEST_F(BackgroundTest, KeepsTheLastGoodEndpointsWhenALookUpFails) {
  const auto upstream = upstream_of("http://no-such-host.invalid:80", 10ms);
  const auto good = std::make_shared<const Endpoints>();
  upstream->servers()[0]->set_endpoints(good);
  upstream->keep_resolving(control, log);
  control.run_for(100ms);
  EXPECT_EQ(upstream->servers()[0]->endpoints(), good);
  upstream->stop();
  control.run();
}

TEST_F(BackgroundTest, EndsWhenTheUpstreamIsGone) {
  auto upstream = upstream_of("http://localhost:80", 10ms);
  upstream->keep_resolving(control, log);
  while (!upstream->servers()[0]->endpoints()) control.run_one();
  upstream.reset();
  control.run();
}

TEST_F(BackgroundTest, HasNothingToDoForAddresses) {
  const auto upstream = upstream_of("http://127.0.0.1:80", 10ms);
  upstream->keep_resolving(control, log);
  control.run_for(50ms);
  upstream->stop();
  control.run();
}

}  // namespace
}  // namespace forebay::upstream::testing
