#include "forebay/http/json_web_token.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cmath>
#include <utility>

#include "forebay/base/base64url.hpp"

namespace forebay::http {
namespace {

namespace json = boost::json;
using std::string_view;

/// As they stand in the token (RFC 7515 §7.1).
struct Parts {
  string_view header;
  string_view payload;
  string_view signature;
  string_view signed_text;  // header and payload with the '.' between them
};

std::optional<Parts> split(string_view token) noexcept {
  const auto first = token.find('.');
  if (first == string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == string_view::npos || token.find('.', second + 1) != string_view::npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
               token.substr(0, second)};
}

/// A part's JSON object. Of members that share a name the last counts (RFC 7519 §4).
std::optional<json::object> read_object(string_view part) {
  constexpr std::size_t kMaxDepth = 8;
  const auto text = decode_base64url(part);
  if (!text) return std::nullopt;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code ec;
  auto value = json::parse(*text, ec, {}, options);
  if (ec || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

string_view text_of(const json::object& object, string_view name) noexcept {
  const auto* value = object.if_contains(name);
  if (!value || !value->is_string()) return {};
  const auto& text = value->get_string();
  return {text.data(), text.size()};
}

bool fits(const json::object& header, SignatureAlgorithm algorithm) noexcept {
  // RFC 7515 §4.1.11: what must be understood and is not makes a token invalid; we understand no extension.
  return text_of(header, "alg") == name(algorithm) && !header.contains("crit");
}

/// A NumericDate (RFC 7519 §2), perhaps with a fraction. False for a value that is none.
bool read_date(const json::object& claims, string_view name, std::optional<WallTime>& out) noexcept {
  constexpr double kMost = 1e11;  // the year 5138: later is as good as never
  const auto* value = claims.if_contains(name);
  if (!value) return true;
  if (!value->is_number()) return false;
  const double seconds = value->is_int64() ? static_cast<double>(value->get_int64())
                                           : (value->is_uint64() ? static_cast<double>(value->get_uint64())
                                                                 : value->get_double());
  if (!std::isfinite(seconds) || seconds < 0) return false;
  out = WallTime(milliseconds(static_cast<std::int64_t>(std::min(seconds, kMost) * 1000)));
  return true;
}

/// RFC 7519 §4.1.3: one name or a list of them.
bool has_audience(const json::object& claims, string_view wanted) noexcept {
  if (text_of(claims, "aud") == wanted) return true;
  const auto* value = claims.if_contains("aud");
  if (!value || !value->is_array()) return false;
  for (const auto& member : value->get_array())
    if (member.is_string() && string_view(member.get_string().data(), member.get_string().size()) == wanted)
      return true;
  return false;
}

std::string claim_of(const json::object& claims, string_view name) {
  const auto* value = claims.if_contains(name);
  if (value && value->is_int64()) return "n:" + std::to_string(value->get_int64());
  if (value && value->is_uint64()) return "n:" + std::to_string(value->get_uint64());
  const auto text = text_of(claims, name);
  return text.empty() || text.size() > kMaxClaimBytes ? std::string() : "s:" + std::string(text);
}

TokenResult judge_claims(const json::object& claims, const TokenRules& rules, WallTime now) {
  TokenResult out;
  if (!read_date(claims, "nbf", out.not_before) || !read_date(claims, "exp", out.expires)) return out;
  const auto reject = [](TokenVerdict verdict) { return TokenResult{.verdict = verdict}; };
  if (out.not_before && now < *out.not_before) return reject(TokenVerdict::not_yet);
  if (out.expires && now >= *out.expires) return reject(TokenVerdict::expired);
  if (!rules.issuer.empty() && text_of(claims, "iss") != rules.issuer)
    return reject(TokenVerdict::wrong_issuer);
  if (!rules.audience.empty() && !has_audience(claims, rules.audience))
    return reject(TokenVerdict::wrong_audience);
  out.value = claim_of(claims, rules.claim);
  out.verdict = out.value.empty() ? TokenVerdict::no_claim : TokenVerdict::verified;
  return out;
}

}  // namespace

std::string_view name(TokenVerdict verdict) noexcept {
  switch (verdict) {
    case TokenVerdict::verified: return "verified";
    case TokenVerdict::too_large: return "too_large";
    case TokenVerdict::malformed: return "malformed";
    case TokenVerdict::algorithm: return "algorithm";
    case TokenVerdict::signature: return "signature";
    case TokenVerdict::not_yet: return "not_yet";
    case TokenVerdict::expired: return "expired";
    case TokenVerdict::wrong_issuer: return "wrong_issuer";
    case TokenVerdict::wrong_audience: return "wrong_audience";
    case TokenVerdict::no_claim: return "no_claim";
  }
  return "";
}

TokenResult verify_token(std::string_view token, const TokenRules& rules, WallTime now) {
  const auto reject = [](TokenVerdict verdict) { return TokenResult{.verdict = verdict}; };
  if (token.size() > kMaxTokenBytes) return reject(TokenVerdict::too_large);
  const auto parts = split(token);
  if (!parts) return reject(TokenVerdict::malformed);
  const auto header = read_object(parts->header);
  const auto signature = decode_base64url(parts->signature);
  if (!header || !signature) return reject(TokenVerdict::malformed);
  if (!fits(*header, rules.key.algorithm())) return reject(TokenVerdict::algorithm);
  if (!rules.key.verifies(parts->signed_text, *signature)) return reject(TokenVerdict::signature);
  const auto claims = read_object(parts->payload);
  return claims ? judge_claims(*claims, rules, now) : reject(TokenVerdict::malformed);
}

}  // namespace forebay::http
