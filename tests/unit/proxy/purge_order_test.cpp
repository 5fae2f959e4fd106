#include "forebay/proxy/purge_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "forebay/proxy/route_table.hpp"

namespace forebay::proxy {
namespace {

using cache::PurgeKind;
using testing::HasSubstr;
using Run = Purging::Run;

Route route(std::string_view path, cache::QueryPolicy query = {}, std::vector<std::string> methods = {}) {
  Route made;
  made.hosts.push_back(HostPattern::compile("*").value());
  made.paths.push_back(PathGlob::compile(path).value());
  made.methods = std::move(methods);
  made.policy.key.query = std::move(query);
  return made;
}

RouteTable table() {
  std::vector<Route> routes;
  routes.push_back(route("/a/**", {.sort = true}, {"GET"}));
  routes.push_back(route("/a/**", {.deny = {"utm"}}));
  routes.push_back(route("/**", {.allow = std::vector<std::string>{}}));
  return RouteTable(std::move(routes));
}

/// True if the order names what is stored by this key.
bool names(const PurgeOrder& order, std::string_view key) {
  tier::InvalidationLog log;
  const auto purges = entries_for(order, table(), {});
  EXPECT_TRUE(purges) << purges.error().detail;
  for (const auto& purge : *purges) log.append(purge);
  return bool(log.lazily_purged_since(key, {}, 0));
}

TEST(PurgeOrder, AUrlHasTheKeysOfAllRoutesThatItMayTake) {
  const PurgeOrder order{.urls = {"http://H.example/a/x?utm=1&b=2&a=3"}};
  for (const auto* key : {"http://h.example:80/a/x?utm=1&b=2&a=3", "http://h.example:80/a/x?a=3&b=2&utm=1",
                          "http://h.example:80/a/x?b=2&a=3", "https://h.example:443/a/x?b=2&a=3"})
    EXPECT_TRUE(names(order, key)) << key;
  for (const auto* key : {"http://h.example:80/a/x", "http://h.example:80/a/x?b=2",
                          "http://h.example:8080/a/x?b=2&a=3", "http://g.example:80/a/x?b=2&a=3"})
    EXPECT_FALSE(names(order, key)) << key << ": the last route never gets it";
  EXPECT_TRUE(names({.urls = {"//h.example/b?x"}}, "http://h.example:80/b"));
  EXPECT_TRUE(names({.urls = {"https://h.example:8443/b"}}, "http://h.example:8443/b")) << "by any scheme";
  EXPECT_TRUE(names({.urls = {"http://h.example"}}, "http://h.example:80/"));
}

TEST(PurgeOrder, SaysWhichTextIsWrong) {
  const std::pair<PurgeOrder, std::string_view> rows[] = {
      {{}, "nothing to purge"},
      {{.urls = {"http://a/", "/a"}}, "urls[1]: \"/a\" is no absolute URL"},
      {{.urls = {""}}, "urls[0]"},
      {{.urls = {"a"}}, "urls[0]"},
      {{.urls = {"http://"}}, "urls[0]"},
      {{.urls = {"http:///a"}}, "urls[0]"},
      {{.urls = {"http://a/b c"}}, "urls[0]"},
      {{.urls = {"http://a/#b"}}, "urls[0]"},
      {{.urls = {"http://u@a/"}}, "urls[0]"},
      {{.urls = {"http://a:0/"}}, "urls[0]"},
      {{.urls = {"ftp://a/"}}, "urls[0]"},
      {{.urls = {"*"}}, "urls[0]"},
      {{.urls = {"http://a/" + std::string(8192, 'a')}}, "longer than"},
      {{.tags = {"a", "b", ""}}, "tags[2]: "},
      {{.prefixes = {"a"}}, "prefixes[0]: "},
      {{.patterns = {"a"}}, "patterns[0]: "},
      {{.hosts = {"a", "a/b"}}, "hosts[1]: "},
      {{.tags = std::vector<std::string>(1001, "a")}, "more than 1000"},
      {{.prefixes = std::vector<std::string>(50, "/a"), .hosts = std::vector<std::string>(51, "a")},
       "more than 100 prefixes, patterns and hosts"},
  };
  for (const auto& [order, why] : rows) {
    const auto purges = entries_for(order, table(), {});
    ASSERT_FALSE(purges) << why;
    EXPECT_EQ(purges.error().kind, ErrorKind::invalid_value);
    EXPECT_THAT(purges.error().detail, HasSubstr(std::string(why)));
  }
}

TEST(PurgeOrder, EveryEntryHasTheModeAndTheTime) {
  const WallTime now{std::chrono::seconds{5}};
  const PurgeOrder order{.urls = {"http://a/"},
                         .tags = {"t"},
                         .prefixes = {"/p"},
                         .patterns = {"/q*"},
                         .hosts = {"h"},
                         .everything = true,
                         .mode = cache::PurgeMode::soft};
  const auto purges = entries_for(order, table(), now).value();
  for (const auto kind : {PurgeKind::url, PurgeKind::tag, PurgeKind::prefix, PurgeKind::pattern,
                          PurgeKind::host, PurgeKind::everything})
    EXPECT_TRUE(std::any_of(purges.begin(), purges.end(), [&](const auto& p) { return p.kind == kind; }))
        << name(kind);
  for (const auto& purge : purges) {
    EXPECT_EQ(purge.mode, cache::PurgeMode::soft);
    EXPECT_EQ(purge.at, now);
  }
}

void put(tier::MemoryTier& memory, const std::string& key, cache::Position position) {
  cache::StoredParts parts;
  parts.key = key;
  parts.head = "HTTP/1.1 200 OK\r\n";
  parts.position = position;
  memory.insert(digest(key), cache::StoredResponse::make(parts));
}

TEST(Purging, CountsInStepsAndHoldsFromTheStart) {
  tier::MemoryTier memory({.size = 8 << 20}, 1);
  for (int i = 0; i < 3000; ++i) put(memory, "http://a:80/" + std::to_string(i), 0);
  const auto purges = entries_for({.patterns = {"/*7"}}, table(), {}).value();
  Purging dry(memory, purges, Run::dry);
  while (dry.advance()) {
  }
  EXPECT_EQ(dry.matched(), 300u);
  EXPECT_EQ(dry.position(), 0u);
  EXPECT_EQ(memory.entries(), 3000u);

  Purging real(memory, purges, Run::real);
  EXPECT_EQ(real.position(), 1u);
  std::string scratch;
  EXPECT_FALSE(memory.find(cache::primary_key("http://a:80/7"), {}, scratch).response);
  EXPECT_TRUE(real.advance());
  EXPECT_FALSE(real.is_complete());
  put(memory, "http://a:80/17", memory.log().position());  // fetched afterwards
  while (real.advance()) {
  }
  EXPECT_TRUE(real.is_complete());
  EXPECT_LE(real.matched(), 299u);
  EXPECT_EQ(memory.entries(), 2701u);
  EXPECT_FALSE(real.advance());
}

}  // namespace
}  // namespace forebay::proxy
