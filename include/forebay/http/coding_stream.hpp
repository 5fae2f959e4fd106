// Content codings applied to and taken off a body as it passes (RFC 9110 §8.4.1): gzip by zlib, br by brotli,
// zstd by libzstd, and identity, which copies. Neither side keeps more of a body than its window, so memory
// is bounded whatever passes, and whoever calls bounds the output by the room he gives.
//
// An Encoder or Decoder belongs to one body and one thread at a time; it may be moved, and a moved-from one
// only destroyed or assigned to. Constructors and steps throw std::bad_alloc when a library has no memory,
// and after that only the destructor may be called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "forebay/base/result.hpp"
#include "forebay/http/content_coding.hpp"

namespace forebay::http {

/// What is to happen behind the input of a step. It stays the same until that step is through.
enum class Flush : std::uint8_t {
  none,    // more input follows
  block,   // more follows, but what came so far shall be decodable at the other end; costs density
  finish,  // this was the last of the input
};

/// What a step did, and what the caller does next.
struct Step {
  enum class Next : std::uint8_t {
    feed,   // all input was taken and all that flush asked for is out: give more input, or another flush
    drain,  // again with the input that was not taken, the same flush, and room
    done,   // the end, after Flush::finish only: nothing more will be taken or given
  };
  std::size_t consumed = 0;
  std::size_t produced = 0;
  Next next = Next::feed;
};

/// The levels of a coding, from the fastest to the densest.
struct Levels {
  int least = 0;
  int most = 0;
};

/// zlib 1 to 9, brotli 0 to 11, zstd 1 to 19 (those above need windows that RFC 9659 forbids). 0 to 0 for
/// identity.
Levels levels(Coding coding) noexcept;

/// How far encoders look back, as a power of two: half a MiB, for br and zstd (gzip has 32 KiB). A larger
/// window costs memory here and in every client, and gains density only in bodies larger than itself.
inline constexpr int kEncoderWindowLog = 19;
/// How far a zstd Decoder looks back: 8 MiB, what every recipient supports and no sender may exceed
/// (RFC 8878 §3.1.1.1.2, RFC 9659 §3).
inline constexpr int kZstdDecoderWindowLog = 23;

/// The least room of a step with Flush::block: zlib repeats its mark where it does not fit behind a flush.
inline constexpr std::size_t kFlushRoom = 16;

/// Makes one coded body. The same steps with the same library versions give the same bytes: no time or name
/// goes into the head of a gzip. Input cut into other pieces may give other bytes that mean the same.
class Encoder {
 public:
  /// A level outside levels(coding) counts as the nearest inside.
  Encoder(Coding coding, int level);
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;
  ~Encoder();

  /// Codes what it can. `output` is not empty, with Flush::block at least kFlushRoom; input and output do not
  /// overlap. After `done` it does nothing.
  Step step(std::string_view input, std::span<char> output, Flush flush);

  /// What an encoder takes at most, to be charged while it lives.
  static std::size_t memory_bytes(Coding coding, int level) noexcept;

  class Stream;  // of one library

 private:
  std::unique_ptr<Stream> stream_;
  bool done_ = false;
};

/// Undoes one coded body: one or more gzip members (RFC 1952 §2.2) or zstd frames (RFC 8878 §3), or a single
/// brotli stream. Accepts the same bodies in whatever pieces they come.
class Decoder {
 public:
  explicit Decoder(Coding coding);
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  ~Decoder();

  /// Decodes what it can. `output` is not empty and does not overlap the input; Flush::block counts as none.
  /// Fails with response_malformed and a detail that begins with the coding's token: for malformed input, a
  /// wrong checksum, bytes behind the end, input that ends early (no input at all ends early, too), and a
  /// zstd window above kZstdDecoderWindowLog. After that only the destructor may be called.
  ///
  /// Checksums stand behind the data: until `done`, what was produced may still turn out to be wrong. br has
  /// none. Zeroes behind the last gzip member, which some tools pad with, are refused as any other bytes.
  Result<Step> step(std::string_view input, std::span<char> output, Flush flush);

  /// What a decoder takes at most, to be charged while it lives.
  static std::size_t memory_bytes(Coding coding) noexcept;

  class Stream;  // of one library

 private:
  std::unique_ptr<Stream> stream_;
  Coding coding_;
  bool holds_output_ = false;  // the last step filled its room, so there may be more
  bool done_ = false;
};

}  // namespace forebay::http
