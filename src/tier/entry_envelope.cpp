#include "entry_envelope.hpp"

#include <array>
#include <boost/endian/conversion.hpp>

#include "byte_order.hpp"

namespace forebay::tier {
namespace {

constexpr std::string_view kMagic = "FBAY";
constexpr std::size_t kSizeOffset = 8;
constexpr std::uint16_t kZstd = 1U << 0;

/// The size of what there is and of what is still to come.
void write_size(std::string& record, std::size_t to_come) {
  boost::endian::store_big_u32(reinterpret_cast<unsigned char*>(record.data() + kSizeOffset),
                               static_cast<std::uint32_t>(record.size() + to_come));
}

bool is_known(std::uint8_t kind) noexcept {
  return kind >= static_cast<std::uint8_t>(RecordKind::entry) &&
         kind <= static_cast<std::uint8_t>(RecordKind::flight_end);
}

}  // namespace

std::string begin_record(RecordKind kind, Packing packing) {
  std::string record;
  BytesOut out(record);
  out.text(kMagic);
  out.number(kFormatVersion);
  out.number(static_cast<std::uint8_t>(kind));
  out.number(packing == Packing::zstd ? kZstd : std::uint16_t{0});
  out.number(std::uint32_t{0});
  return record;
}

void seal(std::string& record) {
  write_size(record, kEnvelopeTail);
  const auto checksum = forebay::digest(record);
  BytesOut(record).digest(checksum);
}

std::string seal_around(std::string& head, std::string_view content) {
  write_size(head, content.size() + kEnvelopeTail);
  const std::array<std::string_view, 2> pieces{head, content};
  std::string tail;
  BytesOut(tail).digest(forebay::digest(pieces));
  return tail;
}

Decoded<Opened> open_record(std::string_view record) {
  BytesIn in(record);
  if (in.text(kMagic.size()) != kMagic) return EntryFault::foreign;
  // Before all else that could be wrong: a later version may have another layout from here on.
  const auto version = in.number<std::uint8_t>();
  if (in.has_failed()) return EntryFault::wrong_size;
  if (version == 0 || version > kFormatVersion) return EntryFault::unknown_version;
  const auto kind = in.number<std::uint8_t>();
  const auto flags = in.number<std::uint16_t>();
  if (in.number<std::uint32_t>() != record.size() || record.size() < kEnvelopeHead + kEnvelopeTail)
    return EntryFault::wrong_size;
  const auto sealed = record.substr(0, record.size() - kEnvelopeTail);
  if (BytesIn(record.substr(sealed.size())).digest() != forebay::digest(sealed))
    return EntryFault::wrong_checksum;
  if (!is_known(kind) || (flags & ~kZstd) != 0) return EntryFault::unknown_kind;
  return Opened{static_cast<RecordKind>(kind), flags & kZstd ? Packing::zstd : Packing::plain,
                sealed.substr(kEnvelopeHead)};
}

}  // namespace forebay::tier
