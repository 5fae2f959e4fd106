// What is for one client is given to no other, not even to those who waited for it together.
#include <gtest/gtest.h>

#include <set>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

/// A response that says for which of the requests it was made.
OriginResponse numbered(const OriginRequest& request, const OriginFields& fields) {
  return with("for " + std::to_string(request.number), fields);
}

struct Personal {
  const char* name;
  OriginFields fields;  // of the response
  const char* detail;   // why it is not stored
  FieldLines request = {};
};

void PrintTo(const Personal& personal, std::ostream* out) { *out << personal.name; }

class NeverShared : public testing::TestWithParam<Personal> {};

TEST_P(NeverShared, InLaterRequests) {
  Scenario s;
  const auto& personal = GetParam();
  s.origin.on("/a", [&](const OriginRequest& request) { return numbered(request, personal.fields); });
  const auto first = s.client.get("/a", personal.request);
  EXPECT_EQ(first.body, "for 1");
  EXPECT_EQ(first.cache_status(), std::string("forebay; fwd=uri-miss; detail=") + personal.detail);
  EXPECT_EQ(s.client.get("/a", personal.request).body, "for 2");
  EXPECT_EQ(s.forebay.get("/a").body, "for 3");
}

TEST_P(NeverShared, AmongRequestsThatWaitedTogether) {
  Scenario s;
  const auto& personal = GetParam();
  s.origin.on("/a", [&](const OriginRequest& request) {
    auto response = numbered(request, personal.fields);
    response.gate = request.number == 1 ? "first" : "";
    return response;
  });
  auto leader = s.forebay.client();
  leader.request("GET", "/a", personal.request);
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  std::vector<Client> followers;
  for (int i = 0; i < 6; ++i) {
    followers.push_back(s.forebay.client());
    followers.back().request("GET", "/a", i % 2 ? personal.request : FieldLines());
  }
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 6));
  s.origin.gate("first").open();
  std::set<std::string> bodies{leader.read().body};
  for (auto& follower : followers) bodies.insert(follower.read().body);
  EXPECT_EQ(bodies.size(), 7U);
  EXPECT_EQ(s.origin.requests(), 7U);
}

const OriginFields kFresh{{"Cache-Control", "max-age=60"}};

INSTANTIATE_TEST_SUITE_P(
    Reasons, NeverShared,
    testing::Values(
        Personal{
            "SetCookie", {{"Cache-Control", "public, max-age=60"}, {"Set-Cookie", "id=1"}}, "set_cookie"},
        Personal{"Private", {{"Cache-Control", "private, max-age=60"}}, "private"},
        Personal{"PrivateInASecondLine",
                 {{"Cache-Control", "max-age=60"}, {"Cache-Control", "private"}},
                 "private"},
        Personal{"NoStore", {{"Cache-Control", "no-store, max-age=60"}}, "no_store"},
        Personal{"VaryAny", {{"Cache-Control", "max-age=60"}, {"Vary", "*"}}, "vary_any"},
        Personal{"VaryAnyAmongOthers", {{"Cache-Control", "max-age=60"}, {"Vary", "Accept, *"}}, "vary_any"},
        Personal{"MaxAgeZero", {{"Cache-Control", "max-age=0"}}, "born_stale"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(NeverSharedWithAuthorization, ResponseStaysWithItsClient) {
  Scenario s;
  s.origin.on("/a",
              [](const OriginRequest& request) { return fresh("for " + request.field("Authorization")); });
  EXPECT_EQ(s.client.get("/a", {{"Authorization", "alice"}}).body, "for alice");
  EXPECT_EQ(s.client.get("/a", {{"Authorization", "bob"}}).body, "for bob");
  EXPECT_EQ(s.client.get("/a").body, "for ");
}

TEST(NeverSharedWithAuthorization, NotAmongRequestsThatWaitedTogether) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    auto response = fresh("for " + request.field("Authorization"));
    response.gate = request.number == 1 ? "first" : "";
    return response;
  });
  auto alice = s.forebay.client();
  alice.request("GET", "/a", {{"Authorization", "alice"}});
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  auto bob = s.forebay.client();
  bob.request("GET", "/a", {{"Authorization", "bob"}});
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 1));
  s.origin.gate("first").open();
  EXPECT_EQ(alice.read().body, "for alice");
  EXPECT_EQ(bob.read().body, "for bob");
}

TEST(NeverSharedWithAuthorization, PublicLiftsIt) {
  Scenario s;
  s.origin.on("/a", with("for all", {{"Cache-Control", "public, max-age=60"}}));
  s.client.get("/a", {{"Authorization", "alice"}});
  EXPECT_TRUE(s.client.get("/a", {{"Authorization", "bob"}}).is_hit());
}

TEST(NeverSharedWithCookies, EachClientGetsItsOwnWhileWaitingForOneKey) {
  Scenario s;
  s.origin.on("/login", [](const OriginRequest& request) {
    auto response = fresh("ok", {{"Set-Cookie", "session=" + std::to_string(request.number)}});
    response.gate = request.number == 1 ? "first" : "";
    return response;
  });
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(s.forebay.client());
    clients.back().request("GET", "/login");
  }
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 7));
  s.origin.gate("first").open();
  std::set<std::string> cookies;
  for (auto& client : clients) cookies.insert(client.read().field("Set-Cookie"));
  EXPECT_EQ(cookies.size(), 8U);
}

/// One client must not be able to put an answer under a key that others ask for.
TEST(Poisoning, FieldsThatOverrideTheRequestDoNotReachTheUpstream) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    return fresh(request.field("X-Original-URL") + request.field("X-HTTP-Method-Override") +
                 request.field("X-Host"));
  });
  s.client.get("/a",
               {{"X-Original-URL", "/admin"}, {"x-http-method-override", "DELETE"}, {"X-Host", "evil"}});
  EXPECT_EQ(s.client.get("/a").body, "");
}

TEST(Poisoning, AFieldOfTheKeyIsNoOverride) {
  Scenario s(
      [](config::Config& config) { config.proxy.routes[0].cache.key.headers = {"X-Forwarded-Prefix"}; });
  s.origin.on("/a", [](const OriginRequest& request) { return fresh(request.field("X-Forwarded-Prefix")); });
  EXPECT_EQ(s.client.get("/a", {{"X-Forwarded-Prefix", "/shop"}}).body, "/shop");
  EXPECT_EQ(s.client.get("/a").body, "");
}

TEST(Poisoning, AmbiguousPathsAreForwardedAsTheyAreAndNotStored) {
  Scenario s;
  s.origin.on("*", [](const OriginRequest& request) { return fresh(request.target); });
  for (const std::string target : {"/a/../b", "/a%2fb", "/account;x.css", "/a%2e%2e/b"}) {
    const auto response = s.client.get(target);
    EXPECT_EQ(response.body, target);
    EXPECT_EQ(response.field("Cache-Status"), "forebay; fwd=bypass; detail=ambiguous_path");
    EXPECT_FALSE(s.client.get(target).is_hit());
  }
}

TEST(Poisoning, AnErrorThatALargeFieldCausedIsNotStored) {
  Scenario s;
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.field("X-Large").size() > 1000)
      return OriginResponse{.status = 400, .fields = {{"Cache-Control", "max-age=60"}}, .body = "too large"};
    return fresh("the page");
  });
  EXPECT_EQ(s.client.get("/a", {{"X-Large", std::string(5000, 'x')}}).field("Cache-Status"),
            "forebay; fwd=uri-miss; detail=odd_request");
  EXPECT_EQ(s.client.get("/a").body, "the page");
}

}  // namespace
}  // namespace forebay::test
