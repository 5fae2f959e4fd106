#include "forebay/base/signature_key.hpp"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <array>

namespace forebay {
namespace {

constexpr std::size_t kMinSecretBytes = 32;  // RFC 7518 §3.2
constexpr int kMinRsaBits = 2048;            // RFC 7518 §3.3
constexpr std::size_t kScalarBytes = 32;     // of P-256
constexpr std::string_view kPemMark = "-----BEGIN";

template <auto Function>
struct FreeWith {
  void operator()(auto* what) const noexcept { Function(what); }
};
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Error unfit(std::string what) { return fail(ErrorKind::invalid_value, std::move(what)); }

std::shared_ptr<EVP_PKEY> read_public_key(std::string_view pem) {
  const auto source = [&] { return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); };
  EVP_PKEY* key = PEM_read_bio_PUBKEY(source().get(), nullptr, nullptr, nullptr);
  if (!key) {
    const std::unique_ptr<X509, FreeWith<X509_free>> certificate(
        PEM_read_bio_X509(source().get(), nullptr, nullptr, nullptr));
    if (certificate) key = X509_get_pubkey(certificate.get());
  }
  ERR_clear_error();  // what was tried in vain must not be taken for a later call's failure
  return {key, FreeWith<EVP_PKEY_free>{}};
}

/// What is wrong with the key for the algorithm, "" when nothing is.
std::string_view fault_in(const EVP_PKEY* key, SignatureAlgorithm algorithm) noexcept {
  if (algorithm == SignatureAlgorithm::rs256) {
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return "RS256 needs an RSA key";
    return EVP_PKEY_get_bits(key) < kMinRsaBits ? "RS256 needs a key of at least 2048 bits" : "";
  }
  std::array<char, 32> group{};
  std::size_t size = 0;
  const bool is_p256 = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
                       EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
                       std::string_view(group.data(), size) == SN_X9_62_prime256v1;
  return is_p256 ? "" : "ES256 needs an EC key on P-256";
}

bool hmac_verifies(std::string_view secret, std::string_view message, std::string_view signature) noexcept {
  std::array<unsigned char, EVP_MAX_MD_SIZE> own{};
  unsigned size = 0;
  if (!::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(message), message.size(),
              own.data(), &size))
    return false;
  return signature.size() == size && CRYPTO_memcmp(own.data(), signature.data(), size) == 0;
}

/// From r and s one behind the other to the DER that OpenSSL wants; "" for another length.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kScalarBytes) return {};
  const auto number = [&](std::size_t at) {
    return Number(BN_bin2bn(bytes_of(signature) + at, kScalarBytes, nullptr));
  };
  auto r = number(0);
  auto s = number(kScalarBytes);
  const std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>> pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // they belong to the pair now
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

bool key_verifies(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  const bool verified = context &&
                        EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
                        EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                         bytes_of(message), message.size()) == 1;
  ERR_clear_error();  // a wrong signature leaves an entry
  return verified;
}

}  // namespace

std::string_view name(SignatureAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case SignatureAlgorithm::hs256: return "HS256";
    case SignatureAlgorithm::rs256: return "RS256";
    case SignatureAlgorithm::es256: return "ES256";
  }
  return "";
}

Result<SignatureKey> SignatureKey::make(SignatureAlgorithm algorithm, std::string_view text) {
  SignatureKey made;
  made.algorithm_ = algorithm;
  const bool is_pem = text.find(kPemMark) != std::string_view::npos;
  if (algorithm == SignatureAlgorithm::hs256) {
    // Otherwise whoever knows the public key could sign with it (RFC 8725 §2.1).
    if (is_pem) return unfit("HS256 needs a secret, not a key as PEM");
    if (text.size() < kMinSecretBytes) return unfit("HS256 needs a secret of at least 32 bytes");
    made.secret_ = text;
    return made;
  }
  made.public_key_ = read_public_key(text);
  if (!made.public_key_) return unfit(std::string(name(algorithm)) + " needs a public key as PEM");
  if (const auto fault = fault_in(made.public_key_.get(), algorithm); !fault.empty())
    return unfit(std::string(fault));
  return made;
}

bool SignatureKey::verifies(std::string_view message, std::string_view signature) const {
  switch (algorithm_) {
    case SignatureAlgorithm::hs256: return hmac_verifies(secret_, message, signature);
    case SignatureAlgorithm::rs256: return key_verifies(public_key_.get(), message, signature);
    case SignatureAlgorithm::es256: {
      const auto der = der_of(signature);
      return !der.empty() && key_verifies(public_key_.get(), message, der);
    }
  }
  return false;
}

}  // namespace forebay
