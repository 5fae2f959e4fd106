#include "ranges.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "answers.hpp"
#include "forebay/base/digest.hpp"
#include "forebay/base/strings.hpp"
#include "forebay/cache/incomplete.hpp"
#include "forebay/http/conditional.hpp"

namespace forebay::proxy {
namespace {

using http::FieldId;

/// RFC 9110 §14.2: only GET knows ranges. Several Range lines are no list, so nobody can mean them.
std::optional<http::RangeRequest> asked_ranges(const http::RequestHead& request) noexcept {
  if (request.method != http::Method::get || request.fields.count(FieldId::range) != 1) return std::nullopt;
  return http::parse_range(*request.fields.find(FieldId::range));
}

/// What a 206 does not have of the stored 200: what is said about the content of the whole (RFC 9110 §8.6,
/// RFC 9530 §2), and what a part says for itself.
bool is_of_the_whole(std::string_view name, bool multipart) noexcept {
  const auto id = http::field_id(name);
  return id == FieldId::content_length || id == FieldId::content_range ||
         (multipart && id == FieldId::content_type) || iequals(name, "Content-MD5") ||
         iequals(name, "Content-Digest");
}

void append_stored_fields(std::string& out, const cache::StoredResponse& response, bool multipart) {
  http::append_status_line(out, 206);
  http::for_each_line(response.head(), [&](std::string_view name, std::string_view value) {
    if (!is_of_the_whole(name, multipart)) http::append_field(out, name, value);
  });
}

void append_content_range(std::string& out, http::ByteRange range, std::uint64_t length) {
  std::array<char, http::kMaxContentRange> value;
  const auto size = http::write_content_range(value.data(), range, length);
  http::append_field(out, "Content-Range", {value.data(), size});
}

/// A line that does not occur in the content: nobody can know it beforehand.
std::string make_boundary() {
  std::random_device random;
  const auto draw = [&] { return std::uint64_t{random()} << 32 | random(); };
  return to_hex({draw(), draw()});
}

cache::Slice slice_of(std::string_view text, cache::BodyAccount* account) {
  auto chunk = cache::Chunk::allocate(static_cast<std::uint32_t>(text.size()), account);
  std::memcpy(chunk->data(), text.data(), text.size());
  return {std::move(chunk), 0, static_cast<std::uint32_t>(text.size())};
}

/// Where a range that a response holds stands in its body.
http::ByteRange in_body(const cache::StoredResponse& stored, http::ByteRange range) noexcept {
  if (!stored.is_incomplete()) return range;
  const auto first = cache::offset_in_body(stored, range.first);
  return {first, first + range.size() - 1};
}

/// RFC 9110 §14.6: each range behind a head of its own.
cache::BodyPtr multipart_body(const Exchange& x, const cache::StoredResponse& stored,
                              std::span<const http::ByteRange> ranges, const std::string& boundary) {
  const auto fields = http::fields_of(stored.head());
  const auto type = fields.find(FieldId::content_type);
  std::vector<cache::Slice> slices;
  for (const auto& range : ranges) {
    std::string head("\r\n--");
    head.append(boundary).append("\r\n");
    if (type) http::append_field(head, "Content-Type", *type);
    append_content_range(head, range, stored.complete_length());
    slices.push_back(slice_of(head.append("\r\n"), x.bodies));
    append_range(slices, *stored.body(), in_body(stored, range));
  }
  slices.push_back(slice_of("\r\n--" + boundary + "--\r\n", x.bodies));
  return cache::Body::sharing(slices, x.bodies);
}

}  // namespace

void answer_unsatisfiable(Exchange& x, std::uint64_t length, Answer& answer, WallTime now) {
  const auto extra = answer.extra;
  answer = error_answer(x, 416, "the range lies outside of the representation", nullptr, now);
  answer.extra = extra;
  std::array<char, http::kMaxContentRange> value;
  const auto size = http::write_unsatisfied_range(value.data(), length);
  http::append_field(x.scratch.head, "Content-Range", {value.data(), size});
  answer.head = x.scratch.head;
}

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

bool has_what_is_wanted(const Exchange& x, const cache::StoredResponse& stored, WallTime now) {
  if (!stored.is_incomplete() || x.request.method == http::Method::head) return true;
  if (judge_precondition(x, stored, now) != http::Precondition::proceed) return true;
  const auto wanted = wanted_of(x, stored, stored.complete_length(), now);
  switch (wanted.kind) {
    case Wanted::whole: return false;
    case Wanted::unsatisfiable: return true;
    case Wanted::part:
    case Wanted::parts: break;
  }
  const auto ranges = wanted.ranges.view();
  return std::all_of(ranges.begin(), ranges.end(),
                     [&](http::ByteRange range) { return cache::holds(stored, range); });
}

bool wants_the_beginning(const http::RequestHead& request) noexcept {
  if (!request.fields.has(FieldId::range)) return true;
  const auto asked = asked_ranges(request);
  if (!asked) return true;
  const auto& first = asked->specs[0];
  return asked->count == 1 && first.form == http::RangeSpec::Form::interval && first.first == 0;
}

std::uint64_t first_byte_wanted(const http::RequestHead& request) noexcept {
  const auto asked = request.fields.has(FieldId::range) ? asked_ranges(request) : std::nullopt;
  return asked && asked->count == 1 ? asked->specs[0].first : 0;
}

void write_part_head(std::string& out, const cache::StoredResponse& response, http::ByteRange range,
                     std::uint64_t length) {
  out.clear();
  append_stored_fields(out, response, false);
  append_content_range(out, range, length);
}

void cut(std::vector<cache::Slice>& slices, std::uint64_t& at, http::ByteRange range) {
  for (auto& slice : slices) slice = cache::cut(slice, at, range);
  std::erase_if(slices, [](const cache::Slice& slice) { return slice.size == 0; });
}

void answer_ranges(Exchange& x, const cache::StoredResponse& stored, const Wanted& wanted, Answer& answer,
                   WallTime now) {
  auto& head = x.scratch.head;
  switch (wanted.kind) {
    case Wanted::whole: return;
    case Wanted::unsatisfiable: return answer_unsatisfiable(x, stored.complete_length(), answer, now);
    case Wanted::part:
      write_part_head(head, stored, wanted.ranges.ranges[0], stored.complete_length());
      answer.part = in_body(stored, wanted.ranges.ranges[0]);
      break;
    case Wanted::parts: {
      const auto boundary = make_boundary();
      head.clear();
      append_stored_fields(head, stored, true);
      http::append_field(head, "Content-Type", "multipart/byteranges; boundary=" + boundary);
      answer.made_body = multipart_body(x, stored, wanted.ranges.view(), boundary);
      answer.body = answer.made_body.get();
      break;
    }
  }
  http::append_field(head, "Content-Length", std::to_string(answer.body_size()));
  answer.status = 206;
  answer.head = head;
}

}  // namespace forebay::proxy
