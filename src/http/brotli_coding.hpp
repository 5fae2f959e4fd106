// br by brotli, both ways. Included by coding_stream.cpp alone.
#pragma once

#include <brotli/decode.h>
#include <brotli/encode.h>

#include "coding_library.hpp"

namespace forebay::http {

class BrotliEncoder final : public Encoder::Stream {
 public:
  explicit BrotliEncoder(int level)
      : brotli_(required(Handle(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)))) {
    BrotliEncoderSetParameter(brotli_.get(), BROTLI_PARAM_QUALITY, static_cast<std::uint32_t>(level));
    BrotliEncoderSetParameter(brotli_.get(), BROTLI_PARAM_LGWIN, kEncoderWindowLog);
  }

  Step step(std::string_view input, std::span<char> output, Flush flush) override {
    auto in_left = input.size();
    auto out_left = output.size();
    const auto* in = bytes(input.data());
    auto* out = bytes(output.data());
    if (!BrotliEncoderCompressStream(brotli_.get(), mode(flush), &in_left, &in, &out_left, &out, nullptr))
      throw std::bad_alloc();  // all that can fail while the caller keeps to Step
    Step step{input.size() - in_left, output.size() - out_left};
    if (BrotliEncoderIsFinished(brotli_.get())) {
      step.next = Step::Next::done;
    } else if (in_left > 0 || (flush != Flush::none && BrotliEncoderHasMoreOutput(brotli_.get()))) {
      step.next = Step::Next::drain;
    }
    return step;
  }

 private:
  using Handle = std::unique_ptr<BrotliEncoderState, Destroy<BrotliEncoderDestroyInstance>>;

  static BrotliEncoderOperation mode(Flush flush) noexcept {
    if (flush == Flush::finish) return BROTLI_OPERATION_FINISH;
    return flush == Flush::block ? BROTLI_OPERATION_FLUSH : BROTLI_OPERATION_PROCESS;
  }

  Handle brotli_;
};

class BrotliDecoder final : public Decoder::Stream {
 public:
  BrotliDecoder() : brotli_(required(Handle(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)))) {
    // Windows of more than 16 MiB are no part of RFC 7932.
    BrotliDecoderSetParameter(brotli_.get(), BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
  }

  Result<Step> advance(std::string_view input, std::span<char> output) override {
    auto in_left = input.size();
    auto out_left = output.size();
    if (!is_at_end_) {
      const auto* in = bytes(input.data());
      auto* out = bytes(output.data());
      const auto result =
          BrotliDecoderDecompressStream(brotli_.get(), &in_left, &in, &out_left, &out, nullptr);
      if (result == BROTLI_DECODER_RESULT_ERROR) return failure();
      is_at_end_ = result == BROTLI_DECODER_RESULT_SUCCESS;
    }
    if (is_at_end_ && in_left > 0) return malformed(Coding::br, "bytes behind the end");
    return Step{input.size() - in_left, output.size() - out_left};
  }
  bool is_at_end() const noexcept override { return is_at_end_; }

 private:
  using Handle = std::unique_ptr<BrotliDecoderState, Destroy<BrotliDecoderDestroyInstance>>;

  Error failure() const {
    const auto code = BrotliDecoderGetErrorCode(brotli_.get());
    if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
        code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
      throw std::bad_alloc();
    return malformed(Coding::br, BrotliDecoderErrorString(code));
  }

  Handle brotli_;
  bool is_at_end_ = false;
};

}  // namespace forebay::http
