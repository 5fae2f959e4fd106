#include "forebay/base/digest.hpp"

#include <xxhash.h>

#include <memory>
#include <new>
#include <random>

namespace forebay {
namespace {

std::uint64_t random_word() {
  std::random_device source;
  return (std::uint64_t{source()} << 32) | source();
}

void write_word(char* out, std::uint64_t value) noexcept {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) *out++ = kDigits[(value >> shift) & 0xf];
}

}  // namespace

namespace detail {
// Odd, so that neither factor of the product loses its low bit by design.
const SpreadSecret kSpreadSecret{random_word() | 1, random_word() | 1};
}  // namespace detail

Digest digest(std::string_view bytes) noexcept {
  const auto hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

Digest digest(std::span<const std::string_view> pieces) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
  if (!state) throw std::bad_alloc();
  XXH3_128bits_reset(state.get());
  for (const auto piece : pieces) XXH3_128bits_update(state.get(), piece.data(), piece.size());
  const auto hash = XXH3_128bits_digest(state.get());
  return {hash.high64, hash.low64};
}

char* write_hex(char* out, const Digest& digest) noexcept {
  write_word(out, digest.high);
  write_word(out + kHexDigits / 2, digest.low);
  return out + kHexDigits;
}

std::string to_hex(const Digest& digest) {
  std::string text(kHexDigits, '0');
  write_hex(text.data(), digest);
  return text;
}

}  // namespace forebay
