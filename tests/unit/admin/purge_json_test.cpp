#include "purge_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace forebay::admin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ParsePurge, TakesEveryMember) {
  const auto request = parse_purge(R"({"urls": ["http://a/"], "tags": ["t", "u"], "prefixes": ["/p"],
      "patterns": ["/q*"], "hosts": ["h"], "all": true, "mode": "refresh", "wait": "local", "timeout": "250ms",
      "dry_run": true})");
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_THAT(request->order.urls, ElementsAre("http://a/"));
  EXPECT_THAT(request->order.tags, ElementsAre("t", "u"));
  EXPECT_THAT(request->order.prefixes, ElementsAre("/p"));
  EXPECT_THAT(request->order.patterns, ElementsAre("/q*"));
  EXPECT_THAT(request->order.hosts, ElementsAre("h"));
  EXPECT_TRUE(request->order.everything);
  EXPECT_EQ(request->order.mode, cache::PurgeMode::refresh);
  EXPECT_EQ(request->timeout, std::chrono::milliseconds(250));
  EXPECT_TRUE(request->dry_run);
  const auto plain = parse_purge(R"({"tags":[]})");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->order.mode, cache::PurgeMode::hard);
  EXPECT_FALSE(plain->dry_run);
}

TEST(ParsePurge, SaysWhatIsWrongWhere) {
  std::string many = R"({"tags": ["")";
  for (int i = 0; i < 1000; ++i) many += R"(,"")";
  many += "]}";
  const std::string deep = R"({"tags": )" + std::string(100, '[') + std::string(100, ']') + "}";
  const std::pair<std::string, std::string> rows[] = {
      {"", "no JSON"},
      {" ", "no JSON"},
      {"{", "no JSON"},
      {"{}x", "no JSON"},
      {"{'tags': []}", "no JSON"},
      {"{\"tags\": [\"\xff\"]}", "no JSON"},
      {R"({"tags": [],})", "no JSON"},
      {deep, "no JSON"},
      {R"({"all": true, "tags": ["a"], "all": false})", "\"all\" twice"},
      {"null", "no JSON object"},
      {"[]", "no JSON object"},
      {"\"all\"", "no JSON object"},
      {"true", "no JSON object"},
      {R"({"tag": ["a"]})", "\"tag\": unknown"},
      {R"({"Tags": ["a"]})", "\"Tags\": unknown"},
      {R"({"": 1})", "unknown"},
      {R"({"url": "http://a/"})", "\"url\": unknown"},
      {R"({"tags": "a"})", "tags: expected a list"},
      {R"({"tags": null})", "tags: expected a list"},
      {R"({"tags": {"a": 1}})", "tags: expected a list"},
      {R"({"tags": ["a", 1]})", "tags[1]: expected a text"},
      {R"({"urls": [null]})", "urls[0]: expected a text"},
      {R"({"urls": [["http://a/"]]})", "urls[0]: expected a text"},
      {R"({"prefixes": [true]})", "prefixes[0]: expected a text"},
      {R"({"patterns": 1})", "patterns: expected a list"},
      {R"({"hosts": [{}]})", "hosts[0]: expected a text"},
      {many, "tags: more than 1000"},
      {R"({"all": 1})", "all: expected true or false"},
      {R"({"all": "true"})", "all: expected true or false"},
      {R"({"dry_run": null})", "dry_run: expected true or false"},
      {R"({"mode": "Hard"})", "mode: expected"},
      {R"({"mode": "none"})", "mode: expected"},
      {R"({"mode": 1})", "mode: expected"},
      {R"({"wait": "everywhere"})", "wait: expected"},
      {R"({"wait": true})", "wait: expected"},
      {R"({"timeout": 5})", "timeout: expected a duration"},
      {R"({"timeout": "5"})", "timeout: expected a duration"},
      {R"({"timeout": "-5s"})", "timeout: expected a duration"},
      {R"({"timeout": "61s"})", "timeout: expected a duration"},
      {R"({"timeout": ""})", "timeout: expected a duration"},
  };
  for (const auto& [body, why] : rows) {
    const auto request = parse_purge(body);
    ASSERT_FALSE(request) << body;
    EXPECT_THAT(request.error().detail, HasSubstr(why)) << body;
    EXPECT_LT(request.error().detail.size(), 300u);
  }
}

TEST(PurgeResult, SaysWhatWasDone) {
  tier::MemoryTier memory({.size = 1 << 20}, 1);
  proxy::Purging purging(memory, {cache::Purge::parse(cache::PurgeKind::tag, "t").value()},
                         proxy::Purging::Run::real);
  PurgeRequest request;
  request.order.mode = cache::PurgeMode::soft;
  EXPECT_EQ(purge_result(purging, request, nullptr, false),
            "{\"position\":1,\"matched\":0,\"mode\":\"soft\",\"dry_run\":false,\"complete\":false}\n");
  const Spread spread{true, false, {"n1", "n2"}};
  EXPECT_NE(purge_result(purging, request, nullptr, true).find(R"(,"local_only":true)"), std::string::npos);
  const auto everywhere = purge_result(purging, request, &spread, false);
  EXPECT_NE(everywhere.find(R"("everywhere":false,"missing":["n1","n2"]})"), everywhere.npos) << everywhere;
}

TEST(EventsResult, SaysWhatBecameOfEach) {
  const proxy::EventResult results[] = {proxy::EventTaken{"a", true, 2, 9},
                                        proxy::EventTaken{"b", false, 0, 0},
                                        fail(ErrorKind::invalid_value, "why \xff")};
  EXPECT_EQ(events_result(results),
            "{\"events\":[{\"type\":\"a\",\"purged\":2,\"position\":9},{\"type\":\"b\",\"ignored\":true},"
            "{\"error\":\"why \xef\xbf\xbd\"}]}\n");
}

}  // namespace
}  // namespace forebay::admin
