// One configuration as the request path uses it: compiled, immutable, replaced as a whole by a reload.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "forebay/base/keyed_hash.hpp"
#include "forebay/base/result.hpp"
#include "forebay/flight/settings.hpp"
#include "forebay/proxy/event_rules.hpp"
#include "forebay/proxy/route_table.hpp"
#include "forebay/proxy/settings.hpp"
#include "forebay/upstream/origin.hpp"

namespace forebay::proxy {

/// A set of addresses and networks: "10.0.0.0/8", "::1".
class AddressSet {
 public:
  /// Fails with invalid_value naming the member that cannot be read.
  static Result<AddressSet> compile(std::span<const std::string> members);
  bool contains(const boost::asio::ip::address& address) const noexcept;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

/// Who may send PURGE requests.
struct PurgeAccess {
  std::optional<AddressSet> addresses;  // nothing: any
  std::string token;                    // empty: none is needed

  bool is_open() const noexcept { return addresses || !token.empty(); }
};

/// Immutable; shared by the exchanges that began under it.
struct Snapshot {
  RouteTable routes;
  AddressSet trusted_proxies;
  PurgeAccess purges;
  EventRules events;
  flight::FlightSettings flights;
  std::uint32_t max_turns = 4;
  std::optional<HashKey> partition_key;  // nothing: the process's own
  std::vector<std::shared_ptr<upstream::Upstream>> upstreams;

  /// Compiles settings; upstreams are looked up by name among `upstreams`. Fails with invalid_value.
  static Result<std::shared_ptr<const Snapshot>> make(
      const ProxySettings& settings, const flight::FlightSettings& flights,
      std::vector<std::shared_ptr<upstream::Upstream>> upstreams);
};

}  // namespace forebay::proxy
