#include "forebay/cache/incomplete.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"
#include "forebay/http/validators.hpp"

namespace forebay::cache {
namespace {

using http::ByteRange;
using http::FieldId;

/// RFC 9110 §14.6: then the ranges stand in the content.
bool has_several_parts(const http::Fields& fields) noexcept {
  constexpr std::string_view kMultipart = "multipart/byteranges";
  const auto type = fields.find(FieldId::content_type);
  return type && iequals(type->substr(0, kMultipart.size()), kMultipart);
}

const ByteRange* range_with(const StoredResponse& incomplete, std::uint64_t first) noexcept {
  const auto held = incomplete.held();
  const auto at = std::find_if(held.begin(), held.end(),
                               [&](const ByteRange& r) { return r.first <= first && first <= r.last; });
  return at == held.end() ? nullptr : &*at;
}

/// Bytes of a body, and where in the representation they stand.
struct Piece {
  ByteRange range;
  const Body* body = nullptr;
  std::uint64_t offset = 0;  // of the range's first byte in the body
};

/// What of the stored ranges lies outside of the part, and the part: disjoint and in order.
std::vector<Piece> pieces_of(const StoredResponse& stored, const Part& part, const Body& body) {
  std::vector<Piece> pieces{{part.range, &body, 0}};
  std::uint64_t offset = 0;
  for (const auto& range : stored.held()) {
    if (range.first < part.range.first)
      pieces.push_back(
          {{range.first, std::min(range.last, part.range.first - 1)}, stored.body().get(), offset});
    if (range.last > part.range.last) {
      const auto first = std::max(range.first, part.range.last + 1);
      pieces.push_back({{first, range.last}, stored.body().get(), offset + (first - range.first)});
    }
    offset += range.size();
  }
  std::sort(pieces.begin(), pieces.end(),
            [](const Piece& a, const Piece& b) { return a.range.first < b.range.first; });
  return pieces;
}

}  // namespace

std::optional<Part> part_of(const http::ResponseHead& response) noexcept {
  const auto& fields = response.fields;
  if (response.status != 206 || fields.count(FieldId::content_range) != 1 || has_several_parts(fields))
    return std::nullopt;
  const auto content = http::parse_content_range(*fields.find(FieldId::content_range));
  if (!content || !content->complete_length) return std::nullopt;
  const Part part{{content->first, content->last}, *content->complete_length};
  const auto length = fields.find(FieldId::content_length);
  if (length && parse_decimal(*length) != part.range.size()) return std::nullopt;
  return part;
}

http::ResponseHead head_of_whole(const http::ResponseHead& partial) {
  http::ResponseHead whole{200, {}, partial.minor_version, {}};
  for (const auto& field : partial.fields)
    if (field.id != FieldId::content_range && field.id != FieldId::content_length)
      whole.fields.add(field.id, field.name, field.value);
  return whole;
}

bool has_strong_tag(const StoredResponse& stored) noexcept {
  const auto tag = http::parse_entity_tag(stored.etag());
  return tag && !tag->weak;
}

bool same_representation(const StoredResponse& a, const StoredResponse& b) noexcept {
  return same_representation(a, b.etag(), b.complete_length());
}

bool same_representation(const StoredResponse& stored, std::string_view etag,
                         std::uint64_t complete_length) noexcept {
  const auto own = http::parse_entity_tag(stored.etag());
  const auto other = http::parse_entity_tag(etag);
  return own && other && http::strongly_equal(*own, *other) && stored.complete_length() == complete_length;
}

bool holds(const StoredResponse& incomplete, ByteRange range) noexcept {
  const auto* const held = range_with(incomplete, range.first);
  return held != nullptr && range.last <= held->last;
}

std::uint64_t offset_in_body(const StoredResponse& incomplete, std::uint64_t first) noexcept {
  std::uint64_t offset = 0;
  for (const auto& range : incomplete.held()) {
    if (first <= range.last) return offset + (first - range.first);
    offset += range.size();
  }
  return offset;
}

std::optional<ByteRange> missing_range(const StoredResponse& incomplete) noexcept {
  std::optional<ByteRange> missing;
  std::uint64_t next = 0;
  const auto gap_before = [&](std::uint64_t first) {
    if (next == first) return true;
    if (missing) return false;
    missing = ByteRange{next, first - 1};
    return true;
  };
  for (const auto& range : incomplete.held()) {
    if (!gap_before(range.first)) return std::nullopt;
    next = range.last + 1;
  }
  return gap_before(incomplete.complete_length()) ? missing : std::nullopt;
}

Content combined(const StoredResponse& stored, const Part& part, const BodyPtr& body, std::uint64_t max_body,
                 BodyAccount* account) {
  Content content{nullptr, part.complete_length, {}};
  std::vector<Slice> slices;
  std::uint64_t size = 0;
  for (const auto& piece : pieces_of(stored, part, *body)) {
    append_range(slices, *piece.body, {piece.offset, piece.offset + piece.range.size() - 1});
    size += piece.range.size();
    if (!content.held.empty() && content.held.back().last + 1 == piece.range.first)
      content.held.back().last = piece.range.last;
    else
      content.held.push_back(piece.range);
  }
  if (size > max_body || content.held.size() > kMaxHeldRanges)
    return {body, part.complete_length, {part.range}};
  content.body = Body::from(slices, account);
  if (size == part.complete_length) return {content.body, std::nullopt, {}};
  return content;
}

}  // namespace forebay::cache
