#include "forebay/proxy/route_table.hpp"

#include <gtest/gtest.h>

namespace forebay::proxy {
namespace {

TEST(Route, TheFirstPatternThatMatchesPromisesAContentType) {
  Route route;
  for (const auto* pattern : {"/**/*.css", "/static/**", "/**/*.js"})
    route.paths.push_back(PathGlob::compile(pattern).value());
  ASSERT_NE(route.media_for("/account/x.css"), nullptr);
  EXPECT_EQ(route.media_for("/account/x.css")->extension, "css");
  EXPECT_EQ(route.media_for("/a/b.js")->extension, "js");
  EXPECT_EQ(route.media_for("/static/b.js"), nullptr) << "it goes by the folder";
  EXPECT_EQ(route.media_for("/a"), nullptr);
  route.policy.check_content_type = false;
  EXPECT_EQ(route.media_for("/account/x.css"), nullptr);
}

TEST(RouteTable, TheFirstThatMatchesDecides) {
  const auto route = [](std::string_view host, std::string_view path) {
    Route made;
    made.hosts.push_back(*HostPattern::compile(host));
    made.paths.push_back(*PathGlob::compile(path));
    return made;
  };
  std::vector<Route> routes;
  routes.push_back(route("a", "/x/**"));
  routes.push_back(route("*", "/x/**"));
  routes.push_back(route("*", "/y"));
  const RouteTable table(std::move(routes));
  const auto* first = table.match({}, "a", "/x/1");
  const auto* second = table.match({}, "b", "/x/1");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second - first, 1);
  EXPECT_EQ(table.match({}, "a", "/y") - first, 2);
  EXPECT_EQ(table.match({}, "a", "/z"), nullptr);
  EXPECT_EQ(RouteTable({}).match({}, "a", "/"), nullptr);
}

TEST(Route, MatchesAnyOfItsHostsAndAnyOfItsPaths) {
  Route route;
  EXPECT_FALSE(route.matches({}, "a", "/"));
  for (const auto* host : {"a", "b"}) route.hosts.push_back(*HostPattern::compile(host));
  for (const auto* path : {"/x", "/y"}) route.paths.push_back(*PathGlob::compile(path));
  EXPECT_TRUE(route.matches({}, "b", "/y"));
  EXPECT_FALSE(route.matches({}, "c", "/y"));
  EXPECT_FALSE(route.matches({}, "a", "/z"));
}

TEST(Route, MatchesItsMethodsAndAllItsHeaders) {
  Route route;
  route.hosts.push_back(*HostPattern::compile("*"));
  route.paths.push_back(*PathGlob::compile("/**"));
  route.methods = {"GET", "HEAD"};
  route.headers.push_back(*FieldMatch::compile("X-Api: 2"));
  route.headers.push_back(*FieldMatch::compile("x-beta"));
  const auto matches = [&](std::string_view method,
                           std::vector<std::pair<std::string_view, std::string_view>> lines) {
    http::RequestHead request{.method_text = method};
    for (const auto& [name, value] : lines) request.fields.add(name, value);
    return route.matches(request, "h", "/");
  };
  EXPECT_TRUE(matches("GET", {{"X-Api", "2"}, {"X-Beta", ""}}));
  EXPECT_TRUE(matches("HEAD", {{"x-api", "1"}, {"x-api", "2"}, {"X-Beta", "no"}}));
  EXPECT_FALSE(matches("POST", {{"X-Api", "2"}, {"X-Beta", ""}}));
  EXPECT_FALSE(matches("get", {{"X-Api", "2"}, {"X-Beta", ""}}));
  EXPECT_FALSE(matches("GET", {{"X-Api", "2"}}));
  EXPECT_FALSE(matches("GET", {{"X-Api", "22"}, {"X-Beta", ""}}));
}

TEST(FieldMatch, RefusesWhatIsNoField) {
  for (const std::string_view text :
       {"",       ":",        ": a",    "a b",         "a b: c", "\"a\": b", " ",       "::",    " :",
        " a",     "a ",       " a: b",  "a : b",       "a\t: b", "a,b",      "a, b: c", "a;b",   "a=b",
        "(a): b", "[a]",      "{a}: b", "<a>",         "a/b: c", "a\\b",     "a@b",     "a?: b", "'a' : b",
        "a\nb",   "a\x01: b", "a\x7f",  "\xc3\xa4: b", "a\"b",   "\"",       "=: b"})
    EXPECT_FALSE(FieldMatch::compile(text)) << text;
}

}  // namespace
}  // namespace forebay::proxy
