#include "entry_codec.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "byte_order.hpp"
#include "forebay/cache/tags.hpp"
#include "support/kept.hpp"

namespace forebay::tier {
namespace {

using test::Kept;

constexpr std::string_view kKey = "http://a:80/";

Wanted wanted_of(const cache::StoredResponse& stored) {
  return {stored.key(), stored.vary_names(), stored.variant_key()};
}

std::string text(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; out.size() < size; ++i) out += std::to_string(i) + '\n';
  out.resize(size);
  return out;
}

/// Everything that can be said about a response.
Kept everything() {
  Kept kept;
  kept.key = "http://a:80/p?q";
  kept.vary = "accept,cookie=sid";
  kept.variant_key = "1:a-";
  kept.status = 404;
  kept.fields = "ETag: \"x\"\r\n";
  kept.body = "hello";
  kept.freshness = {.response_time = WallTime{milliseconds{1704067200123}},
                    .initial_age = cache::StoredSeconds{1},
                    .lifetime = cache::StoredSeconds{2},
                    .stale_while_revalidate = cache::StoredSeconds{3},
                    .stale_if_error = cache::StoredSeconds{4},
                    .fetch_time = std::chrono::duration<std::int32_t, std::milli>{5},
                    .heuristic = true,
                    .always_validate = true,
                    .never_stale = true,
                    .control_replaced = true,
                    .control_edited = true,
                    .no_transform = true,
                    .made_etag = true};
  kept.position = 0xfedcba9876543210;
  kept.tags = {{1, 2}, {3, 4}};
  kept.complete_length = 100;
  kept.held = {{0, 1}, {10, 12}};
  kept.recoded_from = http::Coding::br;
  return kept;
}

// ---- round trips -----------------------------------------------------------------------------------------

TEST(EntryCodec, GivesBackWhatWasStored) {
  std::vector<Kept> rows{{}, everything()};
  rows.push_back({.body = "", .status = 204});
  rows.push_back({.body = ""});
  rows.push_back({.body = "", .fields = "ETag: \"x\"\r\n", .complete_length = 1 << 20});  // kept in slices
  rows.push_back({.body = std::string(kMaxInlineBody, 'x')});
  rows.push_back({.vary = "accept"});
  rows.push_back({.tags = std::vector<Digest>(cache::kMaxTags, Digest{5, 6})});
  rows.push_back({.recoded_from = http::Coding::identity});
  for (const auto& row : rows) {
    const auto stored = row.make();
    for (const auto packing : {Packing::plain, Packing::zstd}) {
      const auto record = encode_entry(*stored, packing);
      ASSERT_TRUE(record);
      const auto entry = decode_entry(*record, wanted_of(*stored));
      ASSERT_TRUE(entry) << name(entry.error());
      EXPECT_FALSE(entry->chunked);
      EXPECT_TRUE(test::is_same(*entry->response, *stored)) << stored->head();
    }
  }
}

/// Each by itself, so that none is taken for another.
TEST(EntryCodec, KeepsEveryFact) {
  using cache::Freshness;
  using Set = void (*)(Freshness&);
  const Set facts[] = {
      [](Freshness& f) { f.heuristic = true; },      [](Freshness& f) { f.always_validate = true; },
      [](Freshness& f) { f.never_stale = true; },    [](Freshness& f) { f.control_replaced = true; },
      [](Freshness& f) { f.control_edited = true; }, [](Freshness& f) { f.no_transform = true; },
      [](Freshness& f) { f.made_etag = true; },
  };
  for (const auto set : facts) {
    Kept kept;
    set(kept.freshness);
    const auto stored = kept.make();
    const auto entry = decode_entry(*encode_entry(*stored, Packing::plain), wanted_of(*stored));
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->response->freshness(), kept.freshness);
  }
}

TEST(EntryCodec, CompressesWhatIsWorthIt) {
  const auto stored = Kept{.body = text(50'000)}.make();
  const auto record = *encode_entry(*stored, Packing::zstd);
  EXPECT_LT(record.size(), 30'000u);
  EXPECT_TRUE(test::is_same(*decode_entry(record, {kKey})->response, *stored));
  const auto is_plain = [](const std::string& packed) {
    return open_record(packed)->packing == Packing::plain;
  };
  EXPECT_TRUE(is_plain(*encode_entry(*stored, Packing::plain)));
  EXPECT_TRUE(is_plain(*encode_entry(*Kept{.body = text(kMinCompressed - 1)}.make(), Packing::zstd)));
}

TEST(EntryCodec, LeavesCodedContentAsItIs) {
  const auto packing = [](std::string fields) {
    return packing_for(*Kept{.fields = std::move(fields)}.make(), Packing::zstd);
  };
  EXPECT_EQ(packing(""), Packing::zstd);
  EXPECT_EQ(packing("Content-Encoding: br\r\n"), Packing::plain);
  EXPECT_EQ(packing("Content-Encoding: unheard-of\r\n"), Packing::plain);
  EXPECT_EQ(packing_for(*Kept{}.make(), Packing::plain), Packing::plain);
}

TEST(EntryCodec, RefusesWhatCouldNotBeReadBack) {
  EXPECT_FALSE(encode_entry(*Kept{.body = std::string(kMaxInlineBody + 1, 'x')}.make(), Packing::plain));
  const auto line = "X: " + std::string(kMaxRecord, 'x') + "\r\n";
  EXPECT_FALSE(encode_entry(*Kept{.fields = line}.make(), Packing::plain));
  EXPECT_FALSE(encode_entry(*Kept{.fields = line}.make(), ChunkedBody{{}, 5, kMinChunk}));
}

TEST(EntryCodec, ChargesTheBodyToTheAccount) {
  struct Account final : cache::BodyAccount {
    void charge_body(std::uint64_t bytes) noexcept override { charged += bytes; }
    void release_body(std::uint64_t bytes) noexcept override { charged -= bytes; }
    std::uint64_t charged = 0;
  } account;
  const auto record = *encode_entry(*Kept{.body = text(3000)}.make(), Packing::zstd);
  {
    const auto entry = decode_entry(record, {kKey}, &account);
    EXPECT_EQ(account.charged, BodyBuilder::charge_of(3000));
  }
  EXPECT_EQ(account.charged, 0u);
}

// ---- bodies in chunks ------------------------------------------------------------------------------------

TEST(EntryCodec, GivesBackABodyInChunks) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{8191}, std::size_t{8192}, std::size_t{100'000}}) {
    for (const auto packing : {Packing::plain, Packing::zstd}) {
      const auto stored = Kept{.body = text(size)}.make();
      const auto layout = in_chunks(*stored, 8192);
      const auto entry = decode_entry(*encode_entry(*stored, layout), {kKey});
      ASSERT_TRUE(entry);
      ASSERT_EQ(entry->chunked, layout);
      EXPECT_FALSE(entry->response->body());
      BodyBuilder body(layout.length);
      for (std::uint32_t i = 0; i < layout.chunks(); ++i)
        ASSERT_TRUE(decode_chunk(encode_chunk(*stored->body(), layout, i, packing), layout, i, body));
      EXPECT_TRUE(test::is_same(*with_chunked_body(*entry->response, body.finish()), *stored)) << size;
    }
  }
}

TEST(EntryCodec, ChunksAreKnownByTheirBytesTheirSizeAndTheVariant) {
  const auto id = [](const Kept& kept, std::uint32_t size = 4096) {
    return in_chunks(*kept.make(), size).id;
  };
  const auto one = id({.body = "a body"});
  EXPECT_EQ(id({.body = "a body", .fields = "X: y\r\n", .position = 7}), one);
  EXPECT_NE(id({.body = "a Body"}), one);
  EXPECT_NE(id({.body = "a body"}, 8192), one);
  EXPECT_NE(id({.body = "a body", .vary = "accept"}), one);
  EXPECT_NE(id({.body = "a body", .vary = "accept", .variant_key = "1:b"}),
            id({.body = "a body", .vary = "accept"}));
  // However it is cut.
  const cache::Slice slices[] = {cache::Body::from(std::string_view("a b"))->slices()[0],
                                 cache::Body::from(std::string_view("ody"))->slices()[0]};
  const auto empty = Kept{.body = ""}.make();
  auto parts = empty->as_parts();
  parts.body = cache::Body::from(slices);
  EXPECT_EQ(in_chunks(*cache::StoredResponse::make(parts), 4096).id, one);
}

TEST(EntryCodec, TakesNoChunkForAnother) {
  const auto stored = Kept{.body = text(20'000)}.make();
  const auto layout = in_chunks(*stored, 8192);
  const auto chunk = encode_chunk(*stored->body(), layout, 1, Packing::plain);
  const auto last = encode_chunk(*stored->body(), layout, 2, Packing::zstd);
  auto shorter = layout;
  shorter.length = 10'000;
  auto other = layout;
  other.id.low ^= 1;
  auto behind = chunk;  // a byte more than it says
  behind.resize(behind.size() - kEnvelopeTail);
  behind += 'x';
  seal(behind);
  auto early = begin_record(RecordKind::chunk, Packing::plain) + std::string(23, '\0');
  seal(early);
  const struct {
    std::string record;
    ChunkedBody layout;
    std::uint32_t number;
    std::uint64_t room;
    EntryFault fault;
  } rows[] = {
      {"", layout, 1, 8192, EntryFault::foreign},
      {chunk.substr(0, 5000), layout, 1, 8192, EntryFault::wrong_size},
      {chunk, layout, 0, 8192, EntryFault::wrong_key},
      {chunk, layout, 2, 8192, EntryFault::wrong_key},
      {chunk, other, 1, 8192, EntryFault::wrong_key},
      {chunk, shorter, 1, 8192, EntryFault::bad_layout},
      {chunk, layout, 1, 8191, EntryFault::bad_layout},
      {behind, layout, 1, 10'000, EntryFault::bad_layout},
      {early, {{}, 1, 8192}, 0, 10'000, EntryFault::bad_layout},
      {last, layout, 1, 8192, EntryFault::wrong_key},
      {*encode_entry(*stored, layout), layout, 0, 8192, EntryFault::unknown_kind},
  };
  for (const auto& row : rows) {
    BodyBuilder body(row.room);
    const auto decoded = decode_chunk(row.record, row.layout, row.number, body);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(name(decoded.error()), name(row.fault));
  }
}

TEST(EntryCodec, AChunkIsDecompressedToItsLengthOnly) {
  const auto stored = Kept{.body = text(8192)}.make();
  const auto layout = in_chunks(*stored, 8192);
  auto record = encode_chunk(*stored->body(), layout, 0, Packing::zstd);
  ASSERT_EQ(open_record(record)->packing, Packing::zstd);
  record[kEnvelopeHead + 22] = 0x1f;  // its length: 0x2000 becomes 0x1f00
  record.resize(record.size() - kEnvelopeTail);
  seal(record);
  BodyBuilder body(0x1f00);
  const auto decoded = decode_chunk(record, {layout.id, 0x1f00, 8192}, 0, body);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(name(decoded.error()), "bad_body");
}

// ---- what a key varies on --------------------------------------------------------------------------------

const Variants kVariants{
    0x0123456789abcdef, WallTime{milliseconds{1704067200000}}, {"accept", "accept,cookie=sid"}};

TEST(EntryCodec, GivesBackWhatAKeyVariesOn) {
  const auto record = decode_key_record(encode_variants(kKey, kVariants), kKey);
  ASSERT_TRUE(record);
  EXPECT_EQ(std::get<Variants>(*record), kVariants);
}

TEST(EntryCodec, AKeysRecordIsEitherOfBoth) {
  const auto stored = Kept{}.make();
  const auto record = decode_key_record(*encode_entry(*stored, Packing::plain), kKey);
  ASSERT_TRUE(record);
  EXPECT_TRUE(test::is_same(*std::get<Entry>(*record).response, *stored));
}

TEST(Variants, PutsTheNewestFirstAndForgetsTheOldest) {
  Variants variants;
  for (std::size_t i = 0; i < kMaxNameSets; ++i) variants.add("x-" + std::to_string(i));
  EXPECT_EQ(variants.names.front(), "x-7");
  EXPECT_EQ(variants.names.back(), "x-0");
  variants.add("x-0");
  EXPECT_EQ(variants.names.size(), kMaxNameSets);
  EXPECT_EQ(variants.names.front(), "x-0");
  EXPECT_EQ(variants.names.back(), "x-1");
  variants.add("new");
  EXPECT_EQ(variants.names.size(), kMaxNameSets);
  EXPECT_EQ(variants.names.back(), "x-2");
}

// ---- malformed -------------------------------------------------------------------------------------------

/// Where the numbers of a response stand (docs/redis-format.md).
enum Offset : std::size_t {
  status_at = 12,
  facts_at = 14,
  coding_at = 16,
  held_at = 17,
  tags_at = 18,
  response_time_at = 20,
  initial_age_at = 28,
  lifetime_at = 32,
  complete_length_at = 56,
  body_length_at = 64,
  key_size_at = 72,
  names_size_at = 76,
  head_size_at = 84,
  texts_at = 88,
};

template <class Number>
void put(std::string& record, std::size_t at, Number value) {
  std::string bytes;
  BytesOut(bytes).number(value);
  record.replace(at, bytes.size(), bytes);
}

void replace(std::string& record, std::string_view what, std::string_view by) {
  ASSERT_EQ(what.size(), by.size());
  const auto at = record.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  record.replace(at, what.size(), by);
}

using Spoil = std::function<void(std::string&)>;
struct Row {
  const char* what;
  Spoil spoil;  // of a record without its checksum
  EntryFault fault;
};

void check(const std::string& good, const std::vector<Row>& rows, const Wanted& wanted) {
  ASSERT_TRUE(decode_entry(good, wanted)) << name(decode_entry(good, wanted).error());
  for (const auto& row : rows) {
    auto record = good.substr(0, good.size() - kEnvelopeTail);
    row.spoil(record);
    seal(record);
    const auto entry = decode_entry(record, wanted);
    ASSERT_FALSE(entry) << row.what;
    EXPECT_EQ(name(entry.error()), name(row.fault)) << row.what;
  }
}

TEST(EntryCodec, RefusesWhatNoResponseIs) {
  const auto stored = everything().make();
  const auto record = *encode_entry(*stored, Packing::plain);
  using R = std::string&;
  check(
      record,
      {
          {"interim", [](R r) { put(r, status_at, std::uint16_t{100}); }, EntryFault::bad_head},
          {"another status", [](R r) { put(r, status_at, std::uint16_t{403}); }, EntryFault::bad_head},
          {"no status", [](R r) { put(r, status_at, std::uint16_t{0}); }, EntryFault::bad_head},
          {"a status that would be cut off", [](R r) { put(r, status_at, std::uint16_t{404 + 1024}); },
           EntryFault::bad_head},
          {"a fact nobody knows", [](R r) { put(r, facts_at, std::uint16_t{0x3ff}); },
           EntryFault::bad_layout},
          {"the last fact", [](R r) { put(r, facts_at, std::uint16_t{0x81ff}); }, EntryFault::bad_layout},
          {"complete, but with ranges", [](R r) { put(r, facts_at, std::uint16_t{0x17f}); },
           EntryFault::bad_layout},
          {"a coding nobody knows", [](R r) { put(r, coding_at, std::uint8_t{4}); }, EntryFault::bad_layout},
          {"not recoded, but from br", [](R r) { put(r, facts_at, std::uint16_t{0xff}); },
           EntryFault::bad_layout},
          {"too many ranges", [](R r) { put(r, held_at, std::uint8_t{17}); }, EntryFault::bad_layout},
          {"one range less", [](R r) { put(r, held_at, std::uint8_t{1}); }, EntryFault::wrong_key},
          {"one range more", [](R r) { put(r, held_at, std::uint8_t{3}); }, EntryFault::bad_layout},
          {"too many tags", [](R r) { put(r, tags_at, std::uint16_t{1025}); }, EntryFault::bad_layout},
          {"more tags than there are", [](R r) { put(r, tags_at, std::uint16_t{1024}); },
           EntryFault::bad_layout},
          {"one tag less", [](R r) { put(r, tags_at, std::uint16_t{1}); }, EntryFault::wrong_key},
          {"before 1970", [](R r) { put(r, response_time_at, ~std::uint64_t{0}); }, EntryFault::bad_times},
          {"far in the future", [](R r) { put(r, response_time_at, ~std::uint64_t{0} >> 1); },
           EntryFault::bad_times},
          {"an age below zero", [](R r) { put(r, initial_age_at, ~std::uint32_t{0}); },
           EntryFault::bad_times},
          {"a lifetime below zero", [](R r) { put(r, lifetime_at, std::uint32_t{0x80000000}); },
           EntryFault::bad_times},
          {"shorter than its ranges", [](R r) { put(r, complete_length_at, std::uint64_t{12}); },
           EntryFault::bad_ranges},
          {"not the length that its head says", [](R r) { put(r, complete_length_at, std::uint64_t{101}); },
           EntryFault::bad_head},
          {"more body than ranges", [](R r) { put(r, body_length_at, std::uint64_t{6}); },
           EntryFault::bad_ranges},
          {"an endless body", [](R r) { put(r, body_length_at, ~std::uint64_t{0}); }, EntryFault::bad_ranges},
          {"a key without end", [](R r) { put(r, key_size_at, ~std::uint32_t{0}); }, EntryFault::bad_layout},
          {"no key", [](R r) { put(r, key_size_at, std::uint32_t{0}); }, EntryFault::wrong_key},
          {"a key cut otherwise",
           [](R r) {
             put(r, key_size_at, std::uint32_t{16});
             put(r, names_size_at, std::uint32_t{16});
           },
           EntryFault::wrong_key},
          {"another key", [](R r) { replace(r, "http://a:80/p?q", "http://b:80/p?q"); },
           EntryFault::wrong_key},
          {"other names", [](R r) { replace(r, "cookie=sid", "cookie=sie"); }, EntryFault::wrong_key},
          {"other values", [](R r) { replace(r, "1:a-", "1:b-"); }, EntryFault::wrong_key},
          {"a head without end", [](R r) { put(r, head_size_at, ~std::uint32_t{0}); },
           EntryFault::bad_layout},
          {"no head", [](R r) { put(r, head_size_at, std::uint32_t{0}); }, EntryFault::bad_head},
          {"ranges in another order",
           [](R r) {
             put(r, texts_at, std::uint64_t{10});
             put(r, texts_at + 8, std::uint64_t{11});
           },
           EntryFault::bad_ranges},
          {"a range that ends before it begins", [](R r) { put(r, texts_at, std::uint64_t{2}); },
           EntryFault::bad_ranges},
          {"a line end within a value", [](R r) { replace(r, "ETag: \"x\"", "ETag: \r\nx"); },
           EntryFault::bad_head},
          {"a line feed within a value", [](R r) { replace(r, "\"x\"", "\"\n\""); }, EntryFault::bad_head},
          {"the head's end", [](R r) { replace(r, "ETag: \"x\"\r\n", "\r\nETag: x\r\n"); },
           EntryFault::bad_head},
          {"no field name", [](R r) { replace(r, "ETag: ", "ET g: "); }, EntryFault::bad_head},
          {"another length", [](R r) { replace(r, "Length: 100", "Length: 005"); }, EntryFault::bad_head},
          {"a second framing", [](R r) { replace(r, "Content-Length: 100", "Connection: upgrade"); },
           EntryFault::bad_head},
          {"a byte less", [](R r) { r.pop_back(); }, EntryFault::bad_layout},
          {"a byte more", [](R r) { r += 'x'; }, EntryFault::bad_layout},
          {"nothing but numbers", [](R r) { r.resize(texts_at); }, EntryFault::bad_layout},
          {"half of the numbers", [](R r) { r.resize(40); }, EntryFault::bad_layout},
          {"nothing", [](R r) { r.resize(kEnvelopeHead); }, EntryFault::bad_layout},
          {"not compressed", [](R r) { r[7] = 1; }, EntryFault::bad_body},
          {"a chunk", [](R r) { r[5] = 4; }, EntryFault::unknown_kind},
          {"variants", [](R r) { r[5] = 3; }, EntryFault::unknown_kind},
          {"a body in chunks", [](R r) { r[5] = 2; }, EntryFault::bad_layout},
      },
      wanted_of(*stored));
}

TEST(EntryCodec, RefusesAnInlineBodyThatIsTooLarge) {
  auto record = *encode_entry(*Kept{.body = std::string(10'000, 'x')}.make(), Packing::zstd);
  record.resize(record.size() - kEnvelopeTail);
  put(record, body_length_at, std::uint64_t{90'000});
  replace(record, "10000", "90000");
  seal(record);
  EXPECT_EQ(name(decode_entry(record, {kKey}).error()), "bad_layout");
}

TEST(EntryCodec, RefusesChunksThatNoBodyHas) {
  const auto stored = Kept{.body = text(20'000)}.make();
  const auto record = *encode_entry(*stored, in_chunks(*stored, 8192));
  const auto chunk_bytes_at = record.size() - kEnvelopeTail - 20;
  using R = std::string&;
  check(record,
        {
            {"none", [&](R r) { put(r, chunk_bytes_at, std::uint32_t{0}); }, EntryFault::bad_layout},
            {"too small", [&](R r) { put(r, chunk_bytes_at, kMinChunk - 1); }, EntryFault::bad_layout},
            {"too large", [&](R r) { put(r, chunk_bytes_at, kMaxChunk + 1); }, EntryFault::bad_layout},
            {"no body id", [](R r) { r.resize(r.size() - 1); }, EntryFault::bad_layout},
            {"more than one", [](R r) { r += 'x'; }, EntryFault::bad_layout},
            {"compressed as a whole", [](R r) { r[7] = 1; }, EntryFault::bad_layout},
            {"inline", [](R r) { r[5] = 1; }, EntryFault::bad_layout},
            {"too many",
             [](R r) {
               put(r, body_length_at, std::uint64_t{8192 * kMaxChunks + 1});
               put(r, head_size_at, std::uint32_t{40 + 4});
               replace(r, "20000\r\n", "5368709");
               r.insert(r.find("5368709") + 7, "13\r\n");
             },
             EntryFault::bad_layout},
            {"no body",
             [](R r) {
               put(r, body_length_at, std::uint64_t{0});
               replace(r, "20000", "00000");
             },
             EntryFault::bad_layout},
        },
        {kKey});
}

TEST(EntryCodec, RefusesNamesThatNothingVariesOn) {
  const auto good = encode_variants(kKey, kVariants);
  using R = std::string&;
  constexpr std::size_t expires_at = 20, key_at = 28, count_at = 32, first_at = 34 + 12;
  const Row rows[] = {
      {"another key", [](R r) { replace(r, "http://a", "http://b"); }, EntryFault::wrong_key},
      {"a key without end", [](R r) { put(r, key_at, ~std::uint32_t{0}); }, EntryFault::wrong_key},
      {"none", [](R r) { put(r, count_at, std::uint16_t{0}); }, EntryFault::bad_layout},
      {"too many", [](R r) { put(r, count_at, std::uint16_t{9}); }, EntryFault::bad_layout},
      {"fewer than there are", [](R r) { put(r, count_at, std::uint16_t{1}); }, EntryFault::bad_layout},
      {"more than there are", [](R r) { put(r, count_at, std::uint16_t{3}); }, EntryFault::bad_layout},
      {"names without end", [](R r) { put(r, first_at, std::uint16_t{0xffff}); }, EntryFault::bad_layout},
      {"no names", [](R r) { put(r, first_at, std::uint16_t{0}); }, EntryFault::bad_names},
      {"no token", [](R r) { replace(r, "accept,", "acc pt,"); }, EntryFault::bad_names},
      {"line ends", [](R r) { replace(r, "accept,", "acce\r\n,"); }, EntryFault::bad_names},
      {"before 1970", [](R r) { put(r, expires_at, ~std::uint64_t{0}); }, EntryFault::bad_times},
      {"a byte more", [](R r) { r += 'x'; }, EntryFault::bad_layout},
      {"a byte less", [](R r) { r.pop_back(); }, EntryFault::bad_layout},
      {"compressed", [](R r) { r[7] = 1; }, EntryFault::bad_layout},
      {"a chunk", [](R r) { r[5] = 4; }, EntryFault::unknown_kind},
  };
  for (const auto& row : rows) {
    auto record = good.substr(0, good.size() - kEnvelopeTail);
    row.spoil(record);
    seal(record);
    const auto decoded = decode_key_record(record, kKey);
    ASSERT_FALSE(decoded) << row.what;
    EXPECT_EQ(name(decoded.error()), name(row.fault)) << row.what;
  }
}

TEST(EntryCodec, AKeyWithoutVaryHasNoRecordOfAVariant) {
  const auto record = *encode_entry(*Kept{.vary = "accept"}.make(), Packing::plain);
  EXPECT_EQ(name(decode_key_record(record, kKey).error()), "wrong_key");
}

// ---- version 1 -------------------------------------------------------------------------------------------

/// Records as forebay has written them since version 1. They stay readable, whatever comes after.
std::string bytes(std::string_view hex) {
  std::string out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  return out;
}
std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[c & 15];
  }
  return out;
}

const ChunkedBody kLayout{{0x1111111111111111, 0x2222222222222222}, 5, 4096};

TEST(FormatVersion1, OfAResponse) {
  constexpr std::string_view kRecord =
      "464241590101000000000109019401ff020200020000018cc251f47b0000000100000002000000030000000400000005"
      "fedcba9876543210000000000000006400000000000000050000000f0000001100000004000000380000000000000000"
      "0000000000000001000000000000000a000000000000000c000000000000000100000000000000020000000000000003"
      "0000000000000004687474703a2f2f613a38302f703f716163636570742c636f6f6b69653d736964313a612d48545450"
      "2f312e3120343034204e6f7420466f756e640d0a455461673a202278220d0a436f6e74656e742d4c656e6774683a2031"
      "30300d0a68656c6c6f833db6a16f223845c01c22ef7a534764";
  const auto stored = everything().make();
  EXPECT_EQ(hex(*encode_entry(*stored, Packing::plain)), kRecord);
  const auto entry = decode_entry(bytes(kRecord), wanted_of(*stored));
  ASSERT_TRUE(entry) << name(entry.error());
  EXPECT_TRUE(test::is_same(*entry->response, *stored));
}

/// zstd may write other frames one day, so this is only read.
TEST(FormatVersion1, OfACompressedResponse) {
  constexpr std::string_view kRecord =
      "4642415901010001000000b200c80000000000000000018cc251f400000000000000003c000000000000000000000000"
      "0000000000000000000000000000000000000000000007d00000000c000000000000000000000027687474703a2f2f61"
      "3a38302f485454502f312e3120323030204f4b0d0a436f6e74656e742d4c656e6774683a20323030300d0a28b52ffd64"
      "d0064d00001078780100cbff000b9f8b51214b2e74eb6a7a3eac6dc000bb4bda27e0";
  const auto stored = Kept{.body = std::string(2000, 'x')}.make();
  const auto entry = decode_entry(bytes(kRecord), {kKey});
  ASSERT_TRUE(entry) << name(entry.error());
  EXPECT_TRUE(test::is_same(*entry->response, *stored));
}

TEST(FormatVersion1, OfAResponseInChunks) {
  constexpr std::string_view kRecord =
      "4642415901020000000000ac00c80000000000000000018cc251f400000000000000003c000000000000000000000000"
      "0000000000000000000000000000000000000000000000050000000c000000000000000000000024687474703a2f2f61"
      "3a38302f485454502f312e3120323030204f4b0d0a436f6e74656e742d4c656e6774683a20350d0a0000100011111111"
      "111111112222222222222222cb2a04e379cd3ea1beb92b4c16658c16";
  const auto stored = Kept{}.make();
  EXPECT_EQ(hex(*encode_entry(*stored, kLayout)), kRecord);
  const auto entry = decode_entry(bytes(kRecord), {kKey});
  ASSERT_TRUE(entry) << name(entry.error());
  EXPECT_EQ(entry->chunked, kLayout);
  EXPECT_EQ(entry->response->head(), stored->head());
}

TEST(FormatVersion1, OfAChunk) {
  constexpr std::string_view kRecord =
      "46424159010400000000003911111111111111112222222222222222000000000000000568656c6c6f39800bbcadebfa"
      "a89e54f291f7913151";
  EXPECT_EQ(hex(encode_chunk(*Kept{}.make()->body(), kLayout, 0, Packing::plain)), kRecord);
  BodyBuilder body(5);
  ASSERT_TRUE(decode_chunk(bytes(kRecord), kLayout, 0, body));
  EXPECT_EQ(body.finish()->slices()[0].view(), "hello");
}

TEST(FormatVersion1, OfWhatAKeyVariesOn) {
  constexpr std::string_view kRecord =
      "4642415901030000000000590123456789abcdef0000018cc251f4000000000c0002687474703a2f2f613a38302f0006"
      "61636365707400116163636570742c636f6f6b69653d7369648043cdacea8b24d40f4cc702559dc0b2";
  EXPECT_EQ(hex(encode_variants(kKey, kVariants)), kRecord);
  const auto record = decode_key_record(bytes(kRecord), kKey);
  ASSERT_TRUE(record) << name(record.error());
  EXPECT_EQ(std::get<Variants>(*record), kVariants);
}

/// The chunks of a body that was stored by another version have to be found.
TEST(FormatVersion1, OfABodysId) {
  EXPECT_EQ(to_hex(in_chunks(*everything().make(), 4096).id), "f343bbc0147f3a594341b0e04de4b2fa");
}

}  // namespace
}  // namespace forebay::tier
