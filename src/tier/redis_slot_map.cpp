#include "tier/redis_slot_map.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "forebay/base/strings.hpp"

namespace forebay::tier {
namespace {

constexpr std::size_t kMaxNodes = 1024;  // the most that a cluster is made for
constexpr std::size_t kMaxHost = 253;
constexpr CharSet kHostChars = CharSet{"-._:"}.with_alphanumerics();

std::optional<RedisAddress> make_address(std::string_view host, std::uint64_t port,
                                         const RedisAddress& asked) {
  if (port == 0 || port > 65'535) return std::nullopt;
  if (host.empty() || host == "?") host = asked.host;  // "?": a node without a name of its own
  if (host.empty() || host.size() > kMaxHost || !kHostChars.contains_all(host)) return std::nullopt;
  return RedisAddress{.host = std::string(host), .port = static_cast<std::uint16_t>(port)};
}

/// Takes the text up to the next space.
std::string_view take_word(std::string_view& text) noexcept {
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

bool is_slot(const RedisReply& reply) noexcept {
  return reply.is_integer() && reply.integer >= 0 && reply.integer < kRedisSlots;
}

/// [host, port, ...]: the beginning of what describes a node.
std::optional<RedisAddress> read_node(const RedisReply& node, const RedisAddress& asked) {
  if (node.elements.size() < 2) return std::nullopt;
  const auto& host = node.elements[0];
  const auto& port = node.elements[1];
  if (!(host.is_string() || host.is_nil()) || !port.is_integer() || port.integer < 0) return std::nullopt;
  return make_address(host.text, static_cast<std::uint64_t>(port.integer), asked);
}

}  // namespace

std::optional<RedisRedirection> parse_redirection(std::string_view error, const RedisAddress& asked) {
  RedisRedirection found;
  const auto code = take_word(error);
  if (code != "MOVED" && code != "ASK") return std::nullopt;
  if (code == "ASK") found.kind = RedisRedirection::Kind::ask;
  const auto slot = parse_decimal(take_word(error));
  if (!slot || *slot >= kRedisSlots) return std::nullopt;
  found.slot = static_cast<std::uint16_t>(*slot);
  const auto colon = error.rfind(':');  // an IPv6 address comes without brackets
  if (colon == error.npos) return std::nullopt;
  const auto port = parse_decimal(error.substr(colon + 1));
  auto address = make_address(error.substr(0, colon), port.value_or(0), asked);
  if (!address) return std::nullopt;
  found.address = std::move(*address);
  return found;
}

Result<RedisSlotMap> RedisSlotMap::parse(const RedisReply& reply, const RedisAddress& asked) {
  const auto refuse = [&](const char* why) {
    return fail(ErrorKind::redis_protocol, asked.text() + ": CLUSTER SLOTS: " + why);
  };
  if (!reply.is_array()) return refuse("not a list");
  RedisSlotMap map;
  for (const auto& range : reply.elements) {
    const auto& parts = range.elements;
    if (parts.size() < 3 || !is_slot(parts[0]) || !is_slot(parts[1]) || parts[0].integer > parts[1].integer)
      return refuse("a range of slots is malformed");
    const auto node = read_node(parts[2], asked);
    if (!node) return refuse("a node's address is malformed");
    if (map.nodes_.size() >= kMaxNodes) return refuse("too many nodes");
    const auto index = map.index_of(*node);
    const auto begin = map.owners_.begin();
    std::fill(begin + parts[0].integer, begin + parts[1].integer + 1, index);
  }
  return map;
}

const RedisAddress* RedisSlotMap::find(std::uint16_t slot) const noexcept {
  const auto index = owners_[slot];
  return index == kNobody ? nullptr : &nodes_[index];
}

void RedisSlotMap::assign(std::uint16_t slot, const RedisAddress& node) {
  if (nodes_.size() < kMaxNodes) owners_[slot] = index_of(node);
}

std::uint16_t RedisSlotMap::index_of(const RedisAddress& node) {
  const auto found = std::find(nodes_.begin(), nodes_.end(), node);
  if (found != nodes_.end()) return static_cast<std::uint16_t>(found - nodes_.begin());
  nodes_.push_back(node);
  return static_cast<std::uint16_t>(nodes_.size() - 1);
}

}  // namespace forebay::tier
