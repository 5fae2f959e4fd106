#include "tier/redis_slot.hpp"

#include <array>

namespace forebay::tier {
namespace {

constexpr std::uint16_t kPolynomial = 0x1021;

constexpr std::array<std::uint16_t, 256> make_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) != 0 ? crc << 1 ^ kPolynomial : crc << 1;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}
constexpr auto kTable = make_table();

constexpr std::uint16_t crc16(std::string_view bytes) noexcept {
  unsigned crc = 0;
  for (const char c : bytes) {
    const unsigned index = (crc >> 8 ^ static_cast<unsigned char>(c)) & 0xffU;
    crc = (crc << 8 ^ kTable[index]) & 0xffffU;
  }
  return static_cast<std::uint16_t>(crc);
}
static_assert(crc16("123456789") == 0x31c3);  // the check value of CRC-16/XMODEM

std::string_view hashed_part(std::string_view key) noexcept {
  const auto open = key.find('{');
  if (open == key.npos) return key;
  const auto close = key.find('}', open + 1);
  if (close == key.npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

}  // namespace

std::uint16_t redis_slot(std::string_view key) noexcept {
  return static_cast<std::uint16_t>(crc16(hashed_part(key)) % kRedisSlots);
}

}  // namespace forebay::tier
