#include "forebay/proxy/purge_order.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "forebay/base/strings.hpp"
#include "forebay/cache/normalise.hpp"
#include "forebay/http/target.hpp"
#include "forebay/proxy/route_table.hpp"

namespace forebay::proxy {
namespace {

using cache::Purge;
using cache::PurgeKind;

constexpr std::size_t kMaxUrlBytes = 8192;
constexpr int kStepsAtOnce = 8;

/// An absolute URL taken apart; `text` is completed with a scheme where it has none.
Result<cache::EffectiveUri> uri_of(std::string& text) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::invalid_value, "\"" + text.substr(0, 200) + "\" " + std::string(why));
  };
  if (text.size() > kMaxUrlBytes)
    return refuse("... is longer than " + std::to_string(kMaxUrlBytes) + " bytes");
  if (text.starts_with("//")) text.insert(0, "http:");
  const auto target = http::parse_target(http::Method::get, text);
  if (!target || target->form != http::TargetForm::absolute)
    return refuse("is no absolute URL such as https://example.org/path");
  const auto authority = http::parse_authority(target->authority);
  if (!authority) return refuse("names no host");
  cache::EffectiveUri uri;
  uri.scheme = iequals(target->scheme, "https") ? "https" : "http";
  uri.authority = target->authority;
  uri.host = authority->host;
  uri.port = authority->port != 0 ? authority->port : http::default_port(uri.scheme);
  uri.path = target->path;
  uri.query = target->query;
  uri.has_query = target->has_query;
  return uri;
}

/// The keys that the URL has on the routes, by this scheme and port; that without any rule of a route first.
void add_keys(std::vector<std::string>& keys, const cache::EffectiveUri& uri, const RouteTable& routes) {
  cache::QueryScratch scratch;
  const auto add = [&](const cache::EffectiveUri& target) {
    std::string key;
    cache::write_primary_key(key, target);
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
  };
  add(uri);
  for (const auto* route : routes.routes_for(uri.host, uri.path)) {
    auto target = uri;
    cache::normalise_query(target, route->policy.key.query, scratch);
    add(target);
  }
}

/// Parses the texts of one kind; the first that is wrong is the error.
Result<void> add_texts(std::vector<Purge>& purges, PurgeKind kind, std::string_view member,
                       const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto purge = Purge::parse(kind, texts[i]);
    if (!purge)
      return fail(ErrorKind::invalid_value,
                  std::string(member) + "[" + std::to_string(i) + "]: " + purge.error().detail);
    purges.push_back(std::move(*purge));
  }
  return {};
}

}  // namespace

std::vector<std::string> add_url(std::vector<Purge>& purges, const cache::EffectiveUri& uri,
                                 const RouteTable& routes, cache::PurgeMode mode, WallTime now) {
  std::vector<std::string> keys;
  add_keys(keys, uri, routes);
  if (uri.port == http::default_port(uri.scheme)) {
    auto other = uri;
    other.scheme = uri.scheme == "https" ? "http" : "https";
    other.port = http::default_port(other.scheme);
    add_keys(keys, other, routes);
  }
  std::vector<Digest> digests;
  for (const auto& key : keys)
    for (const auto& digest : cache::url_digests(key)) digests.push_back(digest);
  std::sort(digests.begin(), digests.end());
  digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
  for (const auto& digest : digests)
    purges.push_back({.kind = PurgeKind::url, .mode = mode, .at = now, .digest = digest, .scope = {}});
  return keys;
}

Result<std::vector<Purge>> entries_for(const PurgeOrder& order, const RouteTable& routes, WallTime now) {
  if (order.is_empty()) return fail(ErrorKind::invalid_value, "nothing to purge is named");
  if (order.size() > PurgeOrder::kMaxTexts)
    return fail(ErrorKind::invalid_value, "more than " + std::to_string(PurgeOrder::kMaxTexts) + " at once");
  if (order.scopes() > PurgeOrder::kMaxScopes)
    return fail(ErrorKind::invalid_value, "more than " + std::to_string(PurgeOrder::kMaxScopes) +
                                              " prefixes, patterns and hosts at once");
  std::vector<Purge> purges;
  const std::tuple<PurgeKind, std::string_view, const std::vector<std::string>&> lists[] = {
      {PurgeKind::tag, "tags", order.tags},
      {PurgeKind::prefix, "prefixes", order.prefixes},
      {PurgeKind::pattern, "patterns", order.patterns},
      {PurgeKind::host, "hosts", order.hosts},
  };
  for (const auto& [kind, member, texts] : lists)
    if (auto added = add_texts(purges, kind, member, texts); !added) return added.error();
  if (order.everything) purges.push_back({.kind = PurgeKind::everything});
  for (auto& purge : purges) {
    purge.mode = order.mode;
    purge.at = now;
  }
  for (std::size_t i = 0; i < order.urls.size(); ++i) {
    auto text = order.urls[i];
    const auto uri = uri_of(text);
    if (!uri) return fail(ErrorKind::invalid_value, "urls[" + std::to_string(i) + "]: " + uri.error().detail);
    add_url(purges, *uri, routes, order.mode, now);
  }
  return purges;
}

Purging::Purging(tier::MemoryTier& memory, std::vector<Purge> purges, Run run)
    : memory_(memory), run_(run), asked_(purges.size(), purges.size()), position_(memory.log().position()) {
  for (const auto& purge : purges) {
    asked_.append(purge);
    if (run == Run::real) position_ = memory.log().append(purge).position;
  }
}

bool Purging::advance() {
  const auto count = [this](const cache::StoredResponse& response, bool erased) {
    // What had been purged before is not there any more.
    if (erased && run_ == Run::dry) return;
    if (response.position() >= position_ && run_ == Run::real) return;
    if (asked_.lazily_purged_since(response.key(), response.tags(), 0)) ++matched_;
  };
  for (int step = 0; step < kStepsAtOnce && !complete_; ++step) complete_ = !memory_.walk(at_, count);
  return !complete_;
}

}  // namespace forebay::proxy
