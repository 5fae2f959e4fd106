// Bodies in shared, reference-counted chunks: the store, a fetch in flight and any number of writers hold the
// same bytes.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace forebay::cache {

/// One allocation of bytes. Thread-safe in that bytes already filled never change: one producer fills the
/// free tail while any number of readers read what was published to them before.
class Chunk : public boost::intrusive_ref_counter<Chunk, boost::thread_safe_counter> {
 public:
  static boost::intrusive_ptr<Chunk> allocate(std::uint32_t capacity);
  char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
  const char* data() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  std::uint32_t capacity() const noexcept { return capacity_; }

  /// The block is larger than the object: the sized form of the global operator would be told the wrong size.
  static void operator delete(void* memory) noexcept { ::operator delete(memory); }

 private:
  explicit Chunk(std::uint32_t capacity) noexcept : capacity_(capacity) {}
  std::uint32_t capacity_;
};
using ChunkPtr = boost::intrusive_ptr<Chunk>;

/// A run of bytes within a chunk; holds the chunk alive.
struct Slice {
  ChunkPtr chunk;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;

  std::string_view view() const noexcept { return {chunk->data() + offset, size}; }
};

/// A complete body: immutable slices in order. Shared by every stored response that was freshened from the
/// same fetch.
class Body : public boost::intrusive_ref_counter<Body, boost::thread_safe_counter> {
 public:
  /// Takes the slices as they are, but joins neighbours within one chunk, and gathers what lies in one chunk
  /// into a chunk of its own size when less than 7/8 of that chunk is used, so that what is charged is what
  /// is kept.
  static boost::intrusive_ptr<const Body> from(std::span<const Slice> slices);
  /// For tests and generated responses: one chunk with a copy of the text.
  static boost::intrusive_ptr<const Body> from(std::string_view text);

  std::uint64_t size() const noexcept { return size_; }
  std::span<const Slice> slices() const noexcept {
    return {reinterpret_cast<const Slice*>(this + 1), count_};
  }
  /// Bytes of memory held: chunks with their headers, this object and an allowance for the allocator.
  std::uint64_t charge() const noexcept { return charge_; }

  ~Body();
  static void operator delete(void* memory) noexcept { ::operator delete(memory); }  // as for Chunk

 private:
  Body(std::span<Slice> slices, std::uint64_t chunks_charge) noexcept;
  std::uint32_t count_;  // slices stand behind this object in the same allocation
  std::uint64_t size_ = 0;
  std::uint64_t charge_;
};
using BodyPtr = boost::intrusive_ptr<const Body>;

/// What the allocator keeps per block beyond what was asked for, on the average of glibc's malloc: 8 bytes of
/// header and half of the rounding to 16.
inline constexpr std::size_t kAllocatorOverhead = 16;

}  // namespace forebay::cache
