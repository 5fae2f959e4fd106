// JSON Web Tokens (RFC 7519), signed ones in the compact form (RFC 7515 §3.1), as far as one claim needs to
// be believed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/base/signature_key.hpp"

namespace forebay::http {

// A token beyond one of these is not verified.
inline constexpr std::size_t kMaxTokenBytes = 8192;
inline constexpr std::size_t kMaxClaimBytes = 512;

/// What a token has to be like. The key decides the algorithm; the token's own `alg` has to say the same and
/// chooses nothing (RFC 8725 §3.1), so neither "none" nor a public key taken for a secret gets through.
struct TokenRules {
  SignatureKey key;
  std::string claim;     // the name of the one whose value is wanted
  std::string issuer;    // what `iss` has to be; empty: anything
  std::string audience;  // what `aud` has to be or to have; empty: anything
};

enum class TokenVerdict : std::uint8_t {
  verified,
  too_large,
  malformed,       // not three parts of base64url, or what they hold is no JSON object
  algorithm,       // `alg` is not the key's, or the token needs more than we know (`crit`)
  signature,       // it was not made with the key
  not_yet,         // `nbf` lies ahead
  expired,         // `exp` has come
  wrong_issuer,    // `iss`
  wrong_audience,  // `aud`
  no_claim,        // it lacks the claim, or that is neither a text nor a whole number
};
std::string_view name(TokenVerdict verdict) noexcept;

struct TokenResult {
  TokenVerdict verdict = TokenVerdict::malformed;
  /// The claim: a text behind "s:", a whole number behind "n:", so that 1 is not "1".
  std::string value{};
  /// When the verdict holds; nothing: no bound.
  std::optional<WallTime> not_before{};
  std::optional<WallTime> expires{};

  bool holds_at(WallTime now) const noexcept {
    return (!not_before || now >= *not_before) && (!expires || now < *expires);
  }
};

/// The signature is verified before anything in the claims is read. Allocates.
TokenResult verify_token(std::string_view token, const TokenRules& rules, WallTime now);

}  // namespace forebay::http
