// Bodies in shared, reference-counted chunks: the store, a fetch in flight and any number of writers hold the
// same bytes.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "forebay/http/range.hpp"

namespace forebay::cache {

/// Where the bytes of chunks and bodies are charged for as long as anybody holds them: the store, a fetch or
/// a slow writer. Thread-safe; outlives all that is charged to it.
class BodyAccount {
 public:
  virtual void charge_body(std::uint64_t bytes) noexcept = 0;
  virtual void release_body(std::uint64_t bytes) noexcept = 0;

 protected:
  ~BodyAccount() = default;
};

/// One allocation of bytes. Thread-safe in that bytes already filled never change: one producer fills the
/// free tail while any number of readers read what was published to them before.
class Chunk : public boost::intrusive_ref_counter<Chunk, boost::thread_safe_counter> {
 public:
  /// Charged to the account, if there is one, until the last holder lets go.
  static boost::intrusive_ptr<Chunk> allocate(std::uint32_t capacity, BodyAccount* account = nullptr);
  ~Chunk();
  char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
  const char* data() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  std::uint32_t capacity() const noexcept { return capacity_; }
  /// Bytes of memory held, with the allocator's allowance.
  std::uint64_t charge() const noexcept { return charge_of(capacity_); }
  static std::uint64_t charge_of(std::uint32_t capacity) noexcept;

  /// The block is larger than the object: the sized form of the global operator would be told the wrong size.
  static void operator delete(void* memory) noexcept { ::operator delete(memory); }

 private:
  Chunk(std::uint32_t capacity, BodyAccount* account) noexcept;
  std::uint32_t capacity_;
  BodyAccount* account_;
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
  /// is kept. The account, if there is one, is charged for this object and the chunks it makes.
  static boost::intrusive_ptr<const Body> from(std::span<const Slice> slices, BodyAccount* account = nullptr);
  /// Takes the slices as they are and copies nothing: for a body that is sent once and not kept.
  static boost::intrusive_ptr<const Body> sharing(std::span<Slice> slices, BodyAccount* account);
  /// For tests and generated responses: one chunk with a copy of the text.
  static boost::intrusive_ptr<const Body> from(std::string_view text, BodyAccount* account = nullptr);

  std::uint64_t size() const noexcept { return size_; }
  std::span<const Slice> slices() const noexcept {
    return {reinterpret_cast<const Slice*>(this + 1), count_};
  }
  /// Bytes of memory held by this object, without its chunks, with the allocator's allowance.
  std::uint64_t charge() const noexcept;

  ~Body();
  static void operator delete(void* memory) noexcept { ::operator delete(memory); }  // as for Chunk

 private:
  Body(std::span<Slice> slices, BodyAccount* account) noexcept;
  std::uint32_t count_;  // slices stand behind this object in the same allocation
  std::uint64_t size_ = 0;
  BodyAccount* account_;
};
using BodyPtr = boost::intrusive_ptr<const Body>;

/// What of a slice that begins `at` bytes into a body lies in a range, perhaps nothing; moves `at` behind it.
Slice cut(const Slice& slice, std::uint64_t& at, http::ByteRange range);

/// Appends what of a body lies in a range, sharing its chunks.
void append_range(std::vector<Slice>& out, const Body& body, http::ByteRange range);

/// What the allocator keeps per block beyond what was asked for, on the average of glibc's malloc: 8 bytes of
/// header and half of the rounding to 16.
inline constexpr std::size_t kAllocatorOverhead = 16;

}  // namespace forebay::cache
