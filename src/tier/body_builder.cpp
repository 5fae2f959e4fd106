#include "body_builder.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace forebay::tier {

std::uint64_t BodyBuilder::charge_of(std::uint64_t length) noexcept {
  const auto whole = length / kPiece;
  const auto rest = static_cast<std::uint32_t>(length % kPiece);
  const auto slices = whole + (rest > 0 ? 1 : 0);
  return whole * cache::Chunk::charge_of(kPiece) + (rest > 0 ? cache::Chunk::charge_of(rest) : 0) +
         sizeof(cache::Body) + slices * sizeof(cache::Slice) + cache::kAllocatorOverhead;
}

std::span<char> BodyBuilder::room() {
  if (missing_ == 0) return {};
  if (slices_.empty() || slices_.back().size == slices_.back().chunk->capacity()) {
    const auto capacity = static_cast<std::uint32_t>(std::min<std::uint64_t>(missing_, kPiece));
    slices_.push_back({cache::Chunk::allocate(capacity, account_), 0, 0});
    charged_ += slices_.back().chunk->charge();
  }
  const auto& last = slices_.back();
  return {last.chunk->data() + last.size, last.chunk->capacity() - last.size};
}

void BodyBuilder::filled(std::size_t bytes) noexcept {
  assert(bytes <= missing_);
  slices_.back().size += static_cast<std::uint32_t>(bytes);
  missing_ -= bytes;
}

void BodyBuilder::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto to = room();
    const auto n = std::min(to.size(), bytes.size());
    assert(n > 0);
    std::memcpy(to.data(), bytes.data(), n);
    filled(n);
    bytes.remove_prefix(n);
  }
}

cache::BodyPtr BodyBuilder::finish() {
  assert(missing_ == 0);
  if (slices_.empty()) return nullptr;
  auto body = cache::Body::sharing(slices_, account_);
  charged_ += body->charge();
  return body;
}

}  // namespace forebay::tier
