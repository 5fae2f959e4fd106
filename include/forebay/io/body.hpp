// Bodies as they arrive: pulled piece by piece, so that whoever is slow slows the sender down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "forebay/base/result.hpp"
#include "forebay/io/asio.hpp"

namespace forebay::io {

/// A message body being received. Lives on one worker; one read at a time.
class BodySource {
 public:
  virtual ~BodySource() = default;

  /// Completes with the number of bytes put into `out` (at least 1, `out` is not empty), or 0 at the end of a
  /// complete body. Fails when the body ends early, is malformed, stalls or is too large; it stays failed
  /// then. `out` must outlive the operation.
  virtual Awaitable<Result<std::size_t>> read_some(asio::mutable_buffer out) = 0;

  /// The announced length; nothing when only the end will tell.
  virtual std::optional<std::uint64_t> length() const noexcept = 0;

  /// After the end: trailer field lines as "Name: value\r\n" each (RFC 9110 §6.5), hop-by-hop and framing
  /// fields left out; "" without.
  virtual const std::string& trailers() const noexcept = 0;

  /// Begins again, for another attempt to send it; false where what was read is gone. Not during a read.
  virtual bool rewind() noexcept { return false; }
};

}  // namespace forebay::io
