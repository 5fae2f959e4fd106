#include "forebay/cache/body.hpp"

#include <cassert>
#include <cstring>
#include <memory>
#include <new>
#include <numeric>
#include <vector>

namespace forebay::cache {

static_assert(sizeof(Body) % alignof(Slice) == 0 && alignof(Body) >= alignof(Slice),
              "slices stand right behind a Body");

namespace {

std::uint64_t charge_of(const Chunk& chunk) noexcept {
  return sizeof(Chunk) + chunk.capacity() + kAllocatorOverhead;
}

/// The leading slices that lie in one chunk.
std::span<const Slice> leading_run(std::span<const Slice> slices) noexcept {
  std::size_t count = 1;
  while (count < slices.size() && slices[count].chunk == slices[0].chunk) ++count;
  return slices.first(count);
}

bool wastes_its_chunk(std::uint64_t used, const Chunk& chunk) noexcept {
  return used * 8 < std::uint64_t{chunk.capacity()} * 7;
}

Slice gather(std::span<const Slice> run, std::uint64_t used) {
  Slice out{Chunk::allocate(static_cast<std::uint32_t>(used)), 0, static_cast<std::uint32_t>(used)};
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

/// Takes a run over into `kept`; returns the charge of the chunk that holds it from now on.
std::uint64_t keep(std::vector<Slice>& kept, std::span<const Slice> run) {
  const auto used = std::accumulate(run.begin(), run.end(), std::uint64_t{0},
                                    [](std::uint64_t sum, const Slice& slice) { return sum + slice.size; });
  if (used == 0) return 0;
  if (wastes_its_chunk(used, *run[0].chunk)) {
    kept.push_back(gather(run, used));
  } else {
    append_joined(kept, run);
  }
  return charge_of(*kept.back().chunk);
}

}  // namespace

ChunkPtr Chunk::allocate(std::uint32_t capacity) {
  void* memory = ::operator new(sizeof(Chunk) + capacity);
  return ChunkPtr(::new (memory) Chunk(capacity));
}

boost::intrusive_ptr<const Body> Body::from(std::span<const Slice> slices) {
  std::vector<Slice> kept;
  kept.reserve(slices.size());
  std::uint64_t chunks_charge = 0;
  while (!slices.empty()) {
    const auto run = leading_run(slices);
    chunks_charge += keep(kept, run);
    slices = slices.subspan(run.size());
  }
  void* memory = ::operator new(sizeof(Body) + kept.size() * sizeof(Slice));
  return BodyPtr(::new (memory) Body(kept, chunks_charge));
}

boost::intrusive_ptr<const Body> Body::from(std::string_view text) {
  assert(text.size() <= UINT32_MAX);
  Slice all{Chunk::allocate(static_cast<std::uint32_t>(text.size())), 0,
            static_cast<std::uint32_t>(text.size())};
  if (!text.empty()) std::memcpy(all.chunk->data(), text.data(), text.size());
  return from(std::span<const Slice>(&all, 1));
}

Body::Body(std::span<Slice> slices, std::uint64_t chunks_charge) noexcept
    : count_(static_cast<std::uint32_t>(slices.size())),
      charge_(sizeof(Body) + slices.size_bytes() + kAllocatorOverhead + chunks_charge) {
  std::uninitialized_move(slices.begin(), slices.end(), reinterpret_cast<Slice*>(this + 1));
  for (const auto& slice : this->slices()) size_ += slice.size;
}

Body::~Body() { std::destroy_n(reinterpret_cast<Slice*>(this + 1), count_); }

}  // namespace forebay::cache
