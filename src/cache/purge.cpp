#include "forebay/cache/purge.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"
#include "forebay/cache/search_rule.hpp"
#include "forebay/cache/tags.hpp"
#include "forebay/http/target.hpp"

namespace forebay::cache {
namespace {

using std::string_view;

constexpr std::size_t kMaxTagBytes = 1024;

Error refuse(string_view text, string_view why) {
  return fail(ErrorKind::invalid_value, "\"" + std::string(text.substr(0, 200)) + "\" " + std::string(why));
}

/// What no request target holds either (RFC 9112 §3.2).
bool is_blank(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f;
}

/// A text that names hosts and paths, taken apart.
struct Named {
  std::optional<string_view> authority;
  string_view path;
};

/// A scheme that forebay serves, and "//"; or "//" alone.
std::optional<string_view> after_scheme(string_view text) noexcept {
  for (const string_view scheme : {"http:", "https:", ""})
    if (iequals(text.substr(0, scheme.size()), scheme) && text.substr(scheme.size()).starts_with("//"))
      return text.substr(scheme.size() + 2);
  return std::nullopt;
}

Named take_apart(string_view text) noexcept {
  const auto rest = after_scheme(text);
  if (!rest) return {std::nullopt, text};
  const auto end = std::min(rest->find('/'), rest->size());
  return {rest->substr(0, end), rest->substr(end)};
}

/// What of a key is the URL's without its scheme: behind "://", up to what sets partitions, contents of
/// QUERYs and slices apart.
string_view url_in(string_view key) noexcept {
  const auto scheme = key.find("://");
  if (scheme != key.npos) key.remove_prefix(scheme + 3);
  return key.substr(0, key.find_first_of("#\n"));
}

/// Of what is stored under rules for a path: nothing that a digest of a URL could be by chance.
Digest under_rules(string_view path) noexcept {
  const auto digest = forebay::digest(path);
  return {digest.high, ~digest.low};
}

}  // namespace

string_view name(PurgeMode mode) noexcept {
  switch (mode) {
    case PurgeMode::none: return "none";
    case PurgeMode::refresh: return "refresh";
    case PurgeMode::soft: return "soft";
    case PurgeMode::hard: return "hard";
  }
  return "";
}

string_view name(PurgeKind kind) noexcept {
  switch (kind) {
    case PurgeKind::key: return "key";
    case PurgeKind::url: return "url";
    case PurgeKind::tag: return "tag";
    case PurgeKind::prefix: return "prefix";
    case PurgeKind::pattern: return "pattern";
    case PurgeKind::host: return "host";
    case PurgeKind::everything: return "everything";
  }
  return "";
}

Place place_of(string_view key) noexcept {
  const auto url = url_in(key);
  const auto authority = url.substr(0, url.find_first_of("/?"));
  const auto colon = std::min(authority.rfind(':'), authority.size());
  const auto path = url.substr(authority.size());
  return {authority.substr(0, colon), authority.substr(std::min(colon + 1, authority.size())),
          path.substr(0, path.find('?'))};
}

Result<UrlScope> UrlScope::parse(PurgeKind of, string_view text) {
  if (text.empty()) return fail(ErrorKind::invalid_value, "an empty text");
  if (text.size() > kMaxBytes)
    return refuse(text, "... is longer than " + std::to_string(kMaxBytes) + " bytes");
  if (std::any_of(text.begin(), text.end(), is_blank))
    return refuse(text, "holds a space or a control character");
  if (text.find('#') != text.npos) return refuse(text, "holds a \"#\": servers never see what follows it");
  const bool is_host = of == PurgeKind::host;
  const auto named = is_host ? Named{text, {}} : take_apart(text);
  UrlScope scope;
  scope.text_ = text;
  if (named.authority) {
    const auto authority = http::parse_authority(*named.authority);
    if (!authority) return refuse(text, is_host ? "is not a host" : "does not name a host behind \"//\"");
    auto host = HostPattern::compile(authority->host);
    if (!host) return host.error();
    scope.host_ = *std::move(host);
    if (authority->port != 0) scope.port_ = std::to_string(authority->port);
  }
  if (is_host) return scope;
  if (!named.path.starts_with('/'))
    return refuse(text, named.authority ? "has no path: purge the host instead"
                                        : "begins with neither \"/\" nor \"//\" nor a scheme");
  if (of == PurgeKind::pattern) {
    auto glob = PathGlob::compile(named.path);
    if (!glob) return glob.error();
    scope.glob_ = *std::move(glob);
    return scope;
  }
  if (named.path.find('*') != text.npos) return refuse(text, "holds a \"*\": as a prefix it is a pattern's");
  if (named.path.find('?') != text.npos) return refuse(text, "holds a \"?\": a prefix is of the path alone");
  scope.prefix_ = named.path;
  return scope;
}

bool UrlScope::contains(const Place& place) const noexcept {
  if (!port_.empty() && port_ != place.port) return false;
  return host_.matches(place.host) && place.path.starts_with(prefix_) &&
         (!glob_ || glob_->matches(place.path));
}

Result<Purge> Purge::parse(PurgeKind kind, string_view text) {
  Purge purge;
  purge.kind = kind;
  switch (kind) {
    case PurgeKind::tag:
      if (text.empty()) return fail(ErrorKind::invalid_value, "an empty tag");
      if (text.size() > kMaxTagBytes)
        return refuse(text, "... is longer than " + std::to_string(kMaxTagBytes) + " bytes");
      if (text != trim(text) || std::any_of(text.begin(), text.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
          }))
        return refuse(text, "is no tag: it holds a control character, or begins or ends with a space");
      purge.digest = tag_digest(text);
      return purge;
    case PurgeKind::prefix:
    case PurgeKind::pattern:
    case PurgeKind::host: {
      auto scope = UrlScope::parse(kind, text);
      if (!scope) return scope.error();
      purge.scope = *std::move(scope);
      return purge;
    }
    case PurgeKind::everything: return purge;
    case PurgeKind::key:
    case PurgeKind::url: break;
  }
  return fail(ErrorKind::invalid_value, "keys and URLs are purged by their digests");
}

Digest url_digest(string_view key) noexcept {
  const auto url = url_in(key);
  return is_under_rule(key) ? under_rules(path_in(url)) : digest(url);
}

std::array<Digest, 2> url_digests(string_view key) noexcept {
  const auto url = url_in(key);
  return {digest(url), under_rules(path_in(url))};
}

}  // namespace forebay::cache
