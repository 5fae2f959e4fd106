#include "forebay/proxy/snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forebay::proxy {
namespace {

std::vector<std::shared_ptr<upstream::Upstream>> upstreams() {
  upstream::UpstreamSettings settings;
  settings.name = "app";
  settings.servers = {"http://127.0.0.1:3000"};
  return {upstream::Upstream::make(settings).value()};
}

TEST(Snapshot, NothingVariesOnWhatARouteEdits) {
  ProxySettings settings;
  settings.routes = {{.upstream = "app"}};
  settings.routes[0].request_edits = {.set = {{"X-A", "1"}}, .add = {{"X-B", "2"}}, .remove = {"Cookie"}};
  const auto snapshot = Snapshot::make(settings, {}, upstreams()).value();
  http::RequestHead request;
  const auto* route = snapshot->routes.match(request, "a", "/");
  ASSERT_NE(route, nullptr);
  EXPECT_EQ(route->request_edits, settings.routes[0].request_edits);
  EXPECT_EQ(route->policy.key.edited, (std::vector<std::string>{"x-a", "cookie"}));
}

TEST(Snapshot, CodingsStayApartWhateverTheUpstreamIsAskedFor) {
  ProxySettings settings;
  settings.routes = {{.upstream = "app"}};
  settings.routes[0].request_edits = {.set = {{"Accept-Encoding", "identity"}}, .remove = {"Cookie"}};
  settings.routes[0].cache.encodings = {http::Coding::gzip};
  const auto snapshot = Snapshot::make(settings, {}, upstreams()).value();
  const auto* route = snapshot->routes.match({}, "a", "/");
  ASSERT_NE(route, nullptr);
  EXPECT_EQ(route->policy.key.edited, (std::vector<std::string>{"cookie"}));
}

bool contains(const std::vector<std::string>& members, const char* address) {
  return AddressSet::compile(members).value().contains(boost::asio::ip::make_address(address));
}

TEST(AddressSet, ContainsItsAddressesAndNetworks) {
  const std::vector<std::string> members{"10.0.0.0/8", "192.0.2.7", "::1", "2001:db8::/32"};
  for (const auto* in : {"10.0.0.0", "10.255.255.255", "192.0.2.7", "::1", "2001:db8::", "2001:db8:ffff::1",
                         "::ffff:10.1.2.3", "::ffff:192.0.2.7"})
    EXPECT_TRUE(contains(members, in)) << in;
  for (const auto* out :
       {"11.0.0.0", "9.255.255.255", "192.0.2.8", "::2", "2001:db9::", "::ffff:11.0.0.1", "::a00:1"})
    EXPECT_FALSE(contains(members, out)) << out;
  EXPECT_FALSE(contains({}, "127.0.0.1"));
  EXPECT_TRUE(contains({"0.0.0.0/0"}, "203.0.113.9"));
  EXPECT_FALSE(contains({"0.0.0.0/0"}, "::1"));
  EXPECT_TRUE(contains({"10.1.2.3/8"}, "10.9.9.9"));  // host bits do not matter
}

TEST(AddressSet, NamesTheMemberItCannotRead) {
  for (const std::string bad :
       {"localhost", "10.0.0.0/33", "10.0.0", "10.0.0.0/", "::/129", "", "10.0.0.0/-1"}) {
    const auto set = AddressSet::compile(std::vector<std::string>{"::1", bad});
    ASSERT_FALSE(set) << bad;
    EXPECT_EQ(set.error().kind, ErrorKind::invalid_value);
    EXPECT_THAT(set.error().detail, ::testing::HasSubstr('"' + bad + '"'));
  }
}

TEST(Snapshot, CompilesItsSettings) {
  ProxySettings settings;
  settings.routes = {{.hosts = {"*"}, .paths = {"/a/**"}, .upstream = "app", .cache = {}}};
  settings.trusted_proxies = {"127.0.0.1"};
  settings.max_turns = 9;
  const auto snapshot = Snapshot::make(settings, {.max_waiters = 7}, upstreams()).value();
  EXPECT_EQ(snapshot->max_turns, 9u);
  EXPECT_EQ(snapshot->flights.max_waiters, 7u);
  const auto* route = snapshot->routes.match({}, "h", "/a/b");
  ASSERT_TRUE(route);
  EXPECT_EQ(route->upstream, snapshot->upstreams.front());
  EXPECT_FALSE(snapshot->routes.match({}, "h", "/b"));
}

TEST(Snapshot, SaysWhatIsWrong) {
  const auto error_of = [](const RouteSettings& route, const std::vector<std::string>& trusted) {
    ProxySettings settings;
    settings.routes = {route};
    settings.trusted_proxies = trusted;
    const auto made = Snapshot::make(settings, {}, upstreams());
    return made ? std::string("none") : made.error().detail;
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(error_of({.upstream = "nope"}, {}), HasSubstr("there is no upstream \"nope\""));
  EXPECT_THAT(error_of({.hosts = {"a*"}, .upstream = "app"}, {}), HasSubstr("\"a*\""));
  EXPECT_THAT(error_of({.paths = {"a"}, .upstream = "app"}, {}), HasSubstr("\"a\""));
  EXPECT_THAT(error_of({.upstream = "app"}, {"x"}), HasSubstr("\"x\""));
  EXPECT_EQ(error_of({.upstream = "app"}, {}), "none");
}

}  // namespace
}  // namespace forebay::proxy
