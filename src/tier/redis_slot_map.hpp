// Which node of a Redis Cluster has which slot, and what a node says when it is not the right one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "forebay/base/redis_url.hpp"
#include "forebay/base/result.hpp"
#include "forebay/tier/redis_command.hpp"
#include "tier/redis_slot.hpp"

namespace forebay::tier {

/// "MOVED 3999 127.0.0.1:6381" or "ASK 3999 127.0.0.1:6381".
struct RedisRedirection {
  enum class Kind : std::uint8_t {
    moved,  // for good
    ask,    // for this command alone, and with ASKING before it
  };
  Kind kind = Kind::moved;
  std::uint16_t slot = 0;
  RedisAddress address;

  friend bool operator==(const RedisRedirection&, const RedisRedirection&) = default;
};
/// Of an error's text; nothing when it is another error or malformed. A node that does not know by which host
/// it is reached leaves it out: then it is the host of the one that was `asked`.
std::optional<RedisRedirection> parse_redirection(std::string_view error, const RedisAddress& asked);

/// Not thread-safe; a value.
class RedisSlotMap {
 public:
  /// From the reply to CLUSTER SLOTS; replicas are left out. Fails with redis_protocol.
  static Result<RedisSlotMap> parse(const RedisReply& reply, const RedisAddress& asked);

  RedisSlotMap() { owners_.fill(kNobody); }

  /// Nothing for a slot that nobody has.
  const RedisAddress* find(std::uint16_t slot) const noexcept;
  void assign(std::uint16_t slot, const RedisAddress& node);
  /// The masters with slots, and those that assign() has named since.
  const std::vector<RedisAddress>& nodes() const noexcept { return nodes_; }

 private:
  static constexpr std::uint16_t kNobody = 0xffff;

  std::uint16_t index_of(const RedisAddress& node);

  std::vector<RedisAddress> nodes_;
  std::array<std::uint16_t, kRedisSlots> owners_;  // by slot: an index into nodes_
};

}  // namespace forebay::tier
