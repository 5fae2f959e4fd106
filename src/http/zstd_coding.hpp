// zstd by libzstd, both ways. Included by coding_stream.cpp alone.
#pragma once

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>

#include "coding_library.hpp"

namespace forebay::http {

class ZstdEncoder final : public Encoder::Stream {
 public:
  explicit ZstdEncoder(int level) : zstd_(required(Handle(ZSTD_createCCtx()))) {
    ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_windowLog, kEncoderWindowLog);
    ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_checksumFlag, 1);  // 4 bytes (RFC 8878 §3.1.1), as gzip has
  }

  Step step(std::string_view input, std::span<char> output, Flush flush) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    std::size_t left = 0;  // what the flush has still to give out
    do {
      left = ZSTD_compressStream2(zstd_.get(), &out, &in, mode(flush));
      if (ZSTD_isError(left)) throw std::bad_alloc();  // all that can fail while the caller keeps to Step
    } while (out.pos < out.size && (in.pos < in.size || (flush != Flush::none && left > 0)));
    Step step{in.pos, out.pos};
    if (in.pos < in.size || (flush != Flush::none && left > 0)) {
      step.next = Step::Next::drain;
    } else if (flush == Flush::finish) {
      step.next = Step::Next::done;
    }
    return step;
  }

 private:
  using Handle = std::unique_ptr<ZSTD_CCtx, Destroy<ZSTD_freeCCtx>>;

  static ZSTD_EndDirective mode(Flush flush) noexcept {
    if (flush == Flush::finish) return ZSTD_e_end;
    return flush == Flush::block ? ZSTD_e_flush : ZSTD_e_continue;
  }

  Handle zstd_;
};

class ZstdDecoder final : public Decoder::Stream {
 public:
  ZstdDecoder() : zstd_(required(Handle(ZSTD_createDCtx()))) {
    ZSTD_DCtx_setParameter(zstd_.get(), ZSTD_d_windowLogMax, kZstdDecoderWindowLog);
  }

  /// Gives the bytes of every frame's header one by one. A frame that is there as a whole would go past the
  /// limit of the window, so that a body were accepted or not by how it arrives. And the library has formats
  /// from before the RFC, which have no limit: it takes a byte for the first of one that begins neither a
  /// Zstandard nor a skippable frame (RFC 8878 §3.1.1, §3.1.2), and four that come together where a header
  /// turns out wrong.
  Result<Step> advance(std::string_view input, std::span<char> output) override {
    ZSTD_inBuffer in{input.data(), 0, 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    do {
      if (at_ != At::inside_frame) {
        if (!begins_frame(input[in.pos])) return malformed(Coding::zstd, "no frame begins here");
        header_left_ = kMostHeaderBytes;
      }
      const auto begin = in.pos;
      in.size = header_left_ > 0 ? std::min(begin + 1, input.size()) : input.size();
      const auto hint = ZSTD_decompressStream(zstd_.get(), &out, &in);
      if (ZSTD_isError(hint)) return failure(hint);
      if (header_left_ > 0 && in.pos > begin) --header_left_;
      at_ = hint == 0 ? At::end_of_frame : At::inside_frame;
    } while (in.pos < input.size() && out.pos < out.size);
    return Step{in.pos, out.pos};
  }
  bool is_at_end() const noexcept override { return at_ == At::end_of_frame; }

 private:
  using Handle = std::unique_ptr<ZSTD_DCtx, Destroy<ZSTD_freeDCtx>>;

  enum class At : std::uint8_t { begin, inside_frame, end_of_frame };

  static constexpr int kMostHeaderBytes = 18;  // RFC 8878 §3.1.1: magic number 4, header 14

  static bool begins_frame(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x28 || (byte & 0xf0U) == 0x50;
  }
  static Error failure(std::size_t code) {
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation) throw std::bad_alloc();
    return malformed(Coding::zstd, ZSTD_getErrorName(code));
  }

  Handle zstd_;
  At at_ = At::begin;
  int header_left_ = 0;  // more of the frame's bytes may belong to its header
};

}  // namespace forebay::http
