// The content of a QUERY: it is part of the key, so it is read before the lookup and sent by every fetch.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "forebay/base/result.hpp"
#include "forebay/io/asio.hpp"
#include "forebay/io/body.hpp"
#include "forebay/tier/memory_tier.hpp"

namespace forebay::proxy {

/// What has been read of it, charged as buffers. Shared by the exchange and the fetches that send it, on one
/// worker.
class QueryContent {
 public:
  /// The tier outlives it.
  explicit QueryContent(tier::MemoryTier& memory)
      : memory_(memory), charged_(memory.budget(), tier::ChargeKind::buffers) {}

  /// Reads to the end: true. False, with some of it read, when it is longer than `most` or the memory budget
  /// has no room for it; fails as the source does.
  io::Awaitable<Result<bool>> read(io::BodySource& source, std::uint64_t most);

  std::string_view view() const noexcept { return {room_.data(), size_}; }

 private:
  bool make_room(std::uint64_t most);

  tier::MemoryTier& memory_;
  tier::Reservation charged_;
  std::vector<char> room_;
  std::size_t size_ = 0;
};

}  // namespace forebay::proxy
