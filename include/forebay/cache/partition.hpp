// Responses that only some may have, kept apart by something their requests prove or say (a route's
// `partition`).
#pragma once

#include <cstdint>
#include <string>

#include "forebay/base/digest.hpp"
#include "forebay/base/signature_key.hpp"

namespace forebay::cache {

/// A JSON Web Token one of whose claims names the partition. It is verified here, although the origin
/// verifies it too: on a hit nobody asks the origin.
struct TokenPolicy {
  std::string claim;
  SignatureAlgorithm algorithm = SignatureAlgorithm::hs256;
  std::string key;       // a secret, or a public key as PEM
  std::string issuer;    // empty: any
  std::string audience;  // empty: any
  std::string header = "Authorization";
  std::string cookie;  // instead of the header

  friend bool operator==(const TokenPolicy&, const TokenPolicy&) = default;
};

/// What names a request's partition: one of the three, or nothing where responses are not kept apart.
struct PartitionPolicy {
  enum class Missing : std::uint8_t { pass, share };

  bool is_asked_for = false;  // the configuration names one, perhaps by an empty text
  std::string header;
  std::string cookie;
  TokenPolicy token;
  Missing missing = Missing::pass;  // what becomes of requests that have none
  /// Whether `private` responses are stored, for their partition.
  bool stores_private = false;

  bool is_set() const noexcept { return !header.empty() || !cookie.empty() || !token.claim.empty(); }
  friend bool operator==(const PartitionPolicy&, const PartitionPolicy&) = default;
};

/// Whom a stored response may be given to.
enum class Sharing : std::uint8_t {
  everybody,    // the route does not partition, or the request has nothing to do it by
  partition,    // those whose requests say the same
  credentials,  // those with the same credentials: what Authorization says, or proves
};

/// A request's place. The digest is keyed: neither logs nor the store hold what it was made of.
struct Partition {
  Sharing sharing = Sharing::everybody;
  Digest digest;

  bool is_apart() const noexcept { return sharing != Sharing::everybody; }
};

}  // namespace forebay::cache
