// The digest of bytes that come piece by piece.
#pragma once

#include <memory>
#include <string_view>

#include "forebay/base/digest.hpp"

namespace forebay {

/// What digest() gives for all that has been added. Not thread-safe.
class RunningDigest {
 public:
  /// Throws std::bad_alloc.
  RunningDigest();
  ~RunningDigest();
  RunningDigest(RunningDigest&&) noexcept;
  RunningDigest& operator=(RunningDigest&&) noexcept;

  void add(std::string_view bytes) noexcept;
  Digest value() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace forebay
