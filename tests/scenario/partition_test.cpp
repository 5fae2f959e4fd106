// Responses are kept apart by whom they are for (a route's `partition`).
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"
#include "support/token.hpp"

namespace forebay::test {
namespace {

const std::string kSecret = "0123456789abcdef0123456789abcdef";

TestDaemon::Change partition(std::function<void(cache::PartitionPolicy&)> change) {
  return [change = std::move(change)](config::Config& config) {
    change(config.proxy.routes[0].cache.key.partition);
  };
}

TestDaemon::Change by_token() {
  return partition([](cache::PartitionPolicy& p) {
    p.token.claim = "sub";
    p.token.key = kSecret;
  });
}

FieldLines bearer(const std::string& payload, const std::string& secret = kSecret) {
  return {{"Authorization", "Bearer " + sign_hs256(secret, R"({"alg":"HS256"})", payload)}};
}

FieldLines tenant(const std::string& name) { return {{"X-Tenant", name}}; }

/// Answers with who asked.
void echo(ScriptedOrigin& origin, const std::string& field, const OriginFields& more = {}) {
  origin.on("*", [=](const OriginRequest& request) {
    return fresh("for " + std::string(request.field(field)), more);
  });
}

TEST(Partition, EachGetsItsOwn) {
  Scenario s(partition([](auto& p) { p.header = "X-Tenant"; }));
  echo(s.origin, "X-Tenant");
  EXPECT_EQ(s.client.get("/a", tenant("acme")).body, "for acme");
  EXPECT_EQ(s.client.get("/a", tenant("initech")).body, "for initech");
  const auto again = s.client.get("/a", tenant("acme"));
  EXPECT_TRUE(again.is_hit());
  EXPECT_EQ(again.body, "for acme");
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(Partition, WithoutTheValueRequestsPass) {
  Scenario s(partition([](auto& p) { p.cookie = "session"; }));
  echo(s.origin, "Cookie");
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(s.client.get("/a").cache_status(), "forebay; fwd=bypass; detail=no_partition");
  s.client.get("/a", {{"Cookie", "session=1"}});
  EXPECT_FALSE(s.client.get("/a").is_hit());
  EXPECT_TRUE(s.client.get("/a", {{"Cookie", "theme=dark; session=1"}}).is_hit());
}

TEST(Partition, WithoutTheValueRequestsMayShare) {
  Scenario s(partition([](auto& p) {
    p.header = "X-Tenant";
    p.missing = cache::PartitionPolicy::Missing::share;
  }));
  echo(s.origin, "X-Tenant");
  s.client.get("/a");
  EXPECT_TRUE(s.client.get("/a").is_hit());
  EXPECT_FALSE(s.client.get("/a", tenant("acme")).is_hit());
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST(Partition, ATokensUserGetsTheirOwn) {
  Scenario s(by_token());
  s.origin.on("/a", [&](const OriginRequest&) { return fresh(std::to_string(s.origin.requests())); });
  EXPECT_EQ(s.client.get("/a", bearer(R"({"sub":"ann"})")).cache_status(), "forebay; fwd=uri-miss; stored")
      << "although it came with Authorization";
  EXPECT_EQ(s.client.get("/a", bearer(R"({"sub":"bob"})")).body, "2");
  const auto ann = s.client.get("/a", bearer(R"({"sub":"ann","iat":5})"));
  EXPECT_TRUE(ann.is_hit()) << "another token of the same user";
  EXPECT_EQ(ann.body, "1");
}

TEST(Partition, AForgedTokenReadsNothing) {
  Scenario s(by_token());
  s.origin.on("/a", fresh("secret"));
  s.client.get("/a", bearer(R"({"sub":"ann"})"));
  s.origin.on("/a", {.status = 401});
  const auto none = base64url(R"({"alg":"none"})") + "." + base64url(R"({"sub":"ann"})") + ".";
  for (const auto& fields :
       {bearer(R"({"sub":"ann"})", "a guess of at least thirty-two bytes"),
        bearer(R"({"sub":"ann","exp":1})"), FieldLines{{"Authorization", "Bearer " + none}},
        FieldLines{{"Authorization", "Bearer ann"}}}) {
    const auto response = s.client.get("/a", fields);
    EXPECT_EQ(response.cache_status(), "forebay; fwd=bypass; detail=token");
    EXPECT_EQ(response.status, 401);
  }
}

TEST(Partition, ATokenThatExpiresReadsNothingMore) {
  Scenario s(by_token());
  s.origin.on("/a", fresh("secret"));
  const auto now = std::chrono::duration_cast<seconds>(s.forebay.clock().now().time_since_epoch()).count();
  const auto fields = bearer(R"({"sub":"ann","exp":)" + std::to_string(now + 5) + "}");
  s.client.get("/a", fields);
  EXPECT_TRUE(s.client.get("/a", fields).is_hit());
  s.forebay.clock().advance_wall(seconds{5});
  EXPECT_FALSE(s.client.get("/a", fields).is_hit());
  EXPECT_TRUE(s.client.get("/a", bearer(R"({"sub":"ann"})")).is_hit()) << "a new one does";
}

TEST(Partition, OtherCredentialsAreStillNotShared) {
  Scenario s(partition([](auto& p) { p.header = "X-Tenant"; }));
  echo(s.origin, "Authorization");
  const auto as = [&](const std::string& who) {
    return s.client.get("/a", {{"X-Tenant", "acme"}, {"Authorization", "Basic " + who}});
  };
  EXPECT_EQ(as("ann").body, "for Basic ann");
  EXPECT_EQ(as("bob").body, "for Basic bob");
  EXPECT_EQ(as("bob").cache_status(), "forebay; fwd=uri-miss; detail=authorization");
}

TEST(Partition, PrivateResponsesAreStoredOnRequest) {
  for (const bool stores : {false, true}) {
    Scenario s(partition([&](auto& p) {
      p.header = "X-Tenant";
      p.stores_private = stores;
    }));
    s.origin.on("/a", with("mine", {{"Cache-Control", "private, max-age=60"}, {"ETag", "\"1\""}}));
    s.client.get("/a", tenant("acme"));
    EXPECT_EQ(s.client.get("/a", tenant("acme")).is_hit(), stores);
    EXPECT_FALSE(s.client.get("/a", tenant("initech")).is_hit());
    // Still after it has been validated.
    s.forebay.clock().advance_wall(seconds{61});
    s.origin.on("/a",
                {.status = 304, .fields = {{"Cache-Control", "private, max-age=60"}, {"ETag", "\"1\""}}});
    if (stores) s.client.get("/a", tenant("acme"));
    EXPECT_EQ(s.client.get("/a", tenant("acme")).is_hit(), stores);
  }
}

TEST(Partition, PrivateIsNotForThoseWhoShare) {
  Scenario s(partition([](auto& p) {
    p.header = "X-Tenant";
    p.missing = cache::PartitionPolicy::Missing::share;
    p.stores_private = true;
  }));
  s.origin.on("/a", with("mine", {{"Cache-Control", "private, max-age=60"}}));
  s.client.get("/a");
  EXPECT_FALSE(s.client.get("/a").is_hit());
}

TEST(Partition, RequestsCollapseWithinOne) {
  Scenario s(partition([](auto& p) { p.header = "X-Tenant"; }));
  s.origin.on("/a", [](const OriginRequest& request) {
    auto response = fresh("for " + std::string(request.field("X-Tenant")));
    response.gate = "answer";
    return response;
  });
  auto acme = s.forebay.client();
  auto acme_too = s.forebay.client();
  auto initech = s.forebay.client();
  acme.request("GET", "/a", tenant("acme"));
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  acme_too.request("GET", "/a", tenant("acme"));
  initech.request("GET", "/a", tenant("initech"));
  ASSERT_TRUE(s.origin.wait_for_requests(2)) << "the other one does not wait";
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 1));
  s.origin.gate("answer").open();
  EXPECT_EQ(acme.read().body, "for acme");
  EXPECT_EQ(acme_too.read().body, "for acme");
  EXPECT_EQ(initech.read().body, "for initech");
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(Partition, APostInvalidatesItsOwnAndWhatIsShared) {
  Scenario s(partition([](auto& p) {
    p.header = "X-Tenant";
    p.missing = cache::PartitionPolicy::Missing::share;
  }));
  echo(s.origin, "X-Tenant");
  s.client.get("/a");
  s.client.get("/a", tenant("acme"));
  s.client.get("/a", tenant("initech"));
  s.client.post("/a", "", tenant("acme"));
  EXPECT_FALSE(s.client.get("/a").is_hit());
  EXPECT_FALSE(s.client.get("/a", tenant("acme")).is_hit());
  EXPECT_TRUE(s.client.get("/a", tenant("initech")).is_hit());
}

TEST(Partition, APostsAnswerIsForItsOwn) {
  Scenario s(partition([](auto& p) { p.header = "X-Tenant"; }));
  echo(s.origin, "X-Tenant", {{"Content-Location", "/a"}});
  s.client.post("/a", "", tenant("acme"));
  EXPECT_TRUE(s.client.get("/a", tenant("acme")).is_hit());
  EXPECT_FALSE(s.client.get("/a", tenant("initech")).is_hit());
  s.client.post("/b", "");
  EXPECT_FALSE(s.client.get("/b").is_hit());
}

TEST(Partition, AReloadKeepsThem) {
  Scenario s(partition([](auto& p) { p.header = "X-Tenant"; }));
  echo(s.origin, "X-Tenant");
  s.client.get("/a", tenant("acme"));
  ASSERT_TRUE(s.forebay->reload(s.forebay.config()));
  EXPECT_TRUE(s.forebay.get("/a", tenant("acme")).is_hit());
}

}  // namespace
}  // namespace forebay::test
