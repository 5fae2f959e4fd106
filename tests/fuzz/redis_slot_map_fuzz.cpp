// Whatever a node says, slots are given to nodes that can be dialled.
#include "tier/redis_slot_map.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tier/redis_reader.hpp"

using namespace forebay;

namespace {

void expect_sound(const RedisAddress& address) {
  if (address.host.empty() || address.port == 0 || address.unix_socket) std::abort();
  if (address.host.find_first_of(" /\r\n") != address.host.npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const RedisAddress asked{.host = "asked", .port = 6379};
  if (const auto found = tier::parse_redirection(bytes, asked)) {
    if (found->slot >= tier::kRedisSlots) std::abort();
    expect_sound(found->address);
  }
  tier::RedisReader reader{tier::RedisReplyLimits()};
  reader.feed(bytes);
  const auto reply = reader.next();
  if (reply.has_error() || !*reply) return 0;
  const auto map = tier::RedisSlotMap::parse(**reply, asked);
  if (map.has_error()) return 0;
  for (const auto& node : map->nodes()) expect_sound(node);
  for (unsigned slot = 0; slot < tier::kRedisSlots; ++slot)
    if (const auto* node = map->find(static_cast<std::uint16_t>(slot))) expect_sound(*node);
  return 0;
}
