#include "forebay/cache/body.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>
#include <new>
#include <numeric>
#include <utility>
#include <vector>

namespace forebay::cache {

static_assert(sizeof(Body) % alignof(Slice) == 0 && alignof(Body) >= alignof(Slice),
              "slices stand right behind a Body");

namespace {

/// The leading slices that lie in one chunk.
std::span<const Slice> leading_run(std::span<const Slice> slices) noexcept {
  std::size_t count = 1;
  while (count < slices.size() && slices[count].chunk == slices[0].chunk) ++count;
  return slices.first(count);
}

bool wastes_its_chunk(std::uint64_t used, const Chunk& chunk) noexcept {
  return used * 8 < std::uint64_t{chunk.capacity()} * 7;
}

Slice gather(std::span<const Slice> run, std::uint64_t used, BodyAccount* account) {
  Slice out{Chunk::allocate(static_cast<std::uint32_t>(used), account), 0, static_cast<std::uint32_t>(used)};
  auto* to = out.chunk->data();
  for (const auto& slice : run) {
    const auto bytes = slice.view();
    if (bytes.empty()) continue;
    std::memcpy(to, bytes.data(), bytes.size());
    to += bytes.size();
  }
  return out;
}

void append_joined(std::vector<Slice>& kept, std::span<const Slice> run) {
  const auto first = kept.size();
  for (const auto& slice : run) {
    if (slice.size == 0) continue;
    if (kept.size() > first && kept.back().offset + kept.back().size == slice.offset) {
      kept.back().size += slice.size;
    } else {
      kept.push_back(slice);
    }
  }
}

/// Takes a run over into `kept`.
void keep(std::vector<Slice>& kept, std::span<const Slice> run, BodyAccount* account) {
  const auto used = std::accumulate(run.begin(), run.end(), std::uint64_t{0},
                                    [](std::uint64_t sum, const Slice& slice) { return sum + slice.size; });
  if (used == 0) return;
  if (wastes_its_chunk(used, *run[0].chunk)) {
    kept.push_back(gather(run, used, account));
  } else {
    append_joined(kept, run);
  }
}

}  // namespace

ChunkPtr Chunk::allocate(std::uint32_t capacity, BodyAccount* account) {
  void* memory = ::operator new(sizeof(Chunk) + capacity);
  return ChunkPtr(::new (memory) Chunk(capacity, account));
}

Chunk::Chunk(std::uint32_t capacity, BodyAccount* account) noexcept : capacity_(capacity), account_(account) {
  if (account_) account_->charge_body(charge());
}

Chunk::~Chunk() {
  if (account_) account_->release_body(charge());
}

std::uint64_t Chunk::charge_of(std::uint32_t capacity) noexcept {
  return sizeof(Chunk) + capacity + kAllocatorOverhead;
}

boost::intrusive_ptr<const Body> Body::from(std::span<const Slice> slices, BodyAccount* account) {
  std::vector<Slice> kept;
  kept.reserve(slices.size());
  while (!slices.empty()) {
    const auto run = leading_run(slices);
    keep(kept, run, account);
    slices = slices.subspan(run.size());
  }
  return sharing(kept, account);
}

boost::intrusive_ptr<const Body> Body::sharing(std::span<Slice> slices, BodyAccount* account) {
  void* memory = ::operator new(sizeof(Body) + slices.size() * sizeof(Slice));
  return BodyPtr(::new (memory) Body(slices, account));
}

boost::intrusive_ptr<const Body> Body::from(std::string_view text, BodyAccount* account) {
  assert(text.size() <= UINT32_MAX);
  Slice all{Chunk::allocate(static_cast<std::uint32_t>(text.size()), account), 0,
            static_cast<std::uint32_t>(text.size())};
  if (!text.empty()) std::memcpy(all.chunk->data(), text.data(), text.size());
  return from(std::span<const Slice>(&all, 1), account);
}

Body::Body(std::span<Slice> slices, BodyAccount* account) noexcept
    : count_(static_cast<std::uint32_t>(slices.size())), account_(account) {
  std::uninitialized_move(slices.begin(), slices.end(), reinterpret_cast<Slice*>(this + 1));
  for (const auto& slice : this->slices()) size_ += slice.size;
  if (account_) account_->charge_body(charge());
}

Body::~Body() {
  if (account_) account_->release_body(charge());
  std::destroy_n(reinterpret_cast<Slice*>(this + 1), count_);
}

std::uint64_t Body::charge() const noexcept {
  return sizeof(Body) + count_ * sizeof(Slice) + kAllocatorOverhead;
}

Slice cut(const Slice& slice, std::uint64_t& at, http::ByteRange range) {
  const auto begin = std::exchange(at, at + slice.size);
  const auto from = std::clamp(range.first, begin, at);
  const auto to = std::clamp(range.last + 1, from, at);
  return {slice.chunk, slice.offset + static_cast<std::uint32_t>(from - begin),
          static_cast<std::uint32_t>(to - from)};
}

void append_range(std::vector<Slice>& out, const Body& body, http::ByteRange range) {
  std::uint64_t at = 0;
  for (const auto& slice : body.slices()) {
    if (at > range.last) return;
    auto part = cut(slice, at, range);
    if (part.size > 0) out.push_back(std::move(part));
  }
}

}  // namespace forebay::cache
