#include "purge_request.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <string>
#include <vector>

#include "answers.hpp"
#include "forebay/cache/tags.hpp"
#include "forebay/http/bearer.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/proxy/purge_order.hpp"

namespace forebay::proxy {
namespace {

using http::FieldId;

/// The client's own address: the peer's, or the one that a trusted proxy has put last. "" where nobody knows
/// it: a Unix socket, or a proxy that is not trusted, behind which anybody may be.
std::string address_of(const Exchange& x) {
  const auto& fields = x.request.fields;
  if (!fields.has(FieldId::x_forwarded_for))
    return fields.has(FieldId::forwarded) ? std::string() : std::string(x.client.address);
  if (!x.client.trusted) return {};
  const auto chain = http::joined(fields, http::name(FieldId::x_forwarded_for));
  std::string_view rest = chain;
  std::string last;
  while (const auto node = http::next_element(rest)) last = *node;
  return last;
}

bool is_listed(const Exchange& x, const AddressSet& addresses) {
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(address_of(x), ec);
  return !ec && addresses.contains(address);
}

/// Of several lines of Authorization none counts.
std::string_view credentials(const Exchange& x) noexcept {
  const auto& fields = x.request.fields;
  return fields.count(FieldId::authorization) == 1 ? *fields.find(FieldId::authorization)
                                                   : std::string_view();
}

cache::PurgeMode mode_of(const Exchange& x) {
  return x.request.fields.find("Fastly-Soft-Purge") == "1" ? cache::PurgeMode::soft : cache::PurgeMode::hard;
}

Answer refuse(Exchange& x, int status, std::string_view why, WallTime now) {
  return error_answer(x, status, why, nullptr, now);
}

}  // namespace

bool may_purge(const Exchange& x, const PurgeAccess& access) {
  if (!access.is_open()) return false;
  if (access.addresses && !is_listed(x, *access.addresses)) return false;
  return access.token.empty() || http::brings_token(credentials(x), access.token);
}

Answer answer_purge(Worker& worker, Exchange& x) {
  const auto& snapshot = *worker.snapshot();
  const auto now = worker.shared.clock.now();
  if (!may_purge(x, snapshot.purges)) return refuse(x, 403, "PURGE is not for this client", now);
  if (!x.uri.path.starts_with('/')) return refuse(x, 400, "PURGE needs a path", now);
  const auto mode = mode_of(x);
  std::vector<cache::Purge> purges;
  std::vector<std::string> keys;
  const auto tags = cache::tags_to_purge(x.request.fields);
  if (!tags) return refuse(x, 400, "more tags than a response can have", now);
  for (const auto& tag : *tags)
    purges.push_back({.kind = cache::PurgeKind::tag, .mode = mode, .at = now, .digest = tag, .scope = {}});
  if (tags->empty()) keys = add_url(purges, x.uri, snapshot.routes, mode, now);

  auto& memory = worker.shared.memory;
  cache::Position position = 0;
  for (const auto& purge : purges) position = memory.log().append(purge).position;
  std::size_t matched = 0;
  for (const auto& key : keys) matched += memory.settle(cache::primary_key(key));
  std::string result =
      "{\"position\":" + std::to_string(position) + ",\"matched\":" + std::to_string(matched);
  result.append(",\"mode\":\"").append(name(mode)).append("\",\"dry_run\":false,\"complete\":false");
  if (worker.shared.cluster && !worker.shared.cluster->follower().is_in_touch())
    result.append(",\"local_only\":true");
  result.append("}\n");
  return json_answer(x, 200, result, now);
}

}  // namespace forebay::proxy
