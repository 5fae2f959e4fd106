// Content codings that forebay can make and undo (RFC 9110 §8.4.1), and which of them a request accepts
// (§12.5.3). All pure, noexcept and without allocation: the memory-hit path asks for every request.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "forebay/http/headers.hpp"

namespace forebay::http {

enum class Coding : std::uint8_t {
  identity,  // no coding at all: not to be named in Content-Encoding (RFC 9110 §8.4)
  gzip,      // RFC 1952
  br,        // RFC 7932
  zstd,      // RFC 8878, with a window of at most 8 MiB (RFC 9659)
};
inline constexpr unsigned kCodings = static_cast<unsigned>(Coding::zstd) + 1;

/// As it stands in a field: "gzip".
std::string_view token(Coding coding) noexcept;
/// Case-insensitive, and "x-gzip" is gzip (RFC 9110 §8.4.1, §8.4.1.3). Nothing for a coding that forebay does
/// not know and for surrounding whitespace.
std::optional<Coding> parse_coding(std::string_view text) noexcept;

class CodingSet {
 public:
  constexpr CodingSet() = default;
  constexpr CodingSet(std::initializer_list<Coding> codings) {
    for (const auto coding : codings) insert(coding);
  }
  static constexpr CodingSet all() noexcept {
    return {Coding::identity, Coding::gzip, Coding::br, Coding::zstd};
  }

  constexpr void insert(Coding coding) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | 1U << static_cast<unsigned>(coding));
  }
  constexpr bool contains(Coding coding) const noexcept {
    return (bits_ >> static_cast<unsigned>(coding)) & 1U;
  }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  friend constexpr bool operator==(CodingSet, CodingSet) = default;

 private:
  std::uint8_t bits_ = 0;
};

/// The codings that the request's Accept-Encoding does not rule out (RFC 9110 §12.5.3): all when there is no
/// such field, only identity when its list is empty. Malformed and unknown members are ignored; of several
/// members for one coding the lowest weight counts, so that a refusal is never talked away. Empty when even
/// identity is refused.
CodingSet acceptable_codings(const Fields& request) noexcept;

/// The coding that the request prefers: the greatest weight, and among equals the first of `offered`.
/// Identity is offered always, and comes last; one that is acceptable without being listed, last of all. A
/// request without Accept-Encoding gets identity: such a client most likely decodes nothing, though it may be
/// sent anything. Identity also when nothing is acceptable: the field is a preference, and a server may
/// disregard it (§12.1, §12.5.3).
Coding best_coding(const Fields& request, std::span<const Coding> offered) noexcept;

/// The coding of a response's content: identity without Content-Encoding. Nothing for several codings and for
/// one that is not known here.
std::optional<Coding> content_coding(const Fields& response) noexcept;

}  // namespace forebay::http
