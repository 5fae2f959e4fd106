#include "forebay/base/base64url.hpp"

#include <cstdint>

#include "forebay/base/strings.hpp"

namespace forebay {
namespace {

/// The six bits of a character; 64 for one that is not in the alphabet.
std::uint32_t bits_of(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (is_digit(c)) return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '-') return 62;
  return c == '_' ? 63 : 64;
}

}  // namespace

std::optional<std::string> decode_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t held = 0;
  unsigned count = 0;  // bits in `held` that are not written yet
  for (const char c : text) {
    const auto bits = bits_of(c);
    if (bits > 63) return std::nullopt;
    held = (held << 6 | bits) & 0xFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(held >> count & 0xFF);
  }
  if ((held & ((1U << count) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace forebay
