#include "recorder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "forebay/cache/keep.hpp"

namespace forebay::proxy {
namespace {

constexpr std::uint32_t kChunk = 16 * 1024;

}  // namespace

Recorder::Recorder(tier::MemoryTier& memory, cache::StoredResponsePtr head)
    : memory_(memory), reserved_(memory.budget()), head_(std::move(head)) {}

void Recorder::take(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ > memory_.max_body()) verdict_ = cache::StoreVerdict::too_large;
  while (!bytes.empty() && verdict_ == cache::StoreVerdict::stored) {
    if (!has_chunk_for_more()) break;
    auto& slice = slices_.back();
    const auto n = std::min<std::size_t>(bytes.size(), slice.chunk->capacity() - slice.size);
    std::memcpy(slice.chunk->data() + slice.size, bytes.data(), n);
    slice.size += static_cast<std::uint32_t>(n);
    bytes.remove_prefix(n);
  }
  if (verdict_ != cache::StoreVerdict::stored) slices_.clear();
}

bool Recorder::has_chunk_for_more() {
  if (!slices_.empty() && slices_.back().size < slices_.back().chunk->capacity()) return true;
  const auto charge = cache::Chunk::charge_of(kChunk);
  if (!memory_.reserve(reserved_, charge)) {
    verdict_ = cache::StoreVerdict::no_room;
    return false;
  }
  slices_.push_back({cache::Chunk::allocate(kChunk, &memory_.budget()), 0, 0});
  reserved_.give_back(charge);
  return true;
}

cache::StoreVerdict Recorder::store() {
  if (verdict_ != cache::StoreVerdict::stored) return verdict_;
  const auto stored = cache::with_body(*head_, cache::Body::from(slices_, &memory_.budget()));
  return memory_.insert(digest(stored->key()), stored);
}

}  // namespace forebay::proxy
