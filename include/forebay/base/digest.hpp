// 128-bit digests of keys: XXH3-128 with seed 0, in canonical (big-endian) form. Persisted, so frozen by test
// vectors. Not collision-resistant against an adversary: whoever stores by digest also keeps and compares the
// full key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace forebay {

struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(const Digest&, const Digest&) = default;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the implied `<=> ... < 0` for a null pointer
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

Digest digest(std::string_view bytes) noexcept;
/// The digest of the pieces one behind the other.
Digest digest(std::span<const std::string_view> pieces);
/// The first half of the SHA-256 of the pieces, each with its length before it ("ab", "c" is not "a", "bc"):
/// for what nobody keeps to compare. Nobody can make a text that has another one's; to find any two texts
/// with the same takes some 2^64 attempts. As frozen as the others, and much slower. Throws std::bad_alloc.
Digest strong_digest(std::span<const std::string_view> pieces);
/// 32 lower-case hexadecimal digits.
std::string to_hex(const Digest& digest);
inline constexpr std::size_t kHexDigits = 32;
/// The same at `out`, which has room for them; returns its end.
char* write_hex(char* out, const Digest& digest) noexcept;
/// The digest whose to_hex() this is; nothing for any other text.
std::optional<Digest> from_hex(std::string_view text) noexcept;

namespace detail {
/// Drawn once, before main. Tables that hash by it must not be filled by the initialisers of other globals.
struct SpreadSecret {
  std::uint64_t high;
  std::uint64_t low;
};
extern const SpreadSecret kSpreadSecret;
__extension__ using Product = unsigned __int128;
inline Product product(const Digest& digest, const SpreadSecret& secret) noexcept {
  return static_cast<Product>(digest.high ^ secret.high) * (digest.low ^ secret.low);
}
/// Multiplied twice, as wyhash ends: after one product, digests that differ in few bits all fall into a few
/// shards under one secret in 800.
inline std::uint64_t spread(const Digest& digest, const SpreadSecret& secret) noexcept {
  const auto once = product(digest, secret);
  const auto twice =
      product({static_cast<std::uint64_t>(once >> 64), static_cast<std::uint64_t>(once)}, secret);
  return static_cast<std::uint64_t>(twice) ^ static_cast<std::uint64_t>(twice >> 64);
}
}  // namespace detail

/// Mixes a digest with a secret that is random per process, so that nobody outside can choose which keys
/// share a shard or a bucket of an in-memory table.
inline std::uint64_t spread(const Digest& digest) noexcept {
  return detail::spread(digest, detail::kSpreadSecret);
}

struct DigestHash {
  std::size_t operator()(const Digest& digest) const noexcept {
    return static_cast<std::size_t>(spread(digest));
  }
};

}  // namespace forebay
