#include "forebay/base/strings.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>
#include <system_error>
#include <utility>
#include <vector>

namespace forebay {
namespace {

/// Lower-cases the ASCII letters of all bytes of a word at once. No sum carries from one byte into the next:
/// the top bit of every byte is cleared first.
template <class Word>
constexpr Word lower_word(Word word) noexcept {
  constexpr Word kOnes = static_cast<Word>(~Word{0}) / 0xff;
  const Word low_bits = word & (kOnes * 0x7f);
  const Word from_a = low_bits + kOnes * (0x80 - 'A');
  const Word above_z = low_bits + kOnes * (0x7f - 'Z');
  const Word is_upper = (from_a ^ above_z) & ~word & (kOnes * 0x80);
  return word | (is_upper >> 2);  // 0x80 >> 2 is 0x20, the bit that tells the cases apart
}

template <class Word>
bool words_equal(const char* a, const char* b) noexcept {
  Word x;
  Word y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return lower_word(x) == lower_word(y);
}

/// Compares `size` >= sizeof(Word) bytes; the last word overlaps the one before it.
template <class Word>
bool spans_equal(const char* a, const char* b, std::size_t size) noexcept {
  const auto last = size - sizeof(Word);
  for (std::size_t at = 0; at < last; at += sizeof(Word)) {
    if (!words_equal<Word>(a + at, b + at)) return false;
  }
  return words_equal<Word>(a + last, b + last);
}

}  // namespace

bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  if (a.size() >= sizeof(std::uint64_t)) return spans_equal<std::uint64_t>(a.data(), b.data(), a.size());
  if (a.size() >= sizeof(std::uint32_t)) return spans_equal<std::uint32_t>(a.data(), b.data(), a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result) c = to_lower(c);
  return result;
}

std::optional<std::uint64_t> parse_decimal(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);  // takes no sign and no space
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_decimal_capped(std::string_view digits, std::uint64_t cap) noexcept {
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  return std::min(parse_decimal(digits).value_or(cap), cap);
}

std::size_t write_decimal(char* out, std::uint64_t value) noexcept {
  return static_cast<std::size_t>(std::to_chars(out, out + kMaxDecimalDigits, value).ptr - out);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() +
                               1);  // distances between the prefix of `a` so far and every prefix of `b`
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace forebay
