#include "entry_envelope.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forebay::tier {
namespace {

std::string record_of(std::string_view payload, RecordKind kind = RecordKind::chunk,
                      Packing packing = Packing::plain) {
  auto record = begin_record(kind, packing);
  record += payload;
  seal(record);
  return record;
}

/// The record with a byte in the place of another, and a checksum that is right again.
std::string with_byte(std::string record, std::size_t at, char byte) {
  record[at] = byte;
  record.resize(record.size() - kEnvelopeTail);
  seal(record);
  return record;
}

TEST(EntryEnvelope, GivesBackWhatWasSealed) {
  for (const auto* payload : {"", "hello"}) {
    for (const auto packing : {Packing::plain, Packing::zstd}) {
      const auto record = record_of(payload, RecordKind::variants, packing);
      EXPECT_EQ(record.size(), kEnvelopeHead + std::string_view(payload).size() + kEnvelopeTail);
      const auto opened = open_record(record);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->kind, RecordKind::variants);
      EXPECT_EQ(opened->packing, packing);
      EXPECT_EQ(opened->payload, payload);
    }
  }
}

TEST(EntryEnvelope, SaysWhatIsWrong) {
  const auto good = record_of("hello");
  const struct {
    std::string record;
    EntryFault fault;
  } rows[] = {
      {"", EntryFault::foreign},
      {"FBA", EntryFault::foreign},
      {"FBAX" + good.substr(4), EntryFault::foreign},
      {"\x1f\x8b" + good, EntryFault::foreign},
      {"FBAY", EntryFault::wrong_size},
      {good.substr(0, 5), EntryFault::wrong_size},
      {good.substr(0, kEnvelopeHead), EntryFault::wrong_size},
      {good.substr(0, good.size() - 1), EntryFault::wrong_size},
      {good + '\0', EntryFault::wrong_size},
      {good + good, EntryFault::wrong_size},
      {with_byte(good, 4, 0), EntryFault::unknown_version},
      {with_byte(good, 4, kFormatVersion + 1), EntryFault::unknown_version},
      {with_byte(good, 4, '\xff').substr(0, 7), EntryFault::unknown_version},
      {with_byte(good, 5, 0), EntryFault::unknown_kind},
      {with_byte(good, 5, 8), EntryFault::unknown_kind},
      {with_byte(good, 5, '\xff'), EntryFault::unknown_kind},
      {with_byte(good, 6, 1), EntryFault::unknown_kind},
      {with_byte(good, 7, 2), EntryFault::unknown_kind},
  };
  for (const auto& row : rows) {
    const auto opened = open_record(row.record);
    ASSERT_FALSE(opened) << row.record;
    EXPECT_EQ(name(opened.error()), name(row.fault)) << row.record;
  }
}

/// A record that is shorter than its frame, but says so truthfully.
TEST(EntryEnvelope, IsNeverShorterThanItsFrame) {
  for (std::size_t size = 5; size < kEnvelopeHead + kEnvelopeTail; ++size) {
    auto record = record_of("").substr(0, size);
    if (size >= kEnvelopeHead) record[kEnvelopeHead - 1] = static_cast<char>(size);
    const auto opened = open_record(record);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), EntryFault::wrong_size) << size;
  }
}

TEST(EntryEnvelope, NoticesEveryBitThatChanges) {
  const auto good = record_of("hello");
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto record = good;
    record[bit / 8] = static_cast<char>(record[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(open_record(record)) << bit;
  }
}

TEST(EntryEnvelope, ContentThatStandsElsewhereIsSealedAlike) {
  auto head = begin_record(RecordKind::chunk, Packing::plain);
  head += "12";
  auto whole = head + "content";
  seal(whole);
  const auto tail = seal_around(head, "content");
  EXPECT_EQ(head + "content" + tail, whole);
}

}  // namespace
}  // namespace forebay::tier
