// Chunks are read and written some at a time: enough to fill the way to Redis, not so much that bodies pile
// up in memory, or that what else goes over the connection waits for long.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "entry_codec.hpp"
#include "redis_keys.hpp"

namespace forebay::tier {

inline constexpr std::uint32_t kGroupBytes = 512 * 1024;  // or one chunk

inline std::uint32_t group_size(const ChunkedBody& layout) noexcept {
  return std::min(std::max(kGroupBytes / layout.chunk_bytes, 1U), layout.chunks());
}
inline std::uint64_t group_bytes(const ChunkedBody& layout) noexcept {
  return std::uint64_t{group_size(layout)} * layout.chunk_bytes;
}

/// The names of the chunks of the group that begins with this one.
inline std::vector<std::string> group_of(const RedisKeys& keys, const ChunkedBody& layout,
                                         std::uint32_t first) {
  std::vector<std::string> names;
  const auto end = std::min(first + group_size(layout), layout.chunks());
  for (auto number = first; number < end; ++number) names.push_back(keys.chunk(layout.id, number));
  return names;
}

}  // namespace forebay::tier
