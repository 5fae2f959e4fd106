// Settings of the memory tier.
#pragma once

#include <cstdint>

namespace forebay::tier {

enum class Eviction : std::uint8_t { lru };

struct MemorySettings {
  std::uint64_t size = 256ULL << 20;     // budget in bytes for everything the tier holds or is about to hold
  std::uint64_t max_body = 16ULL << 20;  // larger bodies are passed on, not stored
  Eviction eviction = Eviction::lru;

  friend bool operator==(const MemorySettings&, const MemorySettings&) = default;
};

}  // namespace forebay::tier
