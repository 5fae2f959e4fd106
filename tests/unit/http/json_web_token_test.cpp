#include "forebay/http/json_web_token.hpp"

#include <gtest/gtest.h>

#include "support/token.hpp"

namespace forebay::http {
namespace {

using test::base64url;

const std::string kSecret = "0123456789abcdef0123456789abcdef";
const std::string kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr WallTime kNow{seconds{1'000'000}};

TokenRules rules(std::string claim = "sub") {
  return {*SignatureKey::make(SignatureAlgorithm::hs256, kSecret), std::move(claim), {}, {}};
}

std::string token(std::string_view payload, std::string_view header = kHeader) {
  return test::sign_hs256(kSecret, header, payload);
}

/// The claim, or why there is none.
std::string outcome(std::string_view text, const TokenRules& wanted = rules()) {
  const auto result = verify_token(text, wanted, kNow);
  return result.verdict == TokenVerdict::verified ? result.value : std::string(name(result.verdict));
}

TEST(JsonWebToken, TheExampleOfRfc7515) {
  // RFC 7515 appendix A.1; its key as octets.
  const std::string key(
      "\x03\x23\x35\x4b\x2b\x0f\xa5\xbc\x83\x7e\x06\x65\x77\x7b\xa6\x8f\x5a\xb3\x28\xe6\xf0\x54\xc9\x28\xa9"
      "\x0f"
      "\x84\xb2\xd2\x50\x2e\xbf\xd3\xfb\x5a\x92\xd2\x06\x47\xef\x96\x8a\xb4\xc3\x77\x62\x3d\x22\x3d\x2e\x21"
      "\x72"
      "\x05\x2e\x4f\x08\xc0\xcd\x9a\xf5\x67\xd0\x80\xa3",
      64);
  const TokenRules wanted{*SignatureKey::make(SignatureAlgorithm::hs256, key), "iss", {}, {}};
  const auto* text =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  EXPECT_EQ(outcome(text, wanted), "s:joe");
  EXPECT_EQ(verify_token(text, wanted, WallTime(seconds{1300819380})).verdict, TokenVerdict::expired);
}

TEST(JsonWebToken, Claims) {
  const struct {
    const char* payload;
    const char* outcome;
  } rows[] = {
      {R"({"sub":"ann"})", "s:ann"},
      {R"({"sub":"1"})", "s:1"},
      {R"({"sub":1})", "n:1"},
      {R"({"sub":-7})", "n:-7"},
      {R"({"sub":18446744073709551615})", "n:18446744073709551615"},
      {R"({"sub":"a","sub":"b"})", "s:b"},
      {R"({"sub":"\u00e4"})", "s:\xC3\xA4"},
      {R"( {"sub":"ann","roles":["a",{"b":[]}]} )", "s:ann"},
      {R"({"sub":"ann","exp":1000001,"nbf":1000000})", "s:ann"},
      {R"({"sub":"ann","exp":1000000.001})", "s:ann"},
      {R"({"sub":"ann","exp":1e300})", "s:ann"},
      // not to be believed
      {R"({})", "no_claim"},
      {R"({"Sub":"ann"})", "no_claim"},
      {R"({"sub":""})", "no_claim"},
      {R"({"sub":null})", "no_claim"},
      {R"({"sub":true})", "no_claim"},
      {R"({"sub":1.5})", "no_claim"},
      {R"({"sub":["ann"]})", "no_claim"},
      {R"({"sub":{"id":1}})", "no_claim"},
      {R"({"sub":"ann","exp":1000000})", "expired"},
      {R"({"sub":"ann","exp":0})", "expired"},
      {R"({"sub":"ann","nbf":1000001})", "not_yet"},
      {R"({"sub":"ann","nbf":1e300})", "not_yet"},
      {R"({"sub":"ann","exp":"1000001"})", "malformed"},
      {R"({"sub":"ann","exp":-1})", "malformed"},
      {R"({"sub":"ann","exp":null})", "malformed"},
      {R"({"sub":"ann","nbf":[]})", "malformed"},
      {R"({"sub":"ann"}})", "malformed"},
      {R"({"sub":"ann",})", "malformed"},
      {R"({'sub':'ann'})", "malformed"},
      {R"(["sub","ann"])", "malformed"},
      {R"("sub")", "malformed"},
      {"", "malformed"},
      {"{\"sub\":\"\xFF\"}", "malformed"},
      {"{\"sub\":\"a\nb\"}", "malformed"},
      {R"({"sub":"ann","a":[[[[[[[[[[]]]]]]]]]]})", "malformed"},
  };
  for (const auto& row : rows) EXPECT_EQ(outcome(token(row.payload)), row.outcome) << row.payload;
}

TEST(JsonWebToken, Headers) {
  const struct {
    const char* header;
    const char* outcome;
  } rows[] = {
      {R"({"alg":"HS256"})", "s:ann"},
      {R"({"alg":"HS256","kid":"7","cty":"x"})", "s:ann"},
      {R"({"alg":"none"})", "algorithm"},
      {R"({"alg":"None"})", "algorithm"},
      {R"({"alg":"hs256"})", "algorithm"},
      {R"({"alg":"HS384"})", "algorithm"},
      {R"({"alg":"RS256"})", "algorithm"},
      {R"({"alg":"ES256"})", "algorithm"},
      {R"({"alg":""})", "algorithm"},
      {R"({"alg":["HS256"]})", "algorithm"},
      {R"({"alg":256})", "algorithm"},
      {R"({"typ":"JWT"})", "algorithm"},
      {R"({"alg":"HS256","alg":"none"})", "algorithm"},
      {R"({"alg":"HS256","crit":["b64"],"b64":false})", "algorithm"},
      {R"({"alg":"HS256","crit":[]})", "algorithm"},
      {R"("HS256")", "malformed"},
      {R"({"alg":"HS256")", "malformed"},
      {"", "malformed"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(outcome(token(R"({"sub":"ann"})", row.header)), row.outcome) << row.header;
}

TEST(JsonWebToken, Forms) {
  const auto good = token(R"({"sub":"ann"})");
  const auto second = good.find('.', good.find('.') + 1);
  const auto unsigned_part = good.substr(0, second);
  const auto other = test::sign_hs256("another secret of thirty-two bytes", kHeader, R"({"sub":"ann"})");
  const auto forged = base64url(kHeader) + "." + base64url(R"({"sub":"bob"})") + good.substr(second);
  const auto none = base64url(R"({"alg":"none"})") + "." + base64url(R"({"sub":"bob"})") + ".";
  const struct {
    std::string text;
    const char* outcome;
  } rows[] = {
      {good, "s:ann"},
      {"", "malformed"},
      {".", "malformed"},
      {"..", "malformed"},
      {"a.b", "malformed"},
      {unsigned_part, "malformed"},
      {unsigned_part + ".", "signature"},
      {good + ".", "malformed"},
      {good + ".x.y", "malformed"},
      {" " + good, "malformed"},
      {good + "=", "malformed"},
      {good + "A", "signature"},
      {good + "AA", "malformed"},
      {good.substr(0, good.size() - 2), "malformed"},
      {good.substr(0, good.size() - 3), "signature"},
      {"Bearer " + good, "malformed"},
      {other, "signature"},
      {forged, "signature"},
      {none, "algorithm"},
      {std::string(kMaxTokenBytes + 1, 'a'), "too_large"},
  };
  for (const auto& row : rows) EXPECT_EQ(outcome(row.text), row.outcome) << row.text;
}

TEST(JsonWebToken, ThePublicKeyIsNoSecret) {
  const auto key = test::rsa_key(2048);
  const auto pem = test::public_pem(key);
  const TokenRules wanted{*SignatureKey::make(SignatureAlgorithm::rs256, pem), "sub", {}, {}};
  const auto* payload = R"({"sub":"ann"})";
  EXPECT_EQ(outcome(test::sign_rs256(key, R"({"alg":"RS256"})", payload), wanted), "s:ann");
  EXPECT_EQ(outcome(test::sign_hs256(pem, R"({"alg":"HS256"})", payload), wanted), "algorithm");
  EXPECT_EQ(outcome(test::sign_hs256(pem, R"({"alg":"RS256"})", payload), wanted), "signature");
}

TEST(JsonWebToken, Es256) {
  const auto key = test::ec_key("P-256");
  const TokenRules wanted{
      *SignatureKey::make(SignatureAlgorithm::es256, test::public_pem(key)), "sub", {}, {}};
  const auto* header = R"({"alg":"ES256"})";
  EXPECT_EQ(outcome(test::sign_es256(key, header, R"({"sub":"ann"})"), wanted), "s:ann");
  // The DER form is OpenSSL's, not JWS's.
  EXPECT_EQ(outcome(test::sign_rs256(key, header, R"({"sub":"ann"})"), wanted), "signature");
}

TEST(JsonWebToken, IssuerAndAudience) {
  auto wanted = rules();
  wanted.issuer = "https://id.example";
  wanted.audience = "shop";
  const auto with = [&](const std::string& more) {
    return outcome(token(R"({"sub":"ann")" + more + "}"), wanted);
  };
  const std::string issuer = R"(,"iss":"https://id.example")";
  EXPECT_EQ(with(issuer + R"(,"aud":"shop")"), "s:ann");
  EXPECT_EQ(with(issuer + R"(,"aud":["bank","shop"])"), "s:ann");
  EXPECT_EQ(with(issuer + R"(,"aud":["bank"])"), "wrong_audience");
  EXPECT_EQ(with(issuer + R"(,"aud":[["shop"]])"), "wrong_audience");
  EXPECT_EQ(with(issuer + R"(,"aud":"shop2")"), "wrong_audience");
  EXPECT_EQ(with(issuer), "wrong_audience");
  EXPECT_EQ(with(R"(,"iss":"https://id.example/","aud":"shop")"), "wrong_issuer");
  EXPECT_EQ(with(R"(,"aud":"shop")"), "wrong_issuer");
}

TEST(JsonWebToken, ALongClaimIsNone) {
  const auto with = [](std::size_t size) {
    std::string payload = R"({"sub":")";
    payload.append(size, 'a').append("\"}");
    return outcome(token(payload));
  };
  EXPECT_EQ(with(kMaxClaimBytes).size(), kMaxClaimBytes + 2);
  EXPECT_EQ(with(kMaxClaimBytes + 1), "no_claim");
}

TEST(TokenResult, HoldsBetweenItsDates) {
  const auto result = verify_token(token(R"({"sub":"a","nbf":1000000,"exp":1000010})"), rules(), kNow);
  EXPECT_TRUE(result.holds_at(kNow));
  EXPECT_FALSE(result.holds_at(kNow - milliseconds{1}));
  EXPECT_TRUE(result.holds_at(kNow + milliseconds{9'999}));
  EXPECT_FALSE(result.holds_at(kNow + seconds{10}));
}

}  // namespace
}  // namespace forebay::http
