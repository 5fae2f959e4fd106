#include "ranges.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <vector>

#include "answers.hpp"
#include "forebay/base/digest.hpp"
#include "forebay/http/conditional.hpp"

namespace forebay::proxy {
namespace {

using http::FieldId;

/// "bytes=0-"
constexpr http::RangeSpec kEverything{http::RangeSpec::Form::interval, 0, UINT64_MAX};

/// RFC 9110 §14.2: only GET knows ranges. Several Range lines are no list, so nobody can mean them.
std::optional<http::RangeRequest> asked_ranges(const http::RequestHead& request) noexcept {
  if (request.method != http::Method::get || request.fields.count(FieldId::range) != 1) return std::nullopt;
  return http::parse_range(*request.fields.find(FieldId::range));
}

/// The stored fields under another status line, without those that say how long or what the whole is.
void append_stored_fields(std::string& out, const cache::StoredResponse& response, http::FieldSet left_out) {
  http::append_status_line(out, 206);
  http::for_each_line(response.head(), [&](std::string_view name, std::string_view value) {
    if (!left_out.contains(http::field_id(name))) http::append_field(out, name, value);
  });
}

void append_content_range(std::string& out, http::ByteRange range, std::uint64_t length) {
  std::array<char, http::kMaxContentRange> value;
  const auto size = http::write_content_range(value.data(), range, length);
  http::append_field(out, "Content-Range", {value.data(), size});
}

/// A line that does not occur in the content: nobody outside knows the secret that it is made from.
std::string boundary_for(const Exchange& x, WallTime now) {
  const auto ticks = std::to_string(now.time_since_epoch().count());
  const Digest salted = digest(std::string(x.key.text) + '\n' + ticks);
  return to_hex({spread(salted), spread({salted.low, salted.high})});
}

cache::Slice slice_of(std::string_view text) {
  auto chunk = cache::Chunk::allocate(static_cast<std::uint32_t>(text.size()));
  std::memcpy(chunk->data(), text.data(), text.size());
  return {std::move(chunk), 0, static_cast<std::uint32_t>(text.size())};
}

/// RFC 9110 §14.6: each range behind a head of its own.
cache::BodyPtr multipart_body(const cache::StoredResponse& stored, std::span<const http::ByteRange> ranges,
                              std::string_view boundary) {
  const auto type = http::fields_of(stored.head()).find(FieldId::content_type);
  std::vector<cache::Slice> slices;
  for (const auto& range : ranges) {
    std::string head("\r\n--");
    head.append(boundary).append("\r\n");
    if (type) http::append_field(head, "Content-Type", *type);
    append_content_range(head, range, stored.body_size());
    slices.push_back(slice_of(head.append("\r\n")));
    std::vector<cache::Slice> part(stored.body()->slices().begin(), stored.body()->slices().end());
    std::uint64_t at = 0;
    cut(part, at, range);
    std::move(part.begin(), part.end(), std::back_inserter(slices));
  }
  slices.push_back(slice_of("\r\n--" + std::string(boundary) + "--\r\n"));
  return cache::Body::from(slices);
}

void answer_unsatisfiable(Exchange& x, std::uint64_t length, Answer& answer, WallTime now) {
  const auto extra = answer.extra;
  answer = error_answer(x, 416, "the range lies outside of the representation", nullptr, now);
  answer.extra = extra;
  std::array<char, http::kMaxContentRange> value;
  const auto size = http::write_unsatisfied_range(value.data(), length);
  http::append_field(x.scratch.head, "Content-Range", {value.data(), size});
  answer.head = x.scratch.head;
}

}  // namespace

Wanted wanted_of(const Exchange& x, const cache::StoredResponse& response, std::uint64_t length,
                 WallTime now) {
  if (!x.request.fields.has(FieldId::range) || response.status() != 200 || length == 0) return {};
  const auto asked = asked_ranges(x.request);
  if (!asked) return {};
  if (x.request.fields.has(FieldId::if_range)) {
    auto selected = response.representation();
    selected.date = response.date();
    if (!http::if_range_holds(x.request.fields, selected, now)) return {};
  }
  Wanted wanted{Wanted::part, http::resolve(*asked, length)};
  if (wanted.ranges.kind == http::ResolvedRanges::Kind::unsatisfiable) wanted.kind = Wanted::unsatisfiable;
  if (wanted.ranges.count > 1) wanted.kind = Wanted::parts;
  return wanted;
}

bool wants_the_beginning(const http::RequestHead& request) noexcept {
  if (!request.fields.has(FieldId::range)) return true;
  const auto asked = asked_ranges(request);
  return !asked || (asked->count == 1 && asked->specs[0] == kEverything);
}

void write_part_head(std::string& out, const cache::StoredResponse& response, http::ByteRange range,
                     std::uint64_t length) {
  out.clear();
  append_stored_fields(out, response, {FieldId::content_length});
  append_content_range(out, range, length);
}

void cut(std::vector<cache::Slice>& slices, std::uint64_t& at, http::ByteRange range) {
  for (auto& slice : slices) {
    const auto from = std::clamp(range.first, at, at + slice.size);
    const auto to = std::clamp(range.last + 1, from, at + slice.size);
    at += slice.size;
    slice.offset += static_cast<std::uint32_t>(from - (at - slice.size));
    slice.size = static_cast<std::uint32_t>(to - from);
  }
  std::erase_if(slices, [](const cache::Slice& slice) { return slice.size == 0; });
}

void answer_ranges(Exchange& x, const cache::StoredResponse& stored, const Wanted& wanted, Answer& answer,
                   WallTime now) {
  auto& head = x.scratch.head;
  switch (wanted.kind) {
    case Wanted::whole: return;
    case Wanted::unsatisfiable: return answer_unsatisfiable(x, stored.body_size(), answer, now);
    case Wanted::part:
      write_part_head(head, stored, wanted.ranges.ranges[0], stored.body_size());
      answer.part = wanted.ranges.ranges[0];
      break;
    case Wanted::parts: {
      const auto boundary = boundary_for(x, now);
      head.clear();
      append_stored_fields(head, stored, {FieldId::content_length, FieldId::content_type});
      http::append_field(head, "Content-Type", "multipart/byteranges; boundary=" + boundary);
      answer.made_body = multipart_body(stored, wanted.ranges.view(), boundary);
      answer.body = answer.made_body.get();
      break;
    }
  }
  http::append_field(head, "Content-Length", std::to_string(answer.body_size()));
  answer.status = 206;
  answer.head = head;
}

}  // namespace forebay::proxy
