#include "forebay/http/coding_stream.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "brotli_coding.hpp"
#include "coding_library.hpp"
#include "zlib_coding.hpp"
#include "zstd_coding.hpp"

namespace forebay::http {
namespace {

using Next = Step::Next;

class IdentityEncoder final : public Encoder::Stream {
 public:
  Step step(std::string_view input, std::span<char> output, Flush flush) override {
    auto step = copy(input, output);
    if (step.consumed < input.size()) {
      step.next = Next::drain;
    } else if (flush == Flush::finish) {
      step.next = Next::done;
    }
    return step;
  }
};

class IdentityDecoder final : public Decoder::Stream {
 public:
  Result<Step> advance(std::string_view input, std::span<char> output) override {
    return copy(input, output);
  }
  bool is_at_end() const noexcept override { return true; }
};

std::unique_ptr<Encoder::Stream> encoder_stream(Coding coding, int level) {
  switch (coding) {
    case Coding::identity: break;
    case Coding::gzip: return std::make_unique<GzipEncoder>(level);
    case Coding::br: return std::make_unique<BrotliEncoder>(level);
    case Coding::zstd: return std::make_unique<ZstdEncoder>(level);
  }
  return std::make_unique<IdentityEncoder>();
}

std::unique_ptr<Decoder::Stream> decoder_stream(Coding coding) {
  switch (coding) {
    case Coding::identity: break;
    case Coding::gzip: return std::make_unique<GzipDecoder>();
    case Coding::br: return std::make_unique<BrotliDecoder>();
    case Coding::zstd: return std::make_unique<ZstdDecoder>();
  }
  return std::make_unique<IdentityDecoder>();
}

int clamped(Coding coding, int level) noexcept {
  return std::clamp(level, levels(coding).least, levels(coding).most);
}

// Most that each level had allocated at once, with a window of kEncoderWindowLog: brotli 1.0.9 and
// zstd 1.5.4, megabytes of words, markup, JSON, zeroes, short repeats and noise, in small steps and in one,
// rounded up by a tenth or more. In MiB; the first is brotli's level 0, zstd's level 1.
constexpr std::array<std::size_t, 12> kBrotliMebibytes{2, 3, 5, 5, 10, 11, 12, 18, 28, 48, 20, 32};
constexpr std::array<std::size_t, 19> kZstdMebibytes{2,  2,  3,  4,  5,  5,  9,  9,  15, 28,
                                                     28, 55, 38, 55, 73, 38, 55, 56, 91};

constexpr std::size_t kKibibyte = 1024;
constexpr std::size_t kMebibyte = 1024 * kKibibyte;

}  // namespace

Levels levels(Coding coding) noexcept {
  switch (coding) {
    case Coding::identity: break;
    case Coding::gzip: return {1, 9};
    case Coding::br: return {0, static_cast<int>(kBrotliMebibytes.size()) - 1};
    case Coding::zstd: return {1, static_cast<int>(kZstdMebibytes.size())};
  }
  return {};
}

Encoder::Encoder(Coding coding, int level) : stream_(encoder_stream(coding, clamped(coding, level))) {}
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;
Encoder::~Encoder() = default;

Step Encoder::step(std::string_view input, std::span<char> output, Flush flush) {
  assert(output.size() >= (flush == Flush::block ? kFlushRoom : 1));
  if (done_) return {0, 0, Next::done};
  const auto step = stream_->step(input, output, flush);
  done_ = step.next == Next::done;
  return step;
}

std::size_t Encoder::memory_bytes(Coding coding, int level) noexcept {
  const auto row = static_cast<std::size_t>(clamped(coding, level) - levels(coding).least);
  switch (coding) {
    case Coding::identity: break;
    case Coding::gzip: return 272 * kKibibyte;  // zconf.h: 256 KiB "plus a few kilobytes"; 1.2.13 takes 262
    case Coding::br: return kBrotliMebibytes[row] * kMebibyte;
    case Coding::zstd: return kZstdMebibytes[row] * kMebibyte;
  }
  return 0;
}

Decoder::Decoder(Coding coding) : stream_(decoder_stream(coding)), coding_(coding) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

Result<Step> Decoder::step(std::string_view input, std::span<char> output, Flush flush) {
  assert(!output.empty());
  if (done_) return Step{0, 0, Next::done};
  Step step;
  if (!input.empty() || holds_output_) {
    const auto advanced = stream_->advance(input, output);
    if (!advanced) return advanced.error();
    step = *advanced;
  }
  holds_output_ = step.produced == output.size() && !stream_->is_at_end();
  if (step.consumed < input.size() || holds_output_) {
    step.next = Next::drain;
  } else if (flush == Flush::finish) {
    if (!stream_->is_at_end()) return malformed(coding_, "ends early");
    step.next = Next::done;
    done_ = true;
  }
  return step;
}

std::size_t Decoder::memory_bytes(Coding coding) noexcept {
  switch (coding) {
    case Coding::identity: break;
    case Coding::gzip:
      return 48 * kKibibyte;  // zconf.h: 32 KiB "plus about 7 kilobytes"; 1.2.13 takes 39
    // RFC 7932 §9.1, a window of 16 MiB; below 3 MiB of prefix codes (3 times at most 256, §7.3).
    case Coding::br: return 20 * kMebibyte;
    case Coding::zstd: return 9 * kMebibyte;  // ZSTD_estimateDStreamSize(8 MiB) of 1.5.4: 8.5 MiB
  }
  return 0;
}

}  // namespace forebay::http
