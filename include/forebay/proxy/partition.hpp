// Which partition a request belongs to: a route's rule, and what finds the place of a request by it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/base/keyed_hash.hpp"
#include "forebay/base/result.hpp"
#include "forebay/cache/classify.hpp"
#include "forebay/cache/partition.hpp"
#include "forebay/http/headers.hpp"
#include "forebay/http/json_web_token.hpp"

namespace forebay::proxy {

/// Compiled at load; immutable, thread-safe.
class PartitionRule {
 public:
  /// Fails with invalid_value: a key that does not fit its algorithm, a field that the origin does not get as
  /// the client sent it; with system_failure where OpenSSL has no SipHash.
  static Result<PartitionRule> compile(const cache::PartitionPolicy& policy);

  bool is_set() const noexcept { return !name_.empty(); }

 private:
  friend class Partitions;
  bool is_cookie_ = false;
  std::string name_;  // of the field or cookie; empty: no partitions
  http::FieldId field_ = http::FieldId::other;
  bool shares_missing_ = false;
  cache::Sharing sharing_ = cache::Sharing::partition;
  std::optional<http::TokenRules> token_;
  /// Of everything that decides what a value means: one subject under two issuers is two.
  std::string id_;
};

/// One worker's; not thread-safe. Remembers tokens it has verified, so that the next request with one costs a
/// hash. Allocates for a new token alone.
class Partitions {
 public:
  struct Found {
    cache::Partition partition;
    cache::PassReason pass = cache::PassReason::none;  // why it has none and passes
  };
  Found find(const http::Fields& request, const PartitionRule& rule, const HashKey& key, WallTime now);

 private:
  struct Verified {
    Digest token;
    Digest partition;
    WallTime not_before;
    WallTime expires;
  };
  Found find_by_token(std::string_view field_value, const PartitionRule& rule, const HashKey& key,
                      WallTime now);

  std::optional<KeyedHash> hash_;   // made at first use: not every OpenSSL has it, nor every route needs it
  std::vector<Verified> verified_;  // by the token's digest; the newer takes the place of the older
};

}  // namespace forebay::proxy
