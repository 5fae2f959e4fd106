// ASCII text helpers. All pure and locale-free; none allocates unless it returns a std::string.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace forebay {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// A set of bytes, decided by one look into a table that is made at compile time:
/// `constexpr CharSet kOws{" \t"};`
class CharSet {
 public:
  constexpr explicit CharSet(std::string_view members) {
    for (const char c : members) member_[static_cast<unsigned char>(c)] = true;
  }
  constexpr CharSet with_alphanumerics() const {
    auto set = *this;
    for (unsigned c = 0; c < 128; ++c) {
      if (is_digit(static_cast<char>(c)) || is_alpha(static_cast<char>(c))) set.member_[c] = true;
    }
    return set;
  }
  constexpr bool contains(char c) const noexcept { return member_[static_cast<unsigned char>(c)]; }
  constexpr bool contains_all(std::string_view text) const noexcept {
    for (const char c : text) {
      if (!contains(c)) return false;
    }
    return true;
  }

 private:
  std::array<bool, 256> member_{};
};

/// tchar (RFC 9110 §5.6.2).
inline constexpr auto kTokenChars = CharSet{"!#$%&'*+-.^_`|~"}.with_alphanumerics();
constexpr bool is_token_char(char c) noexcept { return kTokenChars.contains(c); }
/// True for a non-empty token (RFC 9110 §5.6.2).
constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && kTokenChars.contains_all(text);
}

/// Equal but for ASCII case. Bytes above 0x7f equal themselves only.
bool iequals(std::string_view a, std::string_view b) noexcept;
std::string lower(std::string_view text);
/// Without leading and trailing SP and HTAB (OWS, RFC 9110 §5.6.3).
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// 1*DIGIT and nothing else. Nothing on an empty text, another character or a value above 2^64-1.
std::optional<std::uint64_t> parse_decimal(std::string_view digits) noexcept;
/// 1*DIGIT and nothing else; a value above `cap` becomes `cap` (delta-seconds, RFC 9111 §1.2.2).
std::optional<std::uint64_t> parse_decimal_capped(std::string_view digits, std::uint64_t cap) noexcept;

/// Room for any std::uint64_t in decimal.
inline constexpr std::size_t kMaxDecimalDigits = 20;
/// Writes `value` in decimal at `out`, which has room for kMaxDecimalDigits; returns the number of
/// characters.
std::size_t write_decimal(char* out, std::uint64_t value) noexcept;

/// Levenshtein distance, for "did you mean": small inputs only (quadratic).
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace forebay
