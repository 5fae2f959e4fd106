#include "forebay/base/digest.hpp"

#include <openssl/evp.h>
#include <xxhash.h>

#include <array>
#include <memory>
#include <new>
#include <random>

namespace forebay {
namespace {

std::uint64_t random_word() {
  std::random_device source;
  return (std::uint64_t{source()} << 32) | source();
}

/// In big-endian form.
std::array<unsigned char, 8> bytes_of(std::uint64_t value) noexcept {
  std::array<unsigned char, 8> bytes{};
  for (auto at = bytes.rbegin(); at != bytes.rend(); ++at, value >>= 8) *at = value & 0xff;
  return bytes;
}

std::uint64_t word_at(const unsigned char* bytes) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | bytes[i];
  return value;
}

constexpr std::string_view kDigits = "0123456789abcdef";

void write_word(char* out, std::uint64_t value) noexcept {
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

Digest strong_digest(std::span<const std::string_view> pieces) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!state || EVP_DigestInit_ex(state.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  for (const auto piece : pieces) {
    const auto size = bytes_of(piece.size());
    EVP_DigestUpdate(state.get(), size.data(), size.size());
    EVP_DigestUpdate(state.get(), piece.data(), piece.size());
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  EVP_DigestFinal_ex(state.get(), hash.data(), nullptr);
  return {word_at(hash.data()), word_at(hash.data() + 8)};
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

std::optional<Digest> from_hex(std::string_view text) noexcept {
  if (text.size() != kHexDigits) return std::nullopt;
  std::array<std::uint64_t, 2> words{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = kDigits.find(text[i]);
    if (digit == kDigits.npos) return std::nullopt;
    auto& word = words[i / (kHexDigits / 2)];
    word = word << 4U | digit;
  }
  return Digest{words[0], words[1]};
}

}  // namespace forebay
