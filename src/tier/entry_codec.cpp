#include "entry_codec.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "byte_order.hpp"
#include "entry_check.hpp"
#include "entry_packing.hpp"
#include "forebay/cache/tags.hpp"
#include "forebay/http/content_coding.hpp"
#include "forebay/http/message.hpp"

namespace forebay::tier {
namespace {

using cache::StoredResponse;

// ---- What a record of a response says in bits
// --------------------------------------------------------------

enum Fact : std::uint16_t {
  heuristic = 1U << 0,
  always_validate = 1U << 1,
  never_stale = 1U << 2,
  control_replaced = 1U << 3,
  control_edited = 1U << 4,
  no_transform = 1U << 5,
  made_etag = 1U << 6,
  incomplete = 1U << 7,
  recoded = 1U << 8,
};
constexpr unsigned kFacts = (recoded << 1) - 1;  // all that there are

std::uint16_t facts_of(const cache::StoredParts& parts) noexcept {
  const auto& f = parts.freshness;
  unsigned facts = 0;
  if (f.heuristic) facts |= heuristic;
  if (f.always_validate) facts |= always_validate;
  if (f.never_stale) facts |= never_stale;
  if (f.control_replaced) facts |= control_replaced;
  if (f.control_edited) facts |= control_edited;
  if (f.no_transform) facts |= no_transform;
  if (f.made_etag) facts |= made_etag;
  if (parts.complete_length) facts |= incomplete;
  if (parts.recoded_from) facts |= recoded;
  return static_cast<std::uint16_t>(facts);
}

void set_facts(cache::Freshness& f, unsigned facts) noexcept {
  f.heuristic = (facts & heuristic) != 0;
  f.always_validate = (facts & always_validate) != 0;
  f.never_stale = (facts & never_stale) != 0;
  f.control_replaced = (facts & control_replaced) != 0;
  f.control_edited = (facts & control_edited) != 0;
  f.no_transform = (facts & no_transform) != 0;
  f.made_etag = (facts & made_etag) != 0;
}

// ---- Writing ---------------------------------------------------------------------------------------------

template <class Duration>
void append_duration(BytesOut& out, Duration duration) {
  out.number(static_cast<std::uint32_t>(duration.count()));
}

void append_times(BytesOut& out, const cache::Freshness& freshness) {
  out.number(static_cast<std::uint64_t>(freshness.response_time.time_since_epoch().count()));
  append_duration(out, freshness.initial_age);
  append_duration(out, freshness.lifetime);
  append_duration(out, freshness.stale_while_revalidate);
  append_duration(out, freshness.stale_if_error);
  append_duration(out, freshness.fetch_time);
}

/// Everything of a response but its body.
void append_response(BytesOut& out, const cache::StoredParts& parts, std::uint64_t body_length) {
  out.number(static_cast<std::uint16_t>(parts.status));
  out.number(facts_of(parts));
  out.number(static_cast<std::uint8_t>(parts.recoded_from.value_or(http::Coding::identity)));
  out.number(static_cast<std::uint8_t>(parts.held.size()));
  out.number(static_cast<std::uint16_t>(parts.tags.size()));
  append_times(out, parts.freshness);
  out.number(std::uint64_t{parts.position});
  out.number(parts.complete_length.value_or(0));
  out.number(body_length);
  for (const auto text : {parts.key, parts.vary_names, parts.variant_key, parts.head})
    out.number(static_cast<std::uint32_t>(text.size()));
  for (const auto& range : parts.held) {
    out.number(range.first);
    out.number(range.last);
  }
  for (const auto& tag : parts.tags) out.digest(tag);
  for (const auto text : {parts.key, parts.vary_names, parts.variant_key, parts.head}) out.text(text);
}

/// Room for what is appended besides texts and body.
constexpr std::size_t kNumbers = 256;

std::size_t size_of_texts(const cache::StoredParts& parts) noexcept {
  return parts.key.size() + parts.vary_names.size() + parts.variant_key.size() + parts.head.size() +
         parts.tags.size() * sizeof(Digest) + parts.held.size() * sizeof(http::ByteRange);
}

std::optional<std::string> sealed_within_limits(std::string record) {
  if (record.size() + kEnvelopeTail > kMaxRecord) return std::nullopt;
  seal(record);
  return record;
}

/// As zstd, where that is wanted and gains something.
std::optional<std::string> packed(std::span<const cache::Slice> pieces, std::uint64_t length,
                                  Packing packing) {
  if (packing == Packing::plain || length < kMinCompressed) return std::nullopt;
  return compressed(pieces);
}

void append_content(std::string& record, std::span<const cache::Slice> pieces,
                    const std::optional<std::string>& frame) {
  if (frame) {
    record += *frame;
  } else {
    for (const auto& piece : pieces) record += piece.view();
  }
}

// ---- Reading ---------------------------------------------------------------------------------------------

/// A response as it is read; the views are into the record.
struct ReadResponse {
  cache::StoredParts parts;
  std::vector<http::ByteRange> held;
  std::vector<Digest> tags;
  std::uint64_t body_length = 0;
  std::array<std::uint32_t, 4> sizes{};  // of the texts
};

template <class Duration>
Duration read_duration(BytesIn& in) noexcept {
  return Duration{static_cast<std::int32_t>(in.number<std::uint32_t>())};
}

WallTime read_time(BytesIn& in) noexcept {
  return WallTime{milliseconds{static_cast<std::int64_t>(in.number<std::uint64_t>())}};
}

void read_times(BytesIn& in, cache::Freshness& freshness) noexcept {
  freshness.response_time = read_time(in);
  freshness.initial_age = read_duration<cache::StoredSeconds>(in);
  freshness.lifetime = read_duration<cache::StoredSeconds>(in);
  freshness.stale_while_revalidate = read_duration<cache::StoredSeconds>(in);
  freshness.stale_if_error = read_duration<cache::StoredSeconds>(in);
  freshness.fetch_time = read_duration<decltype(freshness.fetch_time)>(in);
}

/// The numbers at the front; false when they do not fit together.
bool read_numbers(BytesIn& in, ReadResponse& out) {
  auto& parts = out.parts;
  parts.status = in.number<std::uint16_t>();
  const auto facts = in.number<std::uint16_t>();
  const auto coding = in.number<std::uint8_t>();
  out.held.resize(in.number<std::uint8_t>());
  out.tags.resize(in.number<std::uint16_t>());
  read_times(in, parts.freshness);
  set_facts(parts.freshness, facts);
  parts.position = in.number<std::uint64_t>();
  const auto complete_length = in.number<std::uint64_t>();
  if (facts & incomplete) parts.complete_length = complete_length;
  if (facts & recoded) parts.recoded_from = static_cast<http::Coding>(coding);
  out.body_length = in.number<std::uint64_t>();
  for (auto& size : out.sizes) size = in.number<std::uint32_t>();
  return !in.has_failed() && facts <= kFacts && coding < http::kCodings &&
         (parts.recoded_from || coding == 0) && (parts.complete_length || complete_length == 0) &&
         out.held.size() <= cache::kMaxHeldRanges && out.tags.size() <= cache::kMaxTags;
}

/// What follows them; false when it ends early.
bool read_texts(BytesIn& in, ReadResponse& out) {
  auto& parts = out.parts;
  for (auto& range : out.held) {
    range.first = in.number<std::uint64_t>();
    range.last = in.number<std::uint64_t>();
  }
  for (auto& tag : out.tags) tag = in.digest();
  parts.key = in.text(out.sizes[0]);
  parts.vary_names = in.text(out.sizes[1]);
  parts.variant_key = in.text(out.sizes[2]);
  parts.head = in.text(out.sizes[3]);
  parts.held = out.held;
  parts.tags = out.tags;
  return !in.has_failed();
}

/// What is wrong with it, if anything is.
std::optional<EntryFault> fault_in(const ReadResponse& read, const Wanted& wanted) noexcept {
  const auto& parts = read.parts;
  if (parts.key != wanted.key || parts.vary_names != wanted.vary_names ||
      parts.variant_key != wanted.variant_key)
    return EntryFault::wrong_key;
  if (!is_possible(parts.freshness)) return EntryFault::bad_times;
  if (!has_its_ranges(parts, read.body_length)) return EntryFault::bad_ranges;
  if (!is_stored_head(parts.head, parts.status, parts.complete_length.value_or(read.body_length)))
    return EntryFault::bad_head;
  return std::nullopt;
}

/// Content of `length` bytes, appended to a body that misses at least so much.
std::optional<EntryFault> read_content(std::string_view content, Packing packing, std::uint64_t length,
                                       BodyBuilder& body) {
  if (packing == Packing::zstd)
    return decompress(content, length, body) ? std::nullopt : std::optional(EntryFault::bad_body);
  if (content.size() != length) return EntryFault::bad_layout;
  body.append(content);
  return std::nullopt;
}

Decoded<Entry> read_inline(BytesIn& in, ReadResponse& read, Packing packing, cache::BodyAccount* account) {
  if (read.body_length > kMaxInlineBody) return EntryFault::bad_layout;
  BodyBuilder body(read.body_length, account);
  if (const auto fault = read_content(in.rest(), packing, read.body_length, body)) return *fault;
  read.parts.body = body.finish();
  return Entry{StoredResponse::make(read.parts), std::nullopt};
}

Decoded<Entry> read_chunked(BytesIn& in, const ReadResponse& read, Packing packing) {
  ChunkedBody body;
  body.length = read.body_length;
  body.chunk_bytes = in.number<std::uint32_t>();
  body.id = in.digest();
  if (!in.is_at_end() || packing != Packing::plain || body.length == 0 || body.chunk_bytes < kMinChunk ||
      body.chunk_bytes > kMaxChunk || body.length > kMaxChunks * body.chunk_bytes)
    return EntryFault::bad_layout;
  return Entry{StoredResponse::make(read.parts), body};
}

Decoded<Entry> read_entry(const Opened& opened, const Wanted& wanted, cache::BodyAccount* account) {
  BytesIn in(opened.payload);
  ReadResponse read;
  if (!read_numbers(in, read) || !read_texts(in, read)) return EntryFault::bad_layout;
  if (const auto fault = fault_in(read, wanted)) return *fault;
  return opened.kind == RecordKind::chunked ? read_chunked(in, read, opened.packing)
                                            : read_inline(in, read, opened.packing, account);
}

Decoded<Variants> read_variants(const Opened& opened, std::string_view key) {
  BytesIn in(opened.payload);
  Variants variants;
  variants.generation = in.number<std::uint64_t>();
  variants.expires = read_time(in);
  const auto key_size = in.number<std::uint32_t>();
  const auto count = in.number<std::uint16_t>();
  if (in.text(key_size) != key) return EntryFault::wrong_key;
  if (opened.packing != Packing::plain || count == 0 || count > kMaxNameSets) return EntryFault::bad_layout;
  for (unsigned i = 0; i < count; ++i) {
    const auto names = in.text(in.number<std::uint16_t>());
    if (in.has_failed()) return EntryFault::bad_layout;
    if (!are_selecting_names(names)) return EntryFault::bad_names;
    variants.names.emplace_back(names);
  }
  if (!in.is_at_end()) return EntryFault::bad_layout;
  if (!is_possible_time(variants.expires)) return EntryFault::bad_times;
  return variants;
}

bool holds_response(RecordKind kind) noexcept {
  return kind == RecordKind::entry || kind == RecordKind::chunked;
}

}  // namespace

std::uint32_t ChunkedBody::length_of(std::uint32_t number) const noexcept {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(chunk_bytes, length - std::uint64_t{number} * chunk_bytes));
}

Packing packing_for(const StoredResponse& stored, Packing wanted) {
  if (wanted == Packing::plain) return wanted;
  const auto coding = http::content_coding(http::fields_of(stored.head()));
  return coding == http::Coding::identity ? wanted : Packing::plain;
}

ChunkedBody in_chunks(const StoredResponse& stored, std::uint32_t chunk_bytes) {
  const auto size = std::to_string(chunk_bytes);
  std::vector<std::string_view> pieces{stored.vary_names(), "\n", stored.variant_key(), "\n", size, "\n"};
  if (stored.body())
    for (const auto& slice : stored.body()->slices()) pieces.push_back(slice.view());
  return {forebay::digest(pieces), stored.body_size(), chunk_bytes};
}

void Variants::add(std::string_view newest) {
  std::erase(names, newest);
  names.emplace(names.begin(), newest);
  if (names.size() > kMaxNameSets) names.pop_back();
}

std::optional<std::string> encode_entry(const StoredResponse& stored, Packing packing) {
  const auto length = stored.body_size();
  if (length > kMaxInlineBody) return std::nullopt;
  const auto pieces = stored.body() ? stored.body()->slices() : std::span<const cache::Slice>{};
  const auto frame = packed(pieces, length, packing);
  auto record = begin_record(RecordKind::entry, frame ? Packing::zstd : Packing::plain);
  const auto parts = stored.as_parts();
  record.reserve(kNumbers + size_of_texts(parts) + (frame ? frame->size() : length));
  BytesOut out(record);
  append_response(out, parts, length);
  append_content(record, pieces, frame);
  return sealed_within_limits(std::move(record));
}

std::optional<std::string> encode_entry(const StoredResponse& stored, const ChunkedBody& body) {
  assert(body.length == stored.body_size() && body.length > 0);
  auto record = begin_record(RecordKind::chunked, Packing::plain);
  const auto parts = stored.as_parts();
  record.reserve(kNumbers + size_of_texts(parts));
  BytesOut out(record);
  append_response(out, parts, body.length);
  out.number(body.chunk_bytes);
  out.digest(body.id);
  return sealed_within_limits(std::move(record));
}

std::string encode_variants(std::string_view key, const Variants& variants) {
  auto record = begin_record(RecordKind::variants, Packing::plain);
  BytesOut out(record);
  out.number(variants.generation);
  out.number(static_cast<std::uint64_t>(variants.expires.time_since_epoch().count()));
  out.number(static_cast<std::uint32_t>(key.size()));
  out.number(static_cast<std::uint16_t>(variants.names.size()));
  out.text(key);
  for (const auto& names : variants.names) {
    out.number(static_cast<std::uint16_t>(names.size()));
    out.text(names);
  }
  seal(record);
  return record;
}

std::string encode_chunk(const cache::Body& body, const ChunkedBody& layout, std::uint32_t number,
                         Packing packing) {
  const auto length = layout.length_of(number);
  const auto first = std::uint64_t{number} * layout.chunk_bytes;
  std::vector<cache::Slice> pieces;
  cache::append_range(pieces, body, {first, first + length - 1});
  const auto frame = packed(pieces, length, packing);
  auto record = begin_record(RecordKind::chunk, frame ? Packing::zstd : Packing::plain);
  record.reserve(kNumbers + (frame ? frame->size() : length));
  BytesOut out(record);
  out.digest(layout.id);
  out.number(number);
  out.number(length);
  append_content(record, pieces, frame);
  seal(record);
  return record;
}

cache::StoredResponsePtr with_chunked_body(const StoredResponse& head, const cache::BodyPtr& body) {
  auto parts = head.as_parts();
  parts.body = body;
  return StoredResponse::make(parts);
}

Decoded<Entry> decode_entry(std::string_view record, const Wanted& wanted, cache::BodyAccount* account) {
  const auto opened = open_record(record);
  if (!opened) return opened.error();
  if (!holds_response(opened->kind)) return EntryFault::unknown_kind;
  return read_entry(*opened, wanted, account);
}

Decoded<KeyRecord> decode_key_record(std::string_view record, std::string_view key,
                                     cache::BodyAccount* account) {
  const auto opened = open_record(record);
  if (!opened) return opened.error();
  if (opened->kind == RecordKind::variants) {
    auto variants = read_variants(*opened, key);
    if (!variants) return variants.error();
    return KeyRecord(std::move(*variants));
  }
  if (!holds_response(opened->kind)) return EntryFault::unknown_kind;
  auto entry = read_entry(*opened, {key}, account);
  if (!entry) return entry.error();
  return KeyRecord(std::move(*entry));
}

Decoded<void> decode_chunk(std::string_view record, const ChunkedBody& layout, std::uint32_t number,
                           BodyBuilder& body) {
  const auto opened = open_record(record);
  if (!opened) return opened.error();
  if (opened->kind != RecordKind::chunk) return EntryFault::unknown_kind;
  BytesIn in(opened->payload);
  const auto id = in.digest();
  const auto is_it = id == layout.id && in.number<std::uint32_t>() == number;
  const auto length = in.number<std::uint32_t>();
  if (in.has_failed()) return EntryFault::bad_layout;
  if (!is_it) return EntryFault::wrong_key;
  if (length != layout.length_of(number) || length > body.missing()) return EntryFault::bad_layout;
  if (const auto fault = read_content(in.rest(), opened->packing, length, body)) return *fault;
  return {};
}

}  // namespace forebay::tier
