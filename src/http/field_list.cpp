#include "forebay/http/field_list.hpp"

#include "forebay/base/strings.hpp"

namespace forebay::http {
namespace {

/// Where the quoted-string that opens at `begin` ends: behind its closing quote, or at the end of the text.
std::size_t end_of_quoted(std::string_view text, std::size_t begin) noexcept {
  for (auto at = begin + 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;  // quoted-pair: whatever follows does not close
  }
  return text.size();
}

/// qdtext or what may follow a backslash (RFC 9110 §5.6.4): HTAB, SP, VCHAR, obs-text.
bool is_text_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

}  // namespace

std::optional<std::string_view> next_element(std::string_view& list) noexcept {
  while (!list.empty()) {
    std::size_t end = 0;
    while (end < list.size() && list[end] != ',') end = list[end] == '"' ? end_of_quoted(list, end) : end + 1;
    const auto element = trim(list.substr(0, end));
    list.remove_prefix(end < list.size() ? end + 1 : end);
    if (!element.empty()) return element;  // empty elements are ignored (RFC 9110 §5.6.1.2)
  }
  return std::nullopt;
}

bool has_open_quote(std::string_view text) noexcept {
  bool open = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') open = !open;
    if (open && text[at] == '\\') ++at;
  }
  return open;
}

bool has_element(const Fields& fields, FieldId id, std::string_view element) noexcept {
  bool found = false;
  for_each_element(fields, id, [&](std::string_view each) { found = found || iequals(each, element); });
  return found;
}

std::string joined(const Fields& fields, std::string_view name) {
  std::string value;
  bool first = true;
  for (const auto& line : fields) {
    if (!iequals(line.name, name)) continue;
    if (!first) value.append(", ");
    value.append(line.value);
    first = false;
  }
  return value;
}

std::optional<std::string> unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || end_of_quoted(text, 0) != text.size()) return std::nullopt;
  std::string result;
  result.reserve(text.size() - 2);
  for (std::size_t at = 1; at < text.size() - 1; ++at) {
    if (text[at] == '\\') ++at;
    if (at == text.size() - 1 || !is_text_char(text[at]))
      return std::nullopt;  // the closing quote was escaped
    result.push_back(text[at]);
  }
  if (text.back() != '"') return std::nullopt;
  return result;
}

}  // namespace forebay::http
