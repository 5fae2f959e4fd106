#include "forebay/observe/escape.hpp"

#include <boost/locale/utf.hpp>

namespace forebay::observe {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_plain(char c) noexcept {
  return !is_control(c) && static_cast<unsigned char>(c) < 0x80 && c != '"' && c != '\\';
}

void append_hex(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (is_plain(c)) {
      out += c;
    } else {
      append_hex(out, c);
    }
  }
}

void append_column(std::string& out, std::string_view text) {
  if (text.empty()) out += '-';
  for (const char c : text) {
    if (is_plain(c) && c != ' ') {
      out += c;
    } else {
      append_hex(out, c);
    }
  }
}

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_control(c)) {
      append_hex(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

std::string valid_utf8(std::string_view text) {
  using Traits = boost::locale::utf::utf_traits<char>;
  std::string out;
  out.reserve(text.size());
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const char* next = at;
    const auto point = Traits::decode(next, end);
    if (point == boost::locale::utf::illegal || point == boost::locale::utf::incomplete) {
      out += kReplacement;
      ++at;  // only the byte at fault: what follows may be an innocent character
    } else {
      out.append(at, next);
      at = next;
    }
  }
  return out;
}

}  // namespace forebay::observe
