// From one content coding to another: what a Decoder gives goes through an Encoder, in steps like theirs.
// Either side may be identity.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "forebay/base/result.hpp"
#include "forebay/http/coding_stream.hpp"

namespace forebay::http {

/// The level at which bodies are coded: what a proxy can do while a client waits.
int usual_level(Coding coding) noexcept;

/// Belongs to one body and one thread at a time. Throws and fails as its Encoder and Decoder do.
class Recoder {
 public:
  Recoder(Coding from, Coding to);

  /// Recodes what it can. `output` has at least kFlushRoom and does not overlap the input. Fails with
  /// response_malformed when the input is not a whole body in its coding; after that only the destructor may
  /// be called.
  Result<Step> step(std::string_view input, std::span<char> output, Flush flush);

  /// What one takes at most, to be charged while it lives.
  static std::size_t memory_bytes(Coding from, Coding to) noexcept;

 private:
  using Between = std::array<char, std::size_t{16} * 1024>;

  Decoder decoder_;
  Encoder encoder_;
  std::unique_ptr<Between> between_;
  std::string_view plain_;              // of between_: decoded, but not encoded yet
  Step::Next next_ = Step::Next::feed;  // what the decoder's last step asked for
};

}  // namespace forebay::http
