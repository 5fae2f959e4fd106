// Byte ranges: the Range and Content-Range fields (RFC 9110 §14). Ranges of other units are not understood.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "forebay/base/strings.hpp"

namespace forebay::http {

/// How many specs a Range field may have before it is ignored (RFC 9110 §14.2, §17.15).
inline constexpr std::size_t kMaxRanges = 16;

/// What a part of a multipart/byteranges costs besides its data, in bytes; a smaller gap between two ranges
/// is cheaper sent than left out (RFC 9110 §15.3.7.2).
inline constexpr std::uint64_t kPartOverhead = 80;

/// Bytes of a representation, both ends inclusive, first <= last.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  /// Never wraps for a range that lies inside a length of 64 bits.
  constexpr std::uint64_t size() const noexcept { return last - first + 1; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// One range-spec (RFC 9110 §14.1.1), not yet held against a length.
struct RangeSpec {
  enum class Form {
    interval,  // `first-last`, or `first-` with the greatest possible last
    suffix,    // `-last`: that many bytes at the end
  };
  Form form = Form::interval;
  std::uint64_t first = 0;  // 0 in a suffix
  std::uint64_t last = 0;

  friend bool operator==(const RangeSpec&, const RangeSpec&) = default;
};

/// What a Range field asks for: one to kMaxRanges specs in the order of the field.
struct RangeRequest {
  std::array<RangeSpec, kMaxRanges> specs{};
  std::size_t count = 0;

  std::span<const RangeSpec> view() const noexcept { return std::span(specs).first(count); }
  friend bool operator==(const RangeRequest&, const RangeRequest&) = default;
};

/// The value of a Range field (RFC 9110 §14.2). Nothing, so that the field is ignored, for another unit, for
/// any malformed spec and for more than kMaxRanges specs. Numbers above 2^64-1 count as 2^64-1, which as a
/// first position no length satisfies.
std::optional<RangeRequest> parse_range(std::string_view value) noexcept;

/// The ranges a request selects from a representation of known length.
struct ResolvedRanges {
  enum class Kind {
    some,           // 206 with the ranges of view(), of which there is at least one
    unsatisfiable,  // 416; view() is empty
  };
  Kind kind = Kind::unsatisfiable;
  std::array<ByteRange, kMaxRanges> ranges{};
  std::size_t count = 0;

  std::span<const ByteRange> view() const noexcept { return std::span(ranges).first(count); }
};

/// Holds the request against a length. Specs that cannot be satisfied are dropped, the others clipped to the
/// length. Ranges that overlap or have a gap below kPartOverhead between them become one, and then all stand
/// in ascending order; otherwise they stay in the order of the request (RFC 9110 §15.3.7.2). The result is
/// always disjoint, so it never sums up to more than the length, however often the request asks for the same
/// bytes.
ResolvedRanges resolve(const RangeRequest& request, std::uint64_t length) noexcept;

/// What a Content-Range field says a response carries (RFC 9110 §14.4).
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;                        // inclusive
  std::optional<std::uint64_t> complete_length;  // nothing when the sender did not know it ("*")

  friend bool operator==(const ContentRange&, const ContentRange&) = default;
};

/// The value `bytes first-last/length` or `bytes first-last/*`. Nothing for another unit, the unsatisfied
/// form `bytes */length`, anything malformed or contradictory (RFC 9110 §14.4), and for numbers from which no
/// length of 64 bits can follow.
std::optional<ContentRange> parse_content_range(std::string_view value) noexcept;

/// Room for any value that the two functions below write.
inline constexpr std::size_t kMaxContentRange =
    std::string_view{"bytes "}.size() + 3 * kMaxDecimalDigits + std::string_view{"-/"}.size();

/// Writes `bytes first-last/complete_length` at `to`, which has room for kMaxContentRange; returns the number
/// of characters.
std::size_t write_content_range(char* to, ByteRange range, std::uint64_t complete_length) noexcept;

/// Writes `bytes */complete_length`, for a 416, at `to`, which has room for kMaxContentRange; returns the
/// number of characters.
std::size_t write_unsatisfied_range(char* to, std::uint64_t complete_length) noexcept;

}  // namespace forebay::http
