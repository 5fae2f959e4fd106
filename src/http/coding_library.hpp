// What coding_stream.cpp asks of each library, and what the three have in common. The classes of a library
// only move bytes; what a finished, truncated or over-long body is, Encoder::step and Decoder::step decide.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include "forebay/http/coding_stream.hpp"

namespace forebay::http {

/// Takes and gives what it can. `next` is feed or drain as in Step, or done when the end of the body is out.
class Encoder::Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;
  virtual Step step(std::string_view input, std::span<char> output, Flush flush) = 0;
};

/// Takes input until it is used up or the room is.
class Decoder::Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;
  /// Called with input, or when output may be held back. `next` of the result means nothing.
  virtual Result<Step> advance(std::string_view input, std::span<char> output) = 0;
  /// True if the body may end here: all that was taken is decoded, checked and given out.
  virtual bool is_at_end() const noexcept = 0;
};

/// A deleter for a handle of a C library.
template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* handle) const noexcept {
    static_cast<void>(destroy(handle));
  }
};

/// The constructors of the C libraries give a null pointer when they find no memory.
template <class Pointer>
Pointer required(Pointer handle) {
  if (!handle) throw std::bad_alloc();
  return handle;
}

inline const std::uint8_t* bytes(const char* data) noexcept {
  return reinterpret_cast<const std::uint8_t*>(data);
}
inline std::uint8_t* bytes(char* data) noexcept { return reinterpret_cast<std::uint8_t*>(data); }

inline Error malformed(Coding coding, std::string_view what) {
  return fail(ErrorKind::response_malformed, std::string(token(coding)).append(": ").append(what));
}

inline Step copy(std::string_view input, std::span<char> output) noexcept {
  const auto size = std::min(input.size(), output.size());
  if (size > 0) std::memcpy(output.data(), input.data(), size);
  return {size, size};
}

}  // namespace forebay::http
