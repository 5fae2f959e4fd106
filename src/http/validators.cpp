#include "forebay/http/validators.hpp"

#include "forebay/base/strings.hpp"

namespace forebay::http {
namespace {

/// etagc (RFC 9110 §8.8.3): VCHAR except double quotes, and obs-text.
bool is_tag_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

bool lists(std::string_view value, const EntityTag& tag, Comparison how) noexcept {
  while (const auto member = next_tag(value)) {
    const auto listed = parse_entity_tag(*member);
    if (!listed) continue;
    if (how == Comparison::strong ? strongly_equal(*listed, tag) : weakly_equal(*listed, tag)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string_view> next_tag(std::string_view& list) noexcept {
  while (!list.empty()) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < list.size() && (quoted || list[end] != ','); ++end) quoted = quoted != (list[end] == '"');
    const auto member = trim(list.substr(0, end));
    list.remove_prefix(end < list.size() ? end + 1 : end);
    if (!member.empty()) return member;
  }
  return std::nullopt;
}

std::optional<EntityTag> parse_entity_tag(std::string_view text) noexcept {
  EntityTag tag;
  tag.weak = text.starts_with("W/");  // case-sensitive
  if (tag.weak) text.remove_prefix(2);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  for (const char c : text.substr(1, text.size() - 2)) {
    if (!is_tag_char(c)) return std::nullopt;
  }
  tag.opaque = text;
  return tag;
}

bool strongly_equal(const EntityTag& a, const EntityTag& b) noexcept {
  return !a.weak && !b.weak && a.opaque == b.opaque;
}

bool weakly_equal(const EntityTag& a, const EntityTag& b) noexcept { return a.opaque == b.opaque; }

bool lists_tag(const Fields& fields, FieldId id, const std::optional<EntityTag>& tag,
               Comparison how) noexcept {
  for (const auto& line : fields) {
    if (line.id != id) continue;
    if (line.value == "*")
      return true;  // beside other members it is malformed (RFC 9110 §13.1.1) and matches nothing
    if (tag && lists(line.value, *tag, how)) return true;
  }
  return false;
}

}  // namespace forebay::http
