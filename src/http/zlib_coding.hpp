// gzip by zlib, both ways. Included by coding_stream.cpp alone.
#pragma once

#define ZLIB_CONST
#include <zlib.h>

#include <limits>

#include "coding_library.hpp"

namespace forebay::http {

inline constexpr int kGzipWindowBits = 15 + 16;  // zlib.h: 32 KiB, and 16 for the gzip head and trailer alone
inline constexpr int kGzipMemLevel = 8;          // zlib's default

/// What zlib takes in one call.
inline constexpr std::size_t kMostAtOnce = std::numeric_limits<uInt>::max();

/// Gives zlib as much of both as it can count.
inline void offer(z_stream& zlib, std::string_view input, std::span<char> output) noexcept {
  zlib.next_in = bytes(input.data());
  zlib.avail_in = static_cast<uInt>(std::min(input.size(), kMostAtOnce));
  zlib.next_out = bytes(output.data());
  zlib.avail_out = static_cast<uInt>(std::min(output.size(), kMostAtOnce));
}

inline Step taken(const z_stream& zlib, std::string_view input, std::span<char> output) noexcept {
  return {static_cast<std::size_t>(zlib.next_in - bytes(input.data())),
          static_cast<std::size_t>(zlib.next_out - bytes(output.data()))};
}

class GzipEncoder final : public Encoder::Stream {
 public:
  explicit GzipEncoder(int level) {
    const auto code =
        deflateInit2(&zlib_, level, Z_DEFLATED, kGzipWindowBits, kGzipMemLevel, Z_DEFAULT_STRATEGY);
    if (code != Z_OK) throw std::bad_alloc();  // nothing else can be wrong with these constants
  }
  ~GzipEncoder() override { deflateEnd(&zlib_); }

  Step step(std::string_view input, std::span<char> output, Flush flush) override {
    offer(zlib_, input, output);
    const auto code = deflate(&zlib_, input.size() > kMostAtOnce ? Z_NO_FLUSH : mode(flush));
    auto step = taken(zlib_, input, output);
    const bool is_full = zlib_.avail_out == 0;
    if (code == Z_STREAM_END) {
      step.next = Step::Next::done;
    } else if (step.consumed < input.size() || flush == Flush::finish || (flush == Flush::block && is_full)) {
      step.next = Step::Next::drain;
    }
    return step;
  }

 private:
  static int mode(Flush flush) noexcept {
    if (flush == Flush::finish) return Z_FINISH;
    return flush == Flush::block ? Z_SYNC_FLUSH : Z_NO_FLUSH;
  }

  z_stream zlib_{};  // the library keeps its address
};

class GzipDecoder final : public Decoder::Stream {
 public:
  GzipDecoder() {
    if (inflateInit2(&zlib_, kGzipWindowBits) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { inflateEnd(&zlib_); }

  Result<Step> advance(std::string_view input, std::span<char> output) override {
    offer(zlib_, input, output);
    do {
      if (is_at_end_) inflateReset(&zlib_);  // another member follows (RFC 1952 §2.2)
      const auto code = inflate(&zlib_, Z_NO_FLUSH);
      if (code == Z_MEM_ERROR) throw std::bad_alloc();
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return malformed(Coding::gzip, zlib_.msg != nullptr ? zlib_.msg : "not understood");
      is_at_end_ = code == Z_STREAM_END;
    } while (is_at_end_ && zlib_.avail_in > 0 && zlib_.avail_out > 0);
    return taken(zlib_, input, output);
  }
  bool is_at_end() const noexcept override { return is_at_end_; }

 private:
  z_stream zlib_{};  // the library keeps its address
  bool is_at_end_ = false;
};

}  // namespace forebay::http
