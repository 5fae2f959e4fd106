#include "forebay/proxy/partition.hpp"

#include <initializer_list>
#include <stdexcept>

#include "forebay/base/strings.hpp"
#include "forebay/http/cookie.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/forwarded.hpp"
#include "forebay/http/hop_by_hop.hpp"

namespace forebay::proxy {
namespace {

using cache::PassReason;
using cache::Sharing;

constexpr std::size_t kVerifiedTokens = 1024;  // a power of two
constexpr std::string_view kBearer = "Bearer ";

bool is_authorization(std::string_view name) noexcept { return iequals(name, "Authorization"); }

/// Calls `visit` with every value that the request has under the rule's name.
template <class Visit>
void for_each_value(const http::Fields& request, bool is_cookie, http::FieldId id, std::string_view name,
                    Visit&& visit) {
  if (is_cookie) {
    http::for_each_cookie(request, [&](std::string_view cookie, std::string_view value) {
      if (cookie == name) visit(value);
      return true;
    });
  } else if (request.has(id)) {
    for (const auto& line : request)
      if (line.id == id && (id != http::FieldId::other || iequals(line.name, name))) visit(line.value);
  }
}

/// RFC 6750 §2.1 in Authorization; elsewhere the token alone or behind the same word. "" for other
/// credentials.
std::string_view token_in(std::string_view value, bool in_authorization) noexcept {
  if (value.size() > kBearer.size() && iequals(value.substr(0, kBearer.size()), kBearer))
    return trim(value.substr(kBearer.size()));
  return in_authorization ? std::string_view() : value;
}

std::string id_of(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text.append(std::to_string(part.size())).append(":").append(part);
  const auto bytes = HashKey::from(text).bytes;
  return {bytes.begin(), bytes.end()};
}

/// A field that the origin does not see as it was sent cannot have made its answer: whoever sent one would
/// have the answer to another request put where that value's is looked for.
bool reaches_the_origin(http::FieldId id) noexcept {
  return !http::is_forwarding_field(id) && !http::is_hop_by_hop(id) && id != http::FieldId::host;
}

Result<void> can_hash() {
  try {
    KeyedHash();
  } catch (const std::runtime_error& error) {
    return fail(ErrorKind::system_failure, error.what());
  }
  return {};
}

}  // namespace

Result<PartitionRule> PartitionRule::compile(const cache::PartitionPolicy& policy) {
  PartitionRule rule;
  if (!policy.is_set()) return rule;
  const auto& token = policy.token;
  const bool by_token = !token.claim.empty();
  const auto& header = by_token ? token.header : policy.header;
  const auto& cookie = by_token ? token.cookie : policy.cookie;
  rule.is_cookie_ = !cookie.empty();
  rule.name_ = rule.is_cookie_ ? cookie : lower(header);
  if (!rule.is_cookie_) rule.field_ = http::field_id(rule.name_);
  if (!reaches_the_origin(rule.field_))
    return fail(ErrorKind::invalid_value, "the origin does not get \"" + header + "\" as clients send it");
  if (auto hashes = can_hash(); !hashes) return hashes.error();
  rule.shares_missing_ = policy.missing == cache::PartitionPolicy::Missing::share;
  if (!rule.is_cookie_ && is_authorization(header)) rule.sharing_ = Sharing::credentials;
  const std::string_view where = rule.is_cookie_ ? "cookie" : "header";
  if (!by_token) {
    rule.id_ = id_of({where, rule.name_});
    return rule;
  }
  auto key = SignatureKey::make(token.algorithm, token.key);
  if (!key) return key.error();
  rule.token_ = http::TokenRules{std::move(*key), token.claim, token.issuer, token.audience};
  rule.id_ = id_of({"jwt", name(token.algorithm), token.key, token.claim, token.issuer, token.audience});
  return rule;
}

Partitions::Found Partitions::find(const http::Fields& request, const PartitionRule& rule, const HashKey& key,
                                   WallTime now) {
  const Found passes{{}, PassReason::no_partition};
  // Named in Connection it would not reach the origin (RFC 9110 §7.6.1), and the answer be about nobody.
  const std::string_view field = rule.is_cookie_ ? std::string_view("cookie") : rule.name_;
  if (http::has_element(request, http::FieldId::connection, field)) return passes;

  std::size_t count = 0;
  std::string_view last;
  if (!hash_) hash_.emplace();
  hash_->begin(key).add(rule.id_);
  // All of them count: which one the origin heeds is for the origin to say.
  for_each_value(request, rule.is_cookie_, rule.field_, rule.name_, [&](std::string_view value) {
    ++count;
    last = value;
    if (!rule.token_) hash_->add(value);
  });
  if (count == 0) return rule.shares_missing_ ? Found{} : passes;
  if (!rule.token_) return {{rule.sharing_, hash_->end()}, PassReason::none};
  if (count > 1) return {{}, PassReason::token};
  return find_by_token(last, rule, key, now);
}

Partitions::Found Partitions::find_by_token(std::string_view field_value, const PartitionRule& rule,
                                            const HashKey& key, WallTime now) {
  const auto token = token_in(field_value, rule.field_ == http::FieldId::authorization);
  if (token.empty() || token.size() > http::kMaxTokenBytes) return {{}, PassReason::token};
  if (verified_.empty()) verified_.resize(kVerifiedTokens);
  const auto digest = hash_->begin(key).add("token").add(rule.id_).add(token).end();
  auto& place = verified_[digest.low & (kVerifiedTokens - 1)];
  if (place.token != digest || now < place.not_before || now >= place.expires) {
    const auto result = http::verify_token(token, *rule.token_, now);
    if (result.verdict != http::TokenVerdict::verified) return {{}, PassReason::token};
    place = {digest, hash_->begin(key).add(rule.id_).add(result.value).end(),
             result.not_before.value_or(WallTime::min()), result.expires.value_or(WallTime::max())};
  }
  return {{rule.sharing_, place.partition}, PassReason::none};
}

}  // namespace forebay::proxy
