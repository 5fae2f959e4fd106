#include "fetched_part.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "forebay/cache/incomplete.hpp"
#include "forebay/http/validators.hpp"

namespace forebay::proxy {
void append_range_fields(std::string& head, const AskedPart& part, const cache::StoredResponse* stored) {
  http::append_field(head, "Range",
                     "bytes=" + std::to_string(part.range.first) + "-" + std::to_string(part.range.last));
  if (!part.slice && stored) http::append_field(head, "If-Range", stored->etag());
}

bool is_asked_part(const AskedPart& part, upstream::Reply& reply, const cache::StoredResponse* stored) {
  const auto got = cache::part_of(reply.head());
  if (!got || got->range.first != part.range.first ||
      got->range.last != std::min(part.range.last, got->complete_length - 1) ||
      reply.body().length().value_or(got->range.size()) != got->range.size())
    return false;
  const auto etag = reply.head().fields.find(http::FieldId::etag).value_or("");
  if (!part.slice) return stored && cache::same_representation(*stored, etag, got->complete_length);
  const auto tag = http::parse_entity_tag(etag);
  return got->is_whole() ||
         (tag && !tag->weak);  // RFC 9110 §15.3.7.3: what tells which parts belong together
}

bool is_of_no_use(const AskedPart& part, upstream::Reply& reply, const cache::StoredResponse* stored) {
  switch (reply.head().status) {
    case 206: return !part.slice && !is_asked_part(part, reply, stored);
    case 416: return !part.slice || part.range.first == 0;
    default: return false;
  }
}

void append_stored(flight::BodyFeed& feed, const cache::StoredResponse& stored, http::ByteRange range) {
  const auto first = cache::offset_in_body(stored, range.first);
  std::vector<cache::Slice> slices;
  cache::append_range(slices, *stored.body(), {first, first + range.size() - 1});
  for (auto& slice : slices) feed.append(std::move(slice));
}

std::string slice_key(const cache::StoredResponse& head, std::uint64_t slice_bytes, std::uint64_t index) {
  std::string key(head.key());
  key.append("\n").append(head.vary_names()).append("\n").append(head.variant_key());
  key.append("\n").append(head.etag()).append("\n").append(std::to_string(head.complete_length()));
  key.append("\n").append(std::to_string(slice_bytes)).append("*").append(std::to_string(index));
  return key;
}

http::ByteRange slice_range(std::uint64_t slice_bytes, std::uint64_t index, std::uint64_t complete_length) {
  const auto first = index * slice_bytes;
  return {first, std::min(first + slice_bytes, complete_length) - 1};
}

cache::StoredResponsePtr keep_slice(const cache::StoredResponse& head, std::uint64_t slice_bytes,
                                    std::uint64_t index, const cache::BodyPtr& body) {
  const auto key = slice_key(head, slice_bytes, index);
  const auto range = slice_range(slice_bytes, index, head.complete_length());
  cache::StoredParts parts;
  parts.key = key;
  parts.freshness = head.freshness();
  parts.position = head.position();
  parts.body = body;
  parts.complete_length = head.complete_length();
  parts.held = {&range, 1};
  return cache::StoredResponse::make(parts);
}

}  // namespace forebay::proxy
