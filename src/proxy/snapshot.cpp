#include "forebay/proxy/snapshot.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"

namespace forebay::proxy {
namespace {

namespace ip = boost::asio::ip;

/// The fields of which the upstream sees the same in every request, in lower case.
std::vector<std::string> replaced_names(const http::FieldEdits& edits) {
  std::vector<std::string> names;
  for (const auto& line : edits.set) names.push_back(lower(line.name));
  for (const auto& name : edits.remove) names.push_back(lower(name));
  return names;
}

Result<Route> compile(const RouteSettings& settings,
                      std::span<const std::shared_ptr<upstream::Upstream>> upstreams) {
  Route route;
  for (const auto& text : settings.hosts) {
    auto pattern = HostPattern::compile(text);
    if (!pattern) return pattern.error();
    route.hosts.push_back(std::move(*pattern));
  }
  for (const auto& text : settings.paths) {
    auto glob = PathGlob::compile(text);
    if (!glob) return glob.error();
    route.paths.push_back(std::move(*glob));
  }
  for (const auto& text : settings.headers) {
    auto match = FieldMatch::compile(text);
    if (!match) return match.error();
    route.headers.push_back(std::move(*match));
  }
  route.methods = settings.methods;
  const auto at = std::find_if(upstreams.begin(), upstreams.end(),
                               [&](const auto& upstream) { return upstream->name() == settings.upstream; });
  if (at == upstreams.end())
    return fail(ErrorKind::invalid_value, "there is no upstream \"" + settings.upstream + "\"");
  route.upstream = *at;
  route.request_edits = settings.request_edits;
  route.policy = settings.cache;
  route.policy.key.edited = replaced_names(settings.request_edits);
  // Whatever the upstream sees of Accept-Encoding: forebay itself goes by it.
  if (!route.policy.encodings.empty()) std::erase(route.policy.key.edited, "accept-encoding");
  auto partition = PartitionRule::compile(settings.cache.key.partition);
  if (!partition) return partition.error();
  route.partition = std::move(*partition);
  return route;
}

}  // namespace

Result<AddressSet> AddressSet::compile(std::span<const std::string> members) {
  AddressSet set;
  for (const auto& text : members) {
    boost::system::error_code ec;
    const auto address = ip::make_address(text, ec);
    if (!ec) {
      if (address.is_v4())
        set.v4_.emplace_back(address.to_v4(), 32);
      else
        set.v6_.emplace_back(address.to_v6(), 128);
      continue;
    }
    if (const auto v4 = ip::make_network_v4(text, ec); !ec) {
      set.v4_.push_back(v4.canonical());
    } else if (const auto v6 = ip::make_network_v6(text, ec); !ec) {
      set.v6_.push_back(v6.canonical());
    } else {
      return fail(ErrorKind::invalid_value, "\"" + text + "\" is neither an address nor a network");
    }
  }
  return set;
}

bool AddressSet::contains(const ip::address& address) const noexcept {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return contains(ip::make_address_v4(ip::v4_mapped, address.to_v6()));
  if (address.is_v4()) {
    const auto bits = address.to_v4().to_uint();
    return std::any_of(v4_.begin(), v4_.end(), [&](const auto& network) {
      return (bits & network.netmask().to_uint()) == network.address().to_uint();
    });
  }
  return std::any_of(v6_.begin(), v6_.end(), [&](const auto& network) {
    return ip::network_v6(address.to_v6(), network.prefix_length()).canonical() == network;
  });
}

Result<std::shared_ptr<const Snapshot>> Snapshot::make(
    const ProxySettings& settings, const flight::FlightSettings& flights,
    std::vector<std::shared_ptr<upstream::Upstream>> upstreams) {
  auto trusted = AddressSet::compile(settings.trusted_proxies);
  if (!trusted) return trusted.error();
  PurgeAccess purges{std::nullopt, settings.purge.token};
  if (!settings.purge.allow.empty()) {
    auto allowed = AddressSet::compile(settings.purge.allow);
    if (!allowed) return allowed.error();
    purges.addresses = std::move(*allowed);
  }
  auto events = EventRules::compile(settings.events);
  if (!events) return events.error();
  std::vector<Route> routes;
  for (const auto& route_settings : settings.routes) {
    auto route = compile(route_settings, upstreams);
    if (!route) return route.error();
    routes.push_back(std::move(*route));
  }
  std::optional<HashKey> partition_key;
  if (!settings.partition_key.empty()) partition_key = HashKey::from(settings.partition_key);
  return std::make_shared<const Snapshot>(Snapshot{RouteTable(std::move(routes)), std::move(*trusted),
                                                   std::move(purges), std::move(*events), flights,
                                                   settings.max_turns, partition_key, std::move(upstreams)});
}

}  // namespace forebay::proxy
