#include "forebay/base/signature_key.hpp"

#include <gtest/gtest.h>

#include "forebay/base/base64url.hpp"
#include "support/token.hpp"

namespace forebay {
namespace {

using Algorithm = SignatureAlgorithm;

const std::string kSecret = "0123456789abcdef0123456789abcdef";

/// "" or what is wrong.
std::string fault(Algorithm algorithm, std::string_view text) {
  const auto made = SignatureKey::make(algorithm, text);
  return made ? "" : made.error().detail;
}

TEST(SignatureKey, IsGoodForOneAlgorithm) {
  const auto rsa = test::public_pem(test::rsa_key(2048));
  const auto small = test::public_pem(test::rsa_key(1024));
  const auto p256 = test::public_pem(test::ec_key("P-256"));
  const auto p384 = test::public_pem(test::ec_key("P-384"));
  const struct {
    Algorithm algorithm;
    std::string text;
    const char* fault;
  } rows[] = {
      {Algorithm::hs256, kSecret, ""},
      {Algorithm::rs256, rsa, ""},
      {Algorithm::es256, p256, ""},
      {Algorithm::hs256, "", "HS256 needs a secret of at least 32 bytes"},
      {Algorithm::hs256, kSecret.substr(1), "HS256 needs a secret of at least 32 bytes"},
      {Algorithm::hs256, rsa, "HS256 needs a secret, not a key as PEM"},
      {Algorithm::hs256, "\n" + p256, "HS256 needs a secret, not a key as PEM"},
      {Algorithm::rs256, "", "RS256 needs a public key as PEM"},
      {Algorithm::rs256, kSecret, "RS256 needs a public key as PEM"},
      {Algorithm::rs256, rsa.substr(0, rsa.size() / 2), "RS256 needs a public key as PEM"},
      {Algorithm::rs256, small, "RS256 needs a key of at least 2048 bits"},
      {Algorithm::rs256, p256, "RS256 needs an RSA key"},
      {Algorithm::es256, rsa, "ES256 needs an EC key on P-256"},
      {Algorithm::es256, p384, "ES256 needs an EC key on P-256"},
      {Algorithm::es256, "-----BEGIN PUBLIC KEY-----\n", "ES256 needs a public key as PEM"},
  };
  for (const auto& row : rows) EXPECT_EQ(fault(row.algorithm, row.text), row.fault) << row.text;
}

TEST(SignatureKey, ACertificateHoldsOneToo) {
  const auto certificate = test::CertificateAuthority().issue({"DNS:a"}).certificate_pem();
  EXPECT_EQ(fault(Algorithm::es256, certificate), "");
}

/// Signs "a.b" and tells whether the key takes the signature, and takes it no more when a bit is another.
void expect_verifies(const SignatureKey& key, const std::string& token) {
  const auto dot = token.rfind('.');
  const auto text = token.substr(0, dot);
  auto signature = *decode_base64url(std::string_view(token).substr(dot + 1));
  EXPECT_TRUE(key.verifies(text, signature));
  EXPECT_FALSE(key.verifies(text + " ", signature));
  EXPECT_FALSE(key.verifies(text, ""));
  EXPECT_FALSE(key.verifies(text, signature.substr(1)));
  EXPECT_FALSE(key.verifies(text, signature + '\0'));
  EXPECT_FALSE(key.verifies(text, std::string(signature.size(), '\0')));
  signature.back() = static_cast<char>(signature.back() ^ 1);
  EXPECT_FALSE(key.verifies(text, signature));
}

TEST(SignatureKey, VerifiesWhatItsOtherHalfSigned) {
  expect_verifies(*SignatureKey::make(Algorithm::hs256, kSecret), test::sign_hs256(kSecret, "a", "b"));
  const auto rsa = test::rsa_key(2048);
  expect_verifies(*SignatureKey::make(Algorithm::rs256, test::public_pem(rsa)),
                  test::sign_rs256(rsa, "a", "b"));
  const auto ec = test::ec_key("P-256");
  expect_verifies(*SignatureKey::make(Algorithm::es256, test::public_pem(ec)),
                  test::sign_es256(ec, "a", "b"));
}

}  // namespace
}  // namespace forebay
