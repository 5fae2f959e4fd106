#include "recorder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "forebay/cache/keep.hpp"

namespace forebay::proxy {
namespace {

constexpr std::uint32_t kChunk = 16 * 1024;

}  // namespace

Recorder::Recorder(tier::MemoryTier& memory, cache::StoredResponsePtr head, std::optional<cache::Part> part)
    : memory_(memory), reserved_(memory.budget()), head_(std::move(head)), part_(part) {}

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

cache::StoreVerdict Recorder::store(const http::Fields& request) {
  if (verdict_ != cache::StoreVerdict::stored) return verdict_;
  const auto body = cache::Body::from(slices_, &memory_.budget());
  if (part_ && !part_->is_whole()) return store_part(body, request);
  auto whole = cache::with_body(*head_, body);
  verdict_ = memory_.insert(digest(whole->key()), whole);
  if (verdict_ == cache::StoreVerdict::stored) stored_ = std::move(whole);
  return verdict_;
}

cache::StoreVerdict Recorder::store_part(const cache::BodyPtr& body, const http::Fields& request) {
  // How much it is was known from Content-Range, and the framing agreed, or did not.
  if (body->size() != part_->range.size()) return cache::StoreVerdict::incomplete;
  std::string scratch;
  const auto key = cache::primary_key(head_->key());
  const auto current = memory_.find(key, request, scratch).response;
  if (current && (!current->is_incomplete() || current->is_sliced())) return cache::StoreVerdict::superseded;
  cache::Content content{body, part_->complete_length, {part_->range}};
  const auto whole = cache::with_content(*head_, content);
  if (!current || !cache::same_representation(*current, *whole)) return memory_.insert(key.digest, whole);
  content = cache::combined(*current, *part_, body, memory_.max_body(), &memory_.budget());
  return memory_.replace(key.digest, *current, cache::with_content(*head_, content));
}

}  // namespace forebay::proxy
