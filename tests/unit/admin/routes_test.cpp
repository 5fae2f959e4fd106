#include "routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <stdexcept>

namespace forebay::admin {
namespace {

using testing::HasSubstr;

class RoutesTest : public testing::Test {
 protected:
  Reply get(std::string_view target, std::string_view accept = "") {
    return answer({.method = "GET", .target = target, .accept = accept}, sources_, "");
  }

  std::vector<Readiness> checks_{{"listeners", true, ""}};
  AdminSources sources_{.metrics = [] { return "forebay_hits 1\n"; },
                        .readiness = [this] { return checks_; }};
};

TEST_F(RoutesTest, MetricsComeFromTheSource) {
  const auto reply = get("/metrics?ignored=1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(reply.body, "forebay_hits 1\n");
}

TEST_F(RoutesTest, LivezIsOkWhateverIsNotReady) {
  checks_ = {{"listeners", false, ""}};
  EXPECT_EQ(get("/livez").status, 200);
  EXPECT_EQ(get("/livez").body, "ok\n");
}

TEST_F(RoutesTest, TheListNamesEveryEndpoint) {
  const auto reply = get("/");
  EXPECT_EQ(reply.status, 200);
  for (const auto& route : routes()) {
    EXPECT_THAT(reply.body, HasSubstr(std::string(route.method) + " " + std::string(route.path) + ": "));
  }
}

// ---- Readiness ------------------------------------------------------------------------------------------

TEST_F(RoutesTest, ReadyzIs200WhenEverythingIsReady) {
  checks_ = {{"listeners", true, ""}, {"upstream app", true, "2 of 3 servers"}};
  const auto reply = get("/readyz");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "listeners: ready\nupstream app: ready: 2 of 3 servers\n");
}

TEST_F(RoutesTest, ReadyzIs503WhenAnythingIsNotReady) {
  checks_ = {{"listeners", true, ""}, {"upstream app", false, "connection\nrefused"}};
  const auto reply = get("/readyz");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "listeners: ready\nupstream app: not ready: connection\\x0Arefused\n");
}

TEST_F(RoutesTest, ReadyzIs200WhenReadinessDependsOnNothing) {
  checks_.clear();
  EXPECT_EQ(get("/readyz").status, 200);
  EXPECT_EQ(get("/readyz").body, "ready\n");
}

TEST_F(RoutesTest, ReadyzIsJsonWhenAsked) {
  checks_ = {{"listeners", true, ""}, {"upstream \"a\"\xff", false, "gone"}};
  const auto reply = get("/readyz?format=json");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(
      boost::json::parse(reply.body),
      boost::json::parse(R"({"ready": false, "checks": [{"name": "listeners", "ready": true, "detail": ""},
                                  {"name": "upstream \"a\"\uFFFD", "ready": false, "detail": "gone"}]})"));
}

struct FormatRow {
  const char* target;
  const char* accept;
  bool json;
};

class ReadyzFormat : public RoutesTest, public testing::WithParamInterface<FormatRow> {};

TEST_P(ReadyzFormat, FollowsQueryAndAccept) {
  const auto reply = get(GetParam().target, GetParam().accept);
  EXPECT_EQ(reply.content_type == "application/json", GetParam().json) << reply.content_type;
}

INSTANTIATE_TEST_SUITE_P(Rows, ReadyzFormat,
                         testing::Values(FormatRow{"/readyz", "", false}, FormatRow{"/readyz", "*/*", false},
                                         FormatRow{"/readyz", "text/html,application/xhtml+xml", false},
                                         FormatRow{"/readyz", "application/json", true},
                                         FormatRow{"/readyz", "text/html, Application/JSON;q=0.9", true},
                                         FormatRow{"/readyz", ",;,,application/jsonp", false},
                                         FormatRow{"/readyz?", "", false},
                                         FormatRow{"/readyz?format=json", "", true},
                                         FormatRow{"/readyz?a&format=json&b", "", true},
                                         FormatRow{"/readyz?format=jsonl", "", false},
                                         FormatRow{"/readyz?xformat=json", "", false}));

// ---- What cannot be answered ----------------------------------------------------------------------------

struct RefusedRow {
  const char* method;
  const char* target;
  int status;
};

class RefusedRequest : public RoutesTest, public testing::WithParamInterface<RefusedRow> {};

TEST_P(RefusedRequest, GetsAJsonErrorNamingWhatIsWrong) {
  const auto reply = answer({.method = GetParam().method, .target = GetParam().target}, sources_, "");
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_EQ(reply.content_type, "application/json");
  const auto body = boost::json::parse(reply.body);
  EXPECT_EQ(body.at("error").as_string(), reply.status == 404 ? "not_found" : "method_not_allowed");
  EXPECT_FALSE(body.at("what").as_string().empty());
  EXPECT_EQ(reply.allow, reply.status == 405 ? "GET, HEAD" : "");
}

INSTANTIATE_TEST_SUITE_P(Rows, RefusedRequest,
                         testing::Values(RefusedRow{"GET", "/nothing", 404}, RefusedRow{"GET", "", 404},
                                         RefusedRow{"GET", "/metrics/", 404},
                                         RefusedRow{"GET", "//metrics", 404}, RefusedRow{"GET", "*", 404},
                                         RefusedRow{"POST", "/nothing", 404},
                                         RefusedRow{"GET", "/\"\\\x01\xff", 404},
                                         RefusedRow{"POST", "/metrics", 405}, RefusedRow{"DELETE", "/", 405},
                                         RefusedRow{"get", "/livez", 405},
                                         RefusedRow{"OPTIONS", "/readyz?x", 405}));

TEST_F(RoutesTest, HeadIsAnsweredLikeGet) {
  const auto reply = answer({.method = "HEAD", .target = "/livez"}, sources_, "");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "ok\n");
}

TEST_F(RoutesTest, ASourceThatThrowsIsAnInternalError) {
  sources_.metrics = []() -> std::string { throw std::runtime_error("out of luck"); };
  const auto reply = get("/metrics");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body, "{\"error\":\"internal_error\",\"what\":\"out of luck\"}\n");
}

TEST_F(RoutesTest, AMissingSourceIsAnInternalError) {
  sources_ = {};
  EXPECT_EQ(get("/metrics").status, 500);
  EXPECT_EQ(get("/readyz").status, 500);
  EXPECT_EQ(get("/livez").status, 200);
}

// ---- Endpoints that change state ------------------------------------------------------------------------

constexpr Route kTable[] = {
    {"GET", "/thing", false, "shows it",
     [](const Request&, const AdminSources&) { return Reply{.body = "shown"}; }},
    {"POST", "/thing", true, "changes it",
     [](const Request& request, const AdminSources&) { return Reply{.body = std::string(request.body)}; }},
};

Reply post(std::string_view token, std::string_view authorization, bool peer_is_local) {
  const Request request{.method = "POST",
                        .target = "/thing",
                        .authorization = authorization,
                        .body = "changed",
                        .peer_is_local = peer_is_local};
  return answer(request, {}, token, kTable);
}

TEST(StateChange, IsAllowedToLocalPeersWithoutAToken) {
  EXPECT_EQ(post("", "", true).body, "changed");
  const auto refused = post("", "", false);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("\"error\":\"forbidden\""));
}

TEST(StateChange, AsksEveryPeerForTheToken) {
  EXPECT_EQ(post("t", "Bearer t", false).body, "changed");
  const auto refused = post("t", "Bearer u", true);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.challenge, "Bearer realm=\"forebay\"");
  EXPECT_THAT(refused.body, HasSubstr("\"error\":\"unauthorized\""));
}

TEST(StateChange, LeavesReadingOpen) {
  EXPECT_EQ(answer({.method = "GET", .target = "/thing"}, {}, "t", kTable).body, "shown");
}

TEST(Answer, NamesEveryMethodOfAPath) {
  EXPECT_EQ(answer({.method = "PUT", .target = "/thing"}, {}, "", kTable).allow, "GET, HEAD, POST");
}

}  // namespace
}  // namespace forebay::admin
