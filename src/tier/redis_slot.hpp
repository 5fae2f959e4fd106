// Which slot of a Redis Cluster a key belongs to.
#pragma once

#include <cstdint>
#include <string_view>

namespace forebay::tier {

inline constexpr std::uint16_t kRedisSlots = 16'384;

/// CRC16 (XMODEM) of the key modulo the number of slots. A key with a hash tag, a non-empty text between its
/// first `{` and the next `}`, goes by that alone (Redis Cluster specification, "Hash tags").
std::uint16_t redis_slot(std::string_view key) noexcept;

}  // namespace forebay::tier
