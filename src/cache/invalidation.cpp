#include "forebay/cache/invalidation.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "forebay/base/strings.hpp"
#include "forebay/cache/normalise.hpp"

namespace forebay::cache {
namespace {

using http::FieldId;
using std::string_view;

/// A URI reference taken apart (RFC 3986 §4.1), without its fragment.
struct Reference {
  std::optional<string_view> scheme;
  std::optional<string_view> authority;
  string_view path;
  std::optional<string_view> query;
};

/// The scheme of an absolute reference: what stands before a ':' that comes before any '/' or '?' (RFC 3986
/// §3.1).
std::optional<string_view> scheme_of(string_view text) noexcept {
  const auto colon = text.find_first_of(":/?");
  if (colon == string_view::npos || text[colon] != ':') return std::nullopt;
  return text.substr(0, colon);
}

Reference split(string_view text) noexcept {
  Reference out;
  text = text.substr(0, text.find('#'));
  out.scheme = scheme_of(text);
  if (out.scheme) text.remove_prefix(out.scheme->size() + 1);
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    out.authority = text.substr(0, text.find_first_of("/?"));
    text.remove_prefix(out.authority->size());
  }
  const auto mark = text.find('?');
  out.path = text.substr(0, mark);
  if (mark != string_view::npos) out.query = text.substr(mark + 1);
  return out;
}

/// RFC 3986 §5.2.4, for a path that starts with '/'.
std::string remove_dot_segments(string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto segment = path.substr(0, path.find('/', 1));
    path.remove_prefix(segment.size());
    if (segment == "/..") out.resize(std::min(out.rfind('/'), out.size()));
    if (segment != "/." && segment != "/..") {
      out += segment;
    } else if (path.empty()) {
      out += '/';
    }
  }
  return out;
}

/// RFC 3986 §5.2.3: everything of the base path up to its last '/', then the reference.
std::string merge(string_view base_path, string_view path) {
  std::string out(base_path.substr(0, base_path.rfind('/') + 1));
  if (out.empty()) out = "/";
  out += path;
  return out;
}

bool same_origin(const Reference& reference, const EffectiveUri& uri) {
  if (reference.scheme && (!iequals(*reference.scheme, uri.scheme) || !reference.authority)) return false;
  if (!reference.authority) return true;
  const auto authority = http::parse_authority(*reference.authority);
  if (!authority) return false;
  const auto port = authority->port != 0 ? authority->port : http::default_port(uri.scheme);
  return iequals(authority->host, uri.host) && port == uri.port;
}

/// The path of a reference against its base (RFC 3986 §5.2.2).
std::string resolved_path(const Reference& reference, const EffectiveUri& uri) {
  if (reference.path.starts_with('/')) return remove_dot_segments(reference.path);
  if (reference.authority) return "/";
  if (reference.path.empty()) return std::string(uri.path);
  return remove_dot_segments(merge(uri.path, reference.path));
}

/// The key a reference of the response leads to; nothing if it leads to another origin, which must not be
/// invalidated (RFC 9111 §4.4).
std::optional<std::string> key_of(string_view text, const EffectiveUri& uri, const QueryPolicy& policy) {
  const auto reference = split(trim(text));
  if (!same_origin(reference, uri)) return std::nullopt;
  const auto path = resolved_path(reference, uri);
  auto target = uri;
  target.path = path;
  if (reference.query || !reference.path.empty() || reference.authority) {
    target.has_query = reference.query.has_value();
    target.query = reference.query.value_or(string_view());
  }
  QueryScratch scratch;
  normalise_query(target, policy, scratch);
  std::string key;
  write_primary_key(key, target);
  return key;
}

}  // namespace

bool represents_target(const EffectiveUri& uri, const http::ResponseHead& response,
                       const QueryPolicy& policy) {
  if (response.fields.count(FieldId::content_location) != 1) return false;
  QueryScratch scratch;
  auto target = uri;
  normalise_query(target, policy, scratch);
  std::string key;
  write_primary_key(key, target);
  return key_of(*response.fields.find(FieldId::content_location), uri, policy) == key;
}

std::vector<std::string> keys_to_invalidate(const http::RequestHead& request, const EffectiveUri& uri,
                                            const http::ResponseHead& response, const QueryPolicy& policy) {
  if (http::is_safe(request.method) || response.status < 200 || response.status >= 400) return {};
  QueryScratch scratch;
  auto target = uri;
  normalise_query(target, policy, scratch);
  std::vector<std::string> keys(1);
  write_primary_key(keys[0], target);
  for (const auto id : {FieldId::location, FieldId::content_location}) {
    const auto text = response.fields.find(id);
    auto key = text ? key_of(*text, uri, policy) : std::nullopt;
    if (key && std::find(keys.begin(), keys.end(), *key) == keys.end()) keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace forebay::cache
