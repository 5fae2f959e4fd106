// What a connection needs only while it has a request: lent by the worker, so that idle connections cost
// little.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "forebay/http/message.hpp"
#include "forebay/io/beast_bridge.hpp"
#include "forebay/proxy/exchange.hpp"
#include "forebay/tier/memory_tier.hpp"

namespace forebay::server {

/// Fields that a route's policy may add to a request.
inline constexpr std::size_t kAddedFields = 4;

/// Input bytes, the parsed head and scratch texts; everything keeps its capacity from one request to the
/// next.
struct Arena {
  Arena(std::size_t bytes, std::size_t fields, tier::MemoryTier& memory)
      : charge(memory.budget(), tier::ChargeKind::buffers), capacity(bytes) {
    memory.insist(charge, bytes + fields * sizeof(http::Field));
    input.reset(new char[bytes]);
    head.fields.reserve(fields + kAddedFields);
  }

  tier::Reservation charge;
  std::size_t capacity;
  std::unique_ptr<char[]> input;
  http::RequestHead head;
  proxy::Scratch scratch;
  std::optional<io::RequestParser> parser;
};

/// One worker's spare arenas. Not thread-safe.
class ArenaPool {
 public:
  static constexpr std::size_t kKept = 64;

  explicit ArenaPool(tier::MemoryTier& memory) noexcept : memory_(memory) {}

  std::unique_ptr<Arena> take(std::size_t bytes, std::size_t fields) {
    while (!spare_.empty()) {
      auto arena = std::move(spare_.back());
      spare_.pop_back();
      if (arena->capacity == bytes) return arena;  // others are from before a reload
    }
    return std::make_unique<Arena>(bytes, fields, memory_);
  }
  void give_back(std::unique_ptr<Arena> arena) {
    if (spare_.size() < kKept) spare_.push_back(std::move(arena));
  }

 private:
  tier::MemoryTier& memory_;
  std::vector<std::unique_ptr<Arena>> spare_;
};

}  // namespace forebay::server
