#include "forebay/proxy/partition.hpp"

#include <gtest/gtest.h>

#include "support/token.hpp"

namespace forebay::proxy {
namespace {

using cache::PartitionPolicy;
using cache::PassReason;
using cache::Sharing;
using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr WallTime kNow{seconds{1'000'000}};
const std::string kSecret = "0123456789abcdef0123456789abcdef";
const HashKey kKey = HashKey::from("the key of partitions");

std::string token(const std::string& payload, const std::string& secret = kSecret) {
  return test::sign_hs256(secret, R"({"alg":"HS256"})", payload);
}

PartitionPolicy by_token(const std::string& cookie = "") {
  PartitionPolicy policy;
  policy.token.claim = "sub";
  policy.token.key = kSecret;
  policy.token.cookie = cookie;
  return policy;
}

/// Asks as a worker does: with one memory of tokens for all requests.
class PartitionsTest : public ::testing::Test {
 protected:
  Partitions::Found find(const PartitionPolicy& policy, const Lines& lines, WallTime now = kNow,
                         const HashKey& key = kKey) {
    http::Fields fields;
    for (const auto& [name, value] : lines) fields.add(name, value);
    return partitions.find(fields, PartitionRule::compile(policy).value(), key, now);
  }
  /// A digest for each partition, "shared", or why it passes.
  std::string place(const PartitionPolicy& policy, const Lines& lines, WallTime now = kNow) {
    const auto found = find(policy, lines, now);
    if (found.pass != PassReason::none) return std::string(cache::name(found.pass));
    return found.partition.is_apart() ? to_hex(found.partition.digest) : "shared";
  }

  Partitions partitions;
};

TEST_F(PartitionsTest, AFieldsValueNamesIt) {
  const PartitionPolicy policy{.header = "X-Tenant"};
  const auto acme = place(policy, {{"X-Tenant", "acme"}});
  EXPECT_EQ(acme.size(), 32U);
  EXPECT_EQ(acme, place(policy, {{"x-tenant", "acme"}, {"X-Other", "1"}}));
  EXPECT_NE(acme, place(policy, {{"X-Tenant", "Acme"}}));
  EXPECT_NE(acme, place(policy, {{"X-Tenant", ""}}));
  EXPECT_EQ(place(policy, {}), "no_partition");
  EXPECT_EQ(place(policy, {{"X-Tenant2", "acme"}}), "no_partition");
}

TEST_F(PartitionsTest, ACookiesValueNamesIt) {
  const PartitionPolicy policy{.cookie = "session"};
  const auto one = place(policy, {{"Cookie", "session=1"}});
  EXPECT_EQ(one, place(policy, {{"Cookie", "a=b; session=1"}}));
  EXPECT_NE(one, place(policy, {{"Cookie", "session=2"}}));
  EXPECT_NE(one, place(PartitionPolicy{.cookie = "id"}, {{"Cookie", "id=1"}})) << "another cookie's 1";
  EXPECT_NE(one, place(PartitionPolicy{.header = "session"}, {{"Session", "1"}}));
  EXPECT_EQ(place(policy, {{"Cookie", "Session=1"}}), "no_partition");
}

TEST_F(PartitionsTest, SeveralValuesAreNoneOfThem) {
  const PartitionPolicy policy{.header = "X-Tenant"};
  const auto both = place(policy, {{"X-Tenant", "a"}, {"X-Tenant", "b"}});
  EXPECT_NE(both, place(policy, {{"X-Tenant", "a"}}));
  EXPECT_NE(both, place(policy, {{"X-Tenant", "b"}}));
  EXPECT_NE(both, place(policy, {{"X-Tenant", "b"}, {"X-Tenant", "a"}}));
  EXPECT_NE(both, place(policy, {{"X-Tenant", "ab"}}));
  const PartitionPolicy cookie{.cookie = "s"};
  EXPECT_NE(place(cookie, {{"Cookie", "s=a; s=b"}}), place(cookie, {{"Cookie", "s=a"}}));
}

TEST_F(PartitionsTest, WhatConnectionHidesFromTheOriginNamesNone) {
  EXPECT_EQ(place({.header = "X-Tenant"}, {{"X-Tenant", "a"}, {"Connection", "x-tenant"}}), "no_partition");
  EXPECT_EQ(place({.cookie = "s"}, {{"Cookie", "s=a"}, {"Connection", "close, Cookie"}}), "no_partition");
  EXPECT_EQ(place({.header = "X-Tenant", .missing = PartitionPolicy::Missing::share},
                  {{"X-Tenant", "a"}, {"Connection", "x-tenant"}}),
            "no_partition");
}

TEST_F(PartitionsTest, RequestsWithoutOneMayShare) {
  auto policy = by_token();
  policy.missing = PartitionPolicy::Missing::share;
  EXPECT_EQ(place(policy, {}), "shared");
  EXPECT_EQ(place(policy, {{"Authorization", "Basic dTpw"}}), "token") << "it is somebody";
}

TEST_F(PartitionsTest, OnlyCredentialsStandForAuthorization) {
  const Lines lines{{"Authorization", "Bearer " + token(R"({"sub":"ann"})")},
                    {"X-Tenant", "a"},
                    {"Cookie", "s=1; jwt=" + token(R"({"sub":"ann"})")}};
  EXPECT_EQ(find({.header = "authorization"}, lines).partition.sharing, Sharing::credentials);
  EXPECT_EQ(find(by_token(), lines).partition.sharing, Sharing::credentials);
  EXPECT_EQ(find({.header = "X-Tenant"}, lines).partition.sharing, Sharing::partition);
  EXPECT_EQ(find({.cookie = "s"}, lines).partition.sharing, Sharing::partition);
  EXPECT_EQ(find(by_token("jwt"), lines).partition.sharing, Sharing::partition);
}

TEST_F(PartitionsTest, TokensOfOneSubjectAreOnePartition) {
  const auto with = [&](const std::string& text) {
    return place(by_token(), {{"Authorization", "Bearer " + text}});
  };
  const auto ann = with(token(R"({"sub":"ann"})"));
  EXPECT_EQ(ann.size(), 32U);
  EXPECT_EQ(ann, with(token(R"({"sub":"ann"})"))) << "remembered";
  EXPECT_EQ(ann, with(token(R"({"sub":"ann","iat":1})")));
  EXPECT_NE(ann, with(token(R"({"sub":"bob"})")));
  EXPECT_NE(with(token(R"({"sub":"1"})")), with(token(R"({"sub":1})")));
  EXPECT_EQ(ann, place(by_token("jwt"), {{"Cookie", "jwt=" + token(R"({"sub":"ann"})")}}));
}

TEST_F(PartitionsTest, WhoIssuedItMatters) {
  auto other = by_token();
  other.token.issuer = "x";
  const Lines lines{{"Authorization", "Bearer " + token(R"({"sub":"ann","iss":"x"})")}};
  EXPECT_NE(place(by_token(), lines), place(other, lines));
  other.token.issuer = "y";
  EXPECT_EQ(place(other, lines), "token") << "verified for another route is not verified for this one";
}

TEST_F(PartitionsTest, TokensThatAreNotValidPass) {
  const auto good = token(R"({"sub":"ann"})");
  for (const auto& value :
       {std::string(), std::string("Bearer"), std::string("Bearer "), good, "Basic " + good,
        "Bearer x" + good, "Bearer " + good.substr(0, good.rfind('.') + 1),
        "Bearer " + good + ", Bearer " + good,
        "Bearer " + token(R"({"sub":"ann"})", "another secret of thirty-two bytes"),
        "Bearer " + token(R"({"sub":"ann","exp":1000000})")})
    EXPECT_EQ(place(by_token(), {{"Authorization", value}}), "token") << value;
  EXPECT_EQ(place(by_token(), {{"Authorization", "Bearer " + good}, {"Authorization", "Bearer " + good}}),
            "token");
  EXPECT_EQ(place(by_token("jwt"), {{"Cookie", "jwt=" + good + "; jwt=" + good}}), "token");
  EXPECT_EQ(place(by_token(), {{"Authorization", "bearer  " + good}}).size(), 32U);
}

TEST_F(PartitionsTest, WhatIsRememberedExpiresWithTheToken) {
  const Lines lines{{"Authorization", "Bearer " + token(R"({"sub":"ann","nbf":1000000,"exp":1000010})")}};
  const auto at = [&](int after) { return place(by_token(), lines, kNow + seconds{after}); };
  EXPECT_EQ(at(0).size(), 32U);
  EXPECT_EQ(at(9), at(0));
  EXPECT_EQ(at(10), "token");
  EXPECT_EQ(at(-1), "token");
  EXPECT_EQ(at(9).size(), 32U);
}

TEST_F(PartitionsTest, MoreTokensThanAreRemembered) {
  for (int turn = 0; turn < 2; ++turn)
    for (int i = 0; i < 1500; ++i) {
      const auto number = std::to_string(i);
      const auto found =
          find(by_token(), {{"Authorization", "Bearer " + token(R"({"sub":")" + number + "\"}")}});
      ASSERT_EQ(found.pass, PassReason::none);
      ASSERT_EQ(
          found.partition.digest,
          find(by_token(), {{"Authorization", "Bearer " + token(R"({"sub":")" + number + R"(","a":1})")}})
              .partition.digest);
    }
}

TEST_F(PartitionsTest, TheKeyDecidesTheDigest) {
  for (const auto& policy : {by_token(), PartitionPolicy{.header = "Authorization"}}) {
    const Lines lines{{"Authorization", "Bearer " + token(R"({"sub":"ann"})")}};
    const auto digest = find(policy, lines).partition.digest;
    EXPECT_NE(find(policy, lines, kNow, HashKey::from("another")).partition.digest, digest);
    EXPECT_EQ(find(policy, lines).partition.digest, digest);
  }
}

TEST(PartitionRule, SaysWhatIsWrong) {
  auto policy = by_token();
  policy.token.algorithm = SignatureAlgorithm::rs256;
  EXPECT_EQ(PartitionRule::compile(policy).error().detail, "RS256 needs a public key as PEM");
  for (const std::string header : {"Host", "X-Forwarded-For", "x-forwarded-host", "Forwarded", "TE",
                                   "Proxy-Authorization", "Connection", "Transfer-Encoding"})
    EXPECT_EQ(PartitionRule::compile({.header = header}).error().detail,
              "the origin does not get \"" + header + "\" as clients send it");
  EXPECT_FALSE(PartitionRule::compile({}).value().is_set());
}

}  // namespace
}  // namespace forebay::proxy
