#include "forebay/proxy/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forebay::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr WallTime kNow{milliseconds{1704067200000}};
using Lines = std::vector<std::pair<std::string_view, std::string_view>>;

class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() {
    upstreams.push_back(*upstream::Upstream::make({.name = "app", .servers = {"http://127.0.0.1:1"}}));
    RouteSettings api;
    api.paths = {"/api/**"};
    api.upstream = "app";
    api.cache.bypass.cookies = {"session"};
    api.cache.key.headers = {"X-Country"};
    RouteSettings rest;
    rest.methods = {"GET", "TRACE"};
    rest.upstream = "app";
    rest.cache.max_ttl = seconds{3600};
    rest.cache.key.query.sort = true;
    settings.routes = {api, rest};
  }

  std::vector<Fact> facts(std::string_view method, std::string_view target, const Lines& request,
                          const std::optional<Lines>& response = {}, seconds after = {}) {
    const auto snapshot = *Snapshot::make(settings, {}, upstreams);
    Case asked;
    asked.request = {http::parse_method(method), method, target, 1, fields(request)};
    asked.now = kNow;
    asked.after = after;
    http::ResponseHead head{200, "OK", 1, {}};
    if (response) {
      head.fields = fields(*response);
      asked.response = &head;
    }
    return explain(*snapshot, asked);
  }
  static http::Fields fields(const Lines& lines) {
    http::Fields out;
    for (const auto& [name, value] : lines) out.add(name, value);
    return out;
  }

  std::vector<std::shared_ptr<upstream::Upstream>> upstreams;
  ProxySettings settings;
};

TEST_F(ExplainTest, TheWholeWay) {
  const Lines response{
      {"Cache-Control", "max-age=7200, stale-while-revalidate=60"}, {"Age", "30"}, {"ETag", "\"1\""}};
  EXPECT_EQ(to_text(facts("GET", "/page?b=2&a=1", {{"Host", "h"}}, response, seconds{100})),
            "route.index                       1  (the first is 0)\n"
            "route.upstream                    app\n"
            "request.action                    lookup\n"
            "request.key                       http://h:80/page?a=1&b=2\n"
            "storing.control                   cache_control  (who says how the response may be used)\n"
            "storing.verdict                   stored\n"
            "freshness.source                  max_age  (where the lifetime comes from)\n"
            "freshness.lifetime                3600  (within the route's bounds)\n"
            "freshness.initial_age             30  (when it arrives, from Age and Date)\n"
            "freshness.stale_while_revalidate  60\n"
            "freshness.stale_if_error          0\n"
            "later.after                       100  (seconds later the same request comes again)\n"
            "later.age                         130\n"
            "later.ttl                         3470\n"
            "later.action                      serve\n");
}

TEST_F(ExplainTest, AsJson) {
  EXPECT_EQ(
      to_json(
          facts("GET", "/api/x", {{"Host", "h"}, {"X-Country", "de"}}, Lines{{"Cache-Control", "private"}})),
      R"({"route":{"index":0,"upstream":"app"},"request":{"action":"lookup","key":"http://h:80/api/x"},)"
      R"("variant":{"names":"x-country","key":"2:de"},)"
      R"("storing":{"control":"cache_control","verdict":"private"},)"
      R"("freshness":{"source":"none","lifetime":0,"initial_age":0,"stale_while_revalidate":0,)"
      R"("stale_if_error":0},"later":{"after":0,"action":"fetch","forward":"uri-miss"}})"
      "\n");
}

TEST_F(ExplainTest, EndsWhereADecisionEndsTheMatter) {
  const auto text = [&](std::string_view method, std::string_view target, const Lines& request) {
    return to_text(facts(method, target, request, Lines{{"Cache-Control", "max-age=1"}}));
  };
  EXPECT_THAT(text("GET", "/", {}), HasSubstr("refused  400  (no Host field)"));
  EXPECT_THAT(text("POST", "/", {{"Host", "h"}}), HasSubstr("refused  404  (no route matches"));
  EXPECT_THAT(text("TRACE", "/", {{"Host", "h"}}), HasSubstr("405"));
  const auto bypassed = text("GET", "/api/x", {{"Host", "h"}, {"Cookie", "session=1"}});
  EXPECT_THAT(bypassed, HasSubstr("bypass_rule"));
  EXPECT_THAT(bypassed, HasSubstr("request.bypass  session  (the pattern in bypass.cookies that fits)"));
  EXPECT_THAT(bypassed, Not(HasSubstr("storing")));
}

TEST_F(ExplainTest, NamesTheRowThatALifetimeComesFrom) {
  settings.routes[1].cache.status_ttl = {{"404", seconds{5}}, {"2xx", seconds{7}}};
  const auto text = to_text(facts("GET", "/", {{"Host", "h"}}, Lines{}));
  EXPECT_THAT(text, HasSubstr("freshness.source                  status_ttl  (where"));
  EXPECT_THAT(text, HasSubstr("freshness.status                  2xx  (the row"));
  EXPECT_THAT(text, HasSubstr("freshness.lifetime                7\n"));
}

TEST_F(ExplainTest, ShowsTheCoding) {
  settings.routes[1].cache.encodings = {http::Coding::br, http::Coding::gzip};
  const auto text = to_text(facts("GET", "/", {{"Host", "h"}, {"Accept-Encoding", "deflate, gzip"}},
                                  Lines{{"Cache-Control", "max-age=10"}, {"Content-Type", "text/css"}}));
  EXPECT_THAT(text, HasSubstr("coding.asked                      gzip  (what the upstream is asked for)\n"
                              "coding.from                       identity\n"
                              "coding.to                         gzip\n"));
  EXPECT_THAT(text, HasSubstr("variant.names                     accept-encoding"));
  EXPECT_THAT(text, HasSubstr("variant.key                       4:gzip\n"));
}

TEST_F(ExplainTest, ShowsTheRuleOfNoVarySearchAndItsKey) {
  const auto text = [&](std::string_view rule) {
    return to_text(facts("GET", "/page?b=2&a=1", {{"Host", "h"}},
                         Lines{{"Cache-Control", "max-age=10"}, {"No-Vary-Search", rule}}));
  };
  EXPECT_THAT(text("params=(\"b\")"), Not(HasSubstr("search.")));
  settings.routes[1].cache.key.query.no_vary_search = true;
  const auto ruled = text("params, except=(\"a\")");
  EXPECT_THAT(ruled, HasSubstr("search.rule                       except=(\"a\")  (by"));
  EXPECT_THAT(ruled, HasSubstr("search.key                        http://h:80/page?a=1#search=" +
                               to_hex(digest("except=(\"a\")")) + "  (what"));
  EXPECT_THAT(text("params=(a)"), HasSubstr("search.rule                       none  (by"));
  EXPECT_THAT(text("params=(a)"), Not(HasSubstr("search.key")));
}

TEST_F(ExplainTest, SaysWhatComesLater) {
  const Lines response{{"Cache-Control", "max-age=10, stale-while-revalidate=10"}, {"ETag", "\"1\""}};
  const auto action = [&](seconds after, const Lines& request) {
    for (const auto& fact : facts("GET", "/", request, response, after))
      if (fact.name == "later.action") return std::get<std::string>(fact.value);
    return std::string();
  };
  EXPECT_EQ(action(seconds{5}, {{"Host", "h"}}), "serve");
  EXPECT_EQ(action(seconds{15}, {{"Host", "h"}}), "serve_and_refresh");
  EXPECT_EQ(action(seconds{25}, {{"Host", "h"}}), "validate");
  EXPECT_EQ(action(seconds{25}, {{"Host", "h"}, {"Cache-Control", "only-if-cached"}}), "refuse");
}

TEST_F(ExplainTest, Partitions) {
  settings.partition_key = "0123456789abcdef";
  auto& partition = settings.routes[1].cache.key.partition;
  partition.header = "Authorization";
  const auto stored = to_text(facts("GET", "/a", {{"Host", "h"}, {"Authorization", "Basic dTpw"}},
                                    Lines{{"Cache-Control", "max-age=60"}}));
  EXPECT_THAT(stored, HasSubstr("#partition="));
  EXPECT_THAT(stored, HasSubstr("request.partition "));
  EXPECT_THAT(stored, HasSubstr("storing.verdict                   stored"));
  EXPECT_THAT(stored, Not(HasSubstr("dTpw")));
  EXPECT_EQ(to_text(facts("GET", "/a", {{"Host", "h"}})),
            "route.index     1  (the first is 0)\n"
            "route.upstream  app\n"
            "request.action  pass  (forwarded without a look into the store)\n"
            "request.reason  no_partition\n");
  partition.missing = cache::PartitionPolicy::Missing::share;
  EXPECT_THAT(to_text(facts("GET", "/a", {{"Host", "h"}})), HasSubstr("request.partition  shared"));
}

}  // namespace
}  // namespace forebay::proxy
