#include "flight_codec.hpp"

#include <array>
#include <utility>

#include "byte_order.hpp"
#include "entry_check.hpp"
#include "entry_codec.hpp"
#include "forebay/base/strings.hpp"
#include "forebay/http/status.hpp"

namespace forebay::tier {
namespace {

constexpr std::string_view kLeaseVersion = "1 ";

enum Fact : std::uint8_t {
  has_length = 1U << 0,
  is_recoded = 1U << 1,
};
constexpr unsigned kFacts = has_length | is_recoded;

std::uint64_t milliseconds_of(WallTime time) noexcept {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

WallTime read_time(BytesIn& in) noexcept {
  return WallTime{std::chrono::milliseconds{static_cast<std::int64_t>(in.number<std::uint64_t>())}};
}

std::optional<ErrorKind> error_named(std::string_view text) noexcept {
  for (int i = 0; i <= static_cast<int>(ErrorKind::system_failure); ++i) {
    const auto kind = static_cast<ErrorKind>(i);
    if (side_at_fault(kind) == Side::upstream && name(kind) == text) return kind;
  }
  return std::nullopt;
}

Decoded<FlightRecord> read_head(BytesIn& in, std::string_view key) {
  FlightHead head;
  head.status = in.number<std::uint16_t>();
  const auto facts = in.number<std::uint8_t>();
  const auto coding = in.number<std::uint8_t>();
  head.position = in.number<std::uint64_t>();
  head.request_time = read_time(in);
  head.response_time = read_time(in);
  const auto length = in.number<std::uint64_t>();
  if (facts & has_length) head.length = length;
  if (facts & is_recoded) head.recoded_from = static_cast<http::Coding>(coding);
  std::array<std::uint32_t, 4> sizes{};
  for (auto& size : sizes) size = in.number<std::uint32_t>();
  const auto own_key = in.text(sizes[0]);
  head.vary_names = in.text(sizes[1]);
  head.variant_key = in.text(sizes[2]);
  head.head = in.text(sizes[3]);
  if (!in.is_at_end() || facts > kFacts || coding >= http::kCodings || (!head.recoded_from && coding != 0) ||
      (!head.length && length != 0))
    return EntryFault::bad_layout;
  if (own_key != key) return EntryFault::wrong_key;
  head.key = own_key;
  if (!is_possible_time(head.request_time) || !is_possible_time(head.response_time))
    return EntryFault::bad_times;
  if (!is_flight_head(head.head, head.status)) return EntryFault::bad_head;
  if (http::has_no_content(head.status) && head.length != 0) return EntryFault::bad_head;
  const bool varies = !head.vary_names.empty();
  if (varies ? !are_selecting_names(head.vary_names) : !head.variant_key.empty())
    return EntryFault::bad_names;
  return FlightRecord(std::move(head));
}

Decoded<FlightRecord> read_piece(BytesIn& in) {
  FlightPiece piece;
  piece.offset = in.number<std::uint64_t>();
  piece.bytes = in.rest();
  if (in.has_failed() || piece.bytes.empty() || piece.bytes.size() > kMaxFlightPiece)
    return EntryFault::bad_layout;
  return FlightRecord(piece);
}

Decoded<FlightRecord> read_end(BytesIn& in) {
  FlightEnd end;
  const auto outcome = in.number<std::uint8_t>();
  end.length = in.number<std::uint64_t>();
  const auto error = in.text(in.number<std::uint8_t>());
  end.trailers = in.text(in.number<std::uint32_t>());
  if (!in.is_at_end() || outcome < static_cast<std::uint8_t>(FlightOutcome::complete) ||
      outcome > static_cast<std::uint8_t>(FlightOutcome::abandoned))
    return EntryFault::bad_layout;
  end.outcome = static_cast<FlightOutcome>(outcome);
  const bool has_failed = end.outcome == FlightOutcome::failed;
  const auto kind = error_named(error);
  if (has_failed ? !kind : !error.empty()) return EntryFault::bad_layout;
  if (kind) end.error = *kind;
  if (end.trailers.size() > kMaxFlightPiece || !are_trailers(end.trailers)) return EntryFault::bad_head;
  const bool is_of_a_body = end.length > 0 || !end.trailers.empty();
  if (end.outcome != FlightOutcome::complete && is_of_a_body) return EntryFault::bad_layout;
  return FlightRecord(std::move(end));
}

}  // namespace

// ---- The lease -------------------------------------------------------------------------------------------

std::string encode_lease(const Lease& lease) {
  return std::string(kLeaseVersion) + to_hex(lease.token) + " " + std::to_string(lease.position);
}

std::optional<Lease> parse_lease(std::string_view text) noexcept {
  if (!text.starts_with(kLeaseVersion)) return std::nullopt;
  text.remove_prefix(kLeaseVersion.size());
  const auto token = from_hex(text.substr(0, kHexDigits));
  if (!token || text.size() <= kHexDigits || text[kHexDigits] != ' ') return std::nullopt;
  const auto position = parse_decimal(text.substr(kHexDigits + 1));
  if (!position) return std::nullopt;
  return Lease{*token, *position};
}

// ---- Writing ---------------------------------------------------------------------------------------------

std::optional<std::string> encode_flight_head(const FlightHead& head) {
  auto record = begin_record(RecordKind::flight_head, Packing::plain);
  BytesOut out(record);
  out.number(static_cast<std::uint16_t>(head.status));
  out.number(
      static_cast<std::uint8_t>((head.length ? has_length : 0) | (head.recoded_from ? is_recoded : 0)));
  out.number(static_cast<std::uint8_t>(head.recoded_from.value_or(http::Coding::identity)));
  out.number(std::uint64_t{head.position});
  out.number(milliseconds_of(head.request_time));
  out.number(milliseconds_of(head.response_time));
  out.number(head.length.value_or(0));
  for (const auto* text : {&head.key, &head.vary_names, &head.variant_key, &head.head})
    out.number(static_cast<std::uint32_t>(text->size()));
  for (const auto* text : {&head.key, &head.vary_names, &head.variant_key, &head.head}) out.text(*text);
  if (record.size() + kEnvelopeTail > kMaxRecord) return std::nullopt;
  seal(record);
  return record;
}

std::string encode_flight_end(const FlightEnd& end) {
  auto record = begin_record(RecordKind::flight_end, Packing::plain);
  BytesOut out(record);
  out.number(static_cast<std::uint8_t>(end.outcome));
  out.number(end.length);
  const auto error = end.outcome == FlightOutcome::failed ? name(end.error) : std::string_view{};
  out.number(static_cast<std::uint8_t>(error.size()));
  out.text(error);
  out.number(static_cast<std::uint32_t>(end.trailers.size()));
  out.text(end.trailers);
  seal(record);
  return record;
}

void append_flight_piece(RedisCommand& command, std::uint64_t offset, std::string_view bytes) {
  auto head = begin_record(RecordKind::flight_piece, Packing::plain);
  BytesOut(head).number(offset);
  const auto checksum = seal_around(head, bytes);
  const std::array<std::string_view, 3> pieces{head, bytes, checksum};
  command.add_joined(pieces);
}

// ---- Reading ---------------------------------------------------------------------------------------------

Decoded<FlightRecord> decode_flight_record(std::string_view record, std::string_view key) {
  const auto opened = open_record(record);
  if (opened.has_error()) return opened.error();
  if (opened->packing != Packing::plain) return EntryFault::unknown_kind;
  BytesIn in(opened->payload);
  switch (opened->kind) {
    case RecordKind::flight_head: return read_head(in, key);
    case RecordKind::flight_piece: return read_piece(in);
    case RecordKind::flight_end: return read_end(in);
    default: return EntryFault::unknown_kind;
  }
}

}  // namespace forebay::tier
