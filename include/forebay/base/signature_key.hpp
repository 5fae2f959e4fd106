// Keys that signatures are verified with: the three algorithms of JSON Web Signatures that are in use (RFC
// 7518 §3.1).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "forebay/base/result.hpp"

struct evp_pkey_st;

namespace forebay {

enum class SignatureAlgorithm : std::uint8_t {
  hs256,  // HMAC with SHA-256: whoever can verify can sign, too
  rs256,  // RSASSA-PKCS1-v1_5 with SHA-256
  es256,  // ECDSA on P-256 with SHA-256
};
/// As in a token's header: "HS256".
std::string_view name(SignatureAlgorithm algorithm) noexcept;

/// A key that is good for one algorithm and no other. Immutable; thread-safe; copies share what OpenSSL made.
class SignatureKey {
 public:
  /// `text`: the secret of hs256, else a public key or certificate as PEM. Fails with invalid_value and a
  /// sentence that does not quote it: a secret under 32 bytes (RFC 7518 §3.2) or one that is PEM, for a
  /// public key is known to everybody; a key of another kind than the algorithm's; RSA under 2048 bits
  /// (§3.3).
  static Result<SignatureKey> make(SignatureAlgorithm algorithm, std::string_view text);

  SignatureAlgorithm algorithm() const noexcept { return algorithm_; }
  /// `signature` as JWS has it: of es256 r and s, 32 bytes each (RFC 7518 §3.4). Allocates.
  bool verifies(std::string_view message, std::string_view signature) const;

 private:
  SignatureAlgorithm algorithm_ = SignatureAlgorithm::hs256;
  std::string secret_;                       // of hs256
  std::shared_ptr<evp_pkey_st> public_key_;  // of the others
};

}  // namespace forebay
