#include "forebay/cache/coded_tag.hpp"

#include "forebay/http/validators.hpp"

namespace forebay::cache {
namespace {

constexpr char kMark = '~';

/// The length of "~br" before the closing quote; 0 without such a suffix.
std::size_t suffix_size(std::string_view tag) noexcept {
  const auto parsed = http::parse_entity_tag(tag);
  if (!parsed || parsed->weak) return 0;
  const auto mark = tag.rfind(kMark);
  if (mark == tag.npos) return 0;
  const auto named = tag.substr(mark + 1, tag.size() - mark - 2);
  const auto coding = http::parse_coding(named);
  return coding && named == http::token(*coding) ? named.size() + 1 : 0;
}

}  // namespace

std::string coded_tag(std::string_view tag, http::Coding coding) {
  std::string out(tag);
  const auto parsed = http::parse_entity_tag(tag);
  if (!parsed || parsed->weak) return out;
  out.pop_back();
  return out.append(1, kMark).append(http::token(coding)).append(1, '"');
}

std::string uncoded_tag(std::string_view tag) {
  std::string out(tag);
  if (const auto size = suffix_size(tag); size > 0) out.erase(tag.size() - 1 - size, size);
  return out;
}

std::string origin_tag(const StoredResponse& stored) {
  return stored.recoded_from() ? uncoded_tag(stored.etag()) : std::string(stored.etag());
}

std::string origin_tags(std::string_view list) {
  std::string out;
  while (const auto tag = http::next_tag(list)) {
    if (!out.empty()) out += ", ";
    out += uncoded_tag(*tag);
  }
  return out;
}

std::string_view client_tag(const http::Fields& request, std::string_view origins) {
  for (const auto& line : request) {
    if (line.id != http::FieldId::if_none_match) continue;
    auto list = line.value;
    while (const auto tag = http::next_tag(list))
      if (uncoded_tag(*tag) == origins) return *tag;
  }
  return {};
}

}  // namespace forebay::cache
