#include "forebay/http/coding_stream.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace forebay::http {
namespace {

using Next = Step::Next;
using enum Coding;

constexpr std::size_t kWhole = std::size_t{1} << 24;
constexpr std::size_t kTooMuch = std::size_t{1} << 26;  // no test has a body of this size

std::string encode(std::string_view input, Coding coding, int level, std::size_t piece = kWhole,
                   std::size_t room = kWhole, Flush between = Flush::none) {
  Encoder encoder(coding, level);
  std::string all;
  std::string out(std::min(room, input.size() + 1024), '\0');
  for (;;) {
    auto given = input.substr(0, piece);
    input.remove_prefix(given.size());
    const auto flush = input.empty() ? Flush::finish : between;
    for (auto next = Next::drain; next == Next::drain;) {
      const auto step = encoder.step(given, out, flush);
      EXPECT_LE(step.consumed, given.size());
      EXPECT_LE(step.produced, out.size());
      EXPECT_TRUE(step.next != Next::feed || step.consumed == given.size());
      all.append(out, 0, step.produced);
      given.remove_prefix(step.consumed);
      next = step.next;
      if (next == Next::done) return all;
      if (next == Next::drain && step.produced + step.consumed == 0) {
        ADD_FAILURE() << "no progress";
        return all;
      }
    }
  }
}

/// The body, or what is wrong with it.
Result<std::string> decode(std::string_view input, Coding coding, std::size_t piece = kWhole,
                           std::size_t room = 1 << 16) {
  Decoder decoder(coding);
  std::string all;
  std::string out(room, '\0');
  for (int idle = 0; idle < 3 && all.size() < kTooMuch;) {
    const auto given = input.substr(0, piece);
    const auto flush = given.size() == input.size() ? Flush::finish : Flush::none;
    const auto step = decoder.step(given, out, flush);
    if (!step) return step.error();
    EXPECT_LE(step->consumed, given.size());
    EXPECT_LE(step->produced, out.size());
    EXPECT_TRUE(step->next == Next::drain || step->consumed == given.size());
    all.append(out, 0, step->produced);
    input.remove_prefix(step->consumed);
    if (step->next == Next::done) return all;
    idle = step->produced + step->consumed > 0 ? 0 : idle + 1;
  }
  ADD_FAILURE() << "no progress or no end";
  return all;
}

std::string error_of(std::string_view input, Coding coding, std::size_t piece = kWhole) {
  const auto body = decode(input, coding, piece);
  if (body) return "none";
  EXPECT_EQ(body.error().kind, ErrorKind::response_malformed);
  return body.error().detail;
}

std::string noise(std::size_t size) {
  std::mt19937 random(1);  // NOLINT: the same in every run
  std::string text(size, '\0');
  for (auto& c : text) c = static_cast<char>(random());
  return text;
}

/// Something like what text/html compresses to.
std::string prose(std::size_t size) {
  std::mt19937 random(2);  // NOLINT
  std::string text;
  while (text.size() < size) {
    text += "<p class=\"c";
    text += std::to_string(random() % 40);
    text += "\">";
    text += std::to_string(random() % 100000);
    text += "</p>\n";
  }
  text.resize(size);
  return text;
}

std::string hex(std::string_view digits) {
  std::string bytes;
  for (; digits.size() >= 2; digits.remove_prefix(2))
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(0, 2)), nullptr, 16));
  return bytes;
}

constexpr Coding kEach[] = {identity, gzip, br, zstd};
constexpr Coding kCompressing[] = {gzip, br, zstd};

/// A middle level, as a proxy would use it.
constexpr int kLevel = 5;

TEST(CodingStream, BodiesComeBack) {
  const std::string bodies[] = {
      "",          "a",        "ab",         std::string(1, '\0'),     prose(300),
      prose(5000), noise(100), noise(70000), std::string(200000, 'x'), prose(700000)};
  for (const auto coding : kEach) {
    for (const auto& body : bodies) {
      const auto coded = encode(body, coding, kLevel);
      EXPECT_EQ(decode(coded, coding).value(), body) << token(coding) << ' ' << body.size();
    }
  }
}

TEST(CodingStream, SmallPiecesAndSmallRooms) {
  const auto body = prose(3000) + noise(500);
  for (const auto coding : kEach) {
    for (const std::size_t piece : {1, 2, 7, 100, 4000}) {
      for (const std::size_t room : {1, 2, 3, 16, 5000}) {
        const auto coded = encode(body, coding, kLevel, piece, room);
        EXPECT_EQ(decode(coded, coding, piece, room).value(), body)
            << token(coding) << ' ' << piece << ' ' << room;
      }
    }
  }
}

TEST(CodingStream, EveryLevel) {
  const auto body = prose(40000);
  for (const auto coding : kEach) {
    for (int level = levels(coding).least; level <= levels(coding).most; ++level) {
      const auto coded = encode(body, coding, level, 1000, 100);
      EXPECT_EQ(decode(coded, coding).value(), body) << token(coding) << ' ' << level;
      if (coding != identity) {
        EXPECT_LT(coded.size(), body.size() / 2) << token(coding) << ' ' << level;
      }
    }
  }
}

TEST(CodingStream, LargeBodies) {
  const auto body = prose(5 << 20) + noise(1 << 20) + std::string(5 << 20, 'z');
  for (const auto coding : kEach) {
    const auto coded = encode(body, coding, 1, 60000, 16384);
    EXPECT_TRUE(decode(coded, coding, 16384, 8192).value() == body) << token(coding);
  }
}

TEST(CodingStream, NoiseGrowsLittle) {
  const auto body = noise(1 << 20);
  for (const auto coding : kCompressing) {
    EXPECT_LT(encode(body, coding, kLevel, 4096, 512).size(), body.size() + body.size() / 500);
  }
}

TEST(Encoder, LevelsOutsideCountAsTheNearest) {
  const auto body = prose(20000);
  for (const auto coding : kEach) {
    const auto [least, most] = levels(coding);
    EXPECT_EQ(encode(body, coding, least - 5), encode(body, coding, least)) << token(coding);
    EXPECT_EQ(encode(body, coding, most + 5), encode(body, coding, most)) << token(coding);
    EXPECT_EQ(Encoder::memory_bytes(coding, least - 5), Encoder::memory_bytes(coding, least));
    EXPECT_EQ(Encoder::memory_bytes(coding, most + 5), Encoder::memory_bytes(coding, most));
  }
}

TEST(Encoder, SameStepsGiveSameBytes) {
  const auto body = prose(20000);
  for (const auto coding : kEach) {
    EXPECT_EQ(encode(body, coding, kLevel, 500, 70), encode(body, coding, kLevel, 500, 70)) << token(coding);
  }
}

TEST(Encoder, DoneStaysDone) {
  for (const auto coding : kEach) {
    Encoder encoder(coding, kLevel);
    std::string out(100, '\0');
    ASSERT_EQ(encoder.step("abc", out, Flush::finish).next, Next::done);
    for (const auto flush : {Flush::finish, Flush::none, Flush::block}) {
      const auto again = encoder.step("", out, flush);
      EXPECT_EQ(again.next, Next::done);
      EXPECT_EQ(again.produced, 0u);
    }
  }
}

// What was flushed can be decoded before anything else comes.
TEST(Encoder, BlocksAreDecodableAtOnce) {
  for (const auto coding : kEach) {
    for (const std::size_t room : {kFlushRoom, kFlushRoom + 1, std::size_t{23}, std::size_t{4096}}) {
      Encoder encoder(coding, kLevel);
      Decoder decoder(coding);
      std::string out(room, '\0');
      std::string plain(4096, '\0');
      for (int i = 0; i < 20; ++i) {
        const auto event = prose(static_cast<std::size_t>(i * 7 % 90));
        std::string coded;
        std::string_view rest = event;
        for (auto next = Next::drain; next == Next::drain;) {
          const auto step = encoder.step(rest, out, Flush::block);
          coded.append(out, 0, step.produced);
          rest.remove_prefix(step.consumed);
          next = step.next;
          ASSERT_LT(coded.size(), 1000u);
        }
        const auto got = decoder.step(coded, plain, Flush::none);
        ASSERT_TRUE(got) << got.error().detail;
        EXPECT_EQ(got->next, Next::feed);
        EXPECT_EQ(plain.substr(0, got->produced), event) << token(coding) << ' ' << room;
      }
    }
  }
}

TEST(Encoder, FlushesInBetweenComeBack) {
  const auto body = prose(3000);
  for (const auto coding : kEach) {
    const auto coded = encode(body, coding, kLevel, 33, 17, Flush::block);
    EXPECT_EQ(decode(coded, coding, 5, 5).value(), body) << token(coding);
  }
}

TEST(CodingStream, CanBeMovedInTheMiddle) {
  const auto body = prose(3000);
  for (const auto coding : kEach) {
    std::string coded(8000, '\0');
    std::string plain(8000, '\0');
    Encoder first(coding, kLevel);
    const auto begun = first.step(std::string_view(body).substr(0, 1000), coded, Flush::none);
    Encoder second(std::move(first));
    Encoder third(identity, 0);
    third = std::move(second);
    const auto rest = third.step(std::string_view(body).substr(begun.consumed),
                                 std::span(coded).subspan(begun.produced), Flush::finish);
    ASSERT_EQ(rest.next, Next::done);
    coded.resize(begun.produced + rest.produced);

    Decoder one(coding);
    const auto half = one.step(std::string_view(coded).substr(0, coded.size() / 2), plain, Flush::none);
    Decoder two(std::move(one));
    Decoder three(identity);
    three = std::move(two);
    const auto all = three.step(std::string_view(coded).substr(half->consumed),
                                std::span(plain).subspan(half->produced), Flush::finish);
    ASSERT_TRUE(all);
    EXPECT_EQ(all->next, Next::done);
    EXPECT_EQ(plain.substr(0, half->produced + all->produced), body);
  }
}

// printf forebay, through gzip -n, gzip of a file (with its name and time), brotli and zstd.
TEST(Decoder, ReadsWhatOtherToolsWrite) {
  const struct {
    Coding coding;
    std::string_view digits;
  } rows[] = {
      {gzip, "1f8b08000000000002034bcb2f4a4d4aac040080232e1d07000000"},
      {gzip, "1f8b08080bba036b0203666f72656261792e747874004bcb2f4a4d4aac040080232e1d07000000"},
      {br, "21180004666f726562617903"},
      {zstd, "28b52ffd2407390000666f7265626179a4e1c975"},
  };
  for (const auto& row : rows) EXPECT_EQ(decode(hex(row.digits), row.coding).value(), "forebay");
}

TEST(Decoder, SaysWhatIsWrong) {
  const struct {
    Coding coding;
    std::string_view digits;
    std::string_view detail;
  } rows[] = {
      {gzip, "", "gzip: ends early"},
      {gzip, "1f8b08000000000002034bcb2f4a4d4aac040081232e1d07000000", "gzip: incorrect data check"},
      {gzip, "1f8b08000000000002034bcb2f4a4d4aac040080232e1d08000000", "gzip: incorrect length check"},
      {gzip, "1f8b0700000000000203", "gzip: unknown compression method"},
      {gzip, "1f8b08e0000000000203", "gzip: unknown header flags set"},
      {gzip, "1f8b080000000000020307", "gzip: invalid block type"},
      {gzip, "789c4bcccc030002530139", "gzip: incorrect header check"},  // zlib's own format
      {zstd, "28b52ffd2407390000666f7265626179a4e1c976", "zstd: Restored data doesn't match checksum"},
      {zstd, "28b52ffe24", "zstd: Unknown frame descriptor"},
      {zstd, "1f8b08", "zstd: no frame begins here"},
      {br, "21180004666f72656261790300", "br: bytes behind the end"},
      {br, "21180004666f726562", "br: ends early"},
  };
  for (const auto& row : rows) EXPECT_EQ(error_of(hex(row.digits), row.coding), row.detail) << row.digits;
}

TEST(Decoder, RefusesEveryTruncation) {
  for (const auto& body : {std::string(), prose(400), noise(200)}) {
    for (const auto coding : kCompressing) {
      const auto coded = encode(body, coding, kLevel);
      for (std::size_t size = 0; size < coded.size(); ++size) {
        const auto detail = error_of(std::string_view(coded).substr(0, size), coding);
        ASSERT_EQ(detail, std::string(token(coding)) + ": ends early") << size << " of " << coded.size();
      }
    }
  }
}

TEST(Decoder, IdentityMayBeEmpty) { EXPECT_EQ(decode("", identity).value(), ""); }

// Each bit of the stream in turn. Some bits of a gzip head mean nothing (RFC 1952 §2.3.1: the time, the
// system), so either the body is right or there is an error.
TEST(Decoder, NeverGivesWrongBytesWhereThereIsAChecksum) {
  for (const auto& body : {prose(300), noise(60)}) {
    for (const auto coding : {gzip, zstd}) {
      const auto coded = encode(body, coding, kLevel);
      std::size_t refused = 0;
      for (std::size_t bit = 0; bit < coded.size() * 8; ++bit) {
        auto bad = coded;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        const auto got = decode(bad, coding);
        if (got) {
          EXPECT_EQ(*got, body) << token(coding) << " bit " << bit;
        }
        refused += got ? 0 : 1;
      }
      EXPECT_GT(refused, coded.size() * 8 - 80) << token(coding);
    }
  }
}

// Without a checksum a wrong bit may give another body, but never one without end.
TEST(Decoder, SurvivesCorruptedBrotli) {
  const auto body = prose(2000);
  const auto coded = encode(body, br, kLevel);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < coded.size() * 8; ++bit) {
    auto bad = coded;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const auto got = decode(bad, br, 50, 100);
    refused += got ? 0 : 1;
  }
  EXPECT_GT(refused, coded.size());
}

TEST(Decoder, RefusesWhatIsNoneOfIt) {
  const auto text = prose(100);
  for (const auto coding : kCompressing) {
    for (const auto other : kEach) {
      if (other == coding) continue;
      EXPECT_NE(error_of(encode(text, other, kLevel), coding), "none") << token(coding) << token(other);
    }
    EXPECT_NE(error_of(std::string(100, '\xff'), coding), "none");
  }
}

TEST(Decoder, RefusesBytesBehindTheEnd) {
  for (const auto coding : kCompressing) {
    const auto coded = encode("forebay", coding, kLevel);
    for (const std::string& more : {std::string(1, '\0'), std::string(1, ' '), std::string("\r\n"),
                                    std::string(50, '\0'), std::string("garbage"), coded.substr(0, 5)}) {
      for (const std::size_t piece : {std::size_t{1}, coded.size(), kWhole}) {
        EXPECT_NE(error_of(coded + more, coding, piece), "none") << token(coding) << piece;
      }
    }
  }
  EXPECT_EQ(error_of(encode("a", br, kLevel) + "x", br), "br: bytes behind the end");
  EXPECT_EQ(error_of(encode("a", br, kLevel) + encode("b", br, kLevel), br), "br: bytes behind the end");
}

// RFC 1952 §2.2, RFC 8878 §3: several make one.
TEST(Decoder, JoinsMembersAndFrames) {
  for (const auto coding : {gzip, zstd}) {
    std::string coded;
    for (const auto* part : {"a", "", "", "bcd", ""}) coded += encode(part, coding, kLevel);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{9}, kWhole}) {
      for (const std::size_t room : {1, 2, 100}) {
        EXPECT_EQ(decode(coded, coding, piece, room).value(), "abcd");
      }
    }
    EXPECT_NE(error_of(coded + encode("x", coding, kLevel).substr(0, 6), coding), "none");
  }
}

TEST(Decoder, PassesSkippableFrames) {
  const auto skipped = hex("522a4d1804000000") + "skip";
  EXPECT_EQ(decode(skipped + encode("abc", zstd, kLevel) + skipped, zstd).value(), "abc");
  EXPECT_EQ(decode(skipped, zstd, 1, 1).value(), "");
  EXPECT_EQ(error_of(skipped.substr(0, 9), zstd), "zstd: ends early");
}

// A window of 8 MiB, and one of 16 MiB, in a frame with one last raw block of one byte.
TEST(Decoder, LimitsTheWindowOfZstd) {
  const auto frame = [](char window) { return hex("28b52ffd00") + window + hex("090000") + "a"; };
  EXPECT_EQ(decode(frame(13 << 3), zstd).value(), "a");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{6}, kWhole}) {
    EXPECT_EQ(error_of(frame((13 << 3) + 1), zstd, piece),
              "zstd: Frame requires too much memory for decoding");
    EXPECT_NE(error_of(frame(14 << 3), zstd, piece), "none");
    EXPECT_NE(error_of(frame('\x88'), zstd, piece), "none");
    EXPECT_NE(error_of(frame('\xf8'), zstd, piece), "none");
  }
  // The same with a content size, which a library could decode at once.
  EXPECT_NE(error_of(hex("28b52ffd8070") + hex("01000000") + hex("090000") + "a", zstd), "none");
}

TEST(Decoder, RefusesOldZstandardFormats) {
  for (const auto* magic :
       {"1eb52ffd", "22b52ffd", "23b52ffd", "24b52ffd", "25b52ffd", "26b52ffd", "27b52ffd"}) {
    EXPECT_EQ(error_of(hex(magic) + std::string(20, '\0'), zstd), "zstd: no frame begins here") << magic;
  }
}

// A block of 16,384 times one byte, which comes out long after the frame's few bytes have gone in.
TEST(Decoder, ReadsNothingBehindWhatItWasGivenOfAShortFrameOfZstd) {
  const auto frame = hex("28b52ffd0058");
  const auto block = hex("02000210");
  const auto last_block = hex("03000210");
  const std::string body(16'384, '\x10');
  for (const std::size_t piece : {std::size_t{1}, std::size_t{4}, kWhole}) {
    for (const std::size_t room : {5, 4096}) {
      EXPECT_EQ(decode(frame + last_block, zstd, piece, room).value(), body);
      EXPECT_EQ(decode(frame + block, zstd, piece, room).error().detail, "zstd: ends early");
    }
  }
}

// The library looks for an old format's magic number where a header turns out wrong, in what it was given
// last.
TEST(Decoder, RefusesOldZstandardFormatsBehindTheBeginningOfAFrame) {
  for (const auto* begin : {"28", "28b5", "51", "522a4d", "28b52ffd", "28b52ffd08"}) {
    for (const auto* magic : {"1eb52ffd", "22b52ffd", "25b52ffd", "26b52ffd", "27b52ffd"}) {
      const auto coded = hex(begin) + hex(magic) + std::string(20, '\0');
      const auto error = error_of(coded, zstd, 1);
      EXPECT_NE(error, "none") << begin << magic;
      for (const std::size_t piece : {std::size_t{2}, std::size_t{4}, std::size_t{5}, kWhole})
        EXPECT_EQ(error_of(coded, zstd, piece), error) << begin << magic << " by " << piece;
    }
  }
}

TEST(Decoder, RefusesLargeWindowsOfBrotli) {
  EXPECT_NE(error_of(hex("111e") + std::string(20, '\0'), br), "none");
}

TEST(Decoder, BombsComeInBoundedSteps) {
  constexpr std::size_t kSize = std::size_t{48} << 20;
  for (const auto coding : kCompressing) {
    std::string bomb;
    {
      Encoder encoder(coding, kLevel);
      const std::string zeroes(1 << 20, '\0');
      std::string out(1 << 16, '\0');
      for (std::size_t given = 0;;) {
        const auto left = std::min(kSize - given, zeroes.size());
        const auto step = encoder.step(std::string_view(zeroes).substr(0, left), out,
                                       left == kSize - given ? Flush::finish : Flush::none);
        given += step.consumed;
        bomb.append(out, 0, step.produced);
        if (step.next == Next::done) break;
      }
    }
    ASSERT_LT(bomb.size(), kSize / 900) << token(coding);
    Decoder decoder(coding);
    std::string room(32768, '\0');
    std::string_view rest = bomb;
    std::size_t produced = 0;
    for (auto next = Next::drain; next != Next::done;) {
      const auto step = decoder.step(rest, room, Flush::finish);
      ASSERT_TRUE(step);
      ASSERT_LE(step->produced, room.size());
      ASSERT_GT(step->produced + step->consumed, 0u);
      produced += step->produced;
      rest.remove_prefix(step->consumed);
      next = step->next;
    }
    EXPECT_EQ(produced, kSize);
  }
}

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 33)
std::size_t allocated() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// The most that an encoder has when a step is over.
std::size_t encoder_bytes(std::string_view body, Coding coding, int level, std::size_t piece) {
  std::string out(1 << 16, '\0');
  const auto before = allocated();
  Encoder encoder(coding, level);
  std::size_t most = 0;
  for (auto next = Next::feed; next != Next::done;) {
    const auto given = body.substr(0, piece);
    const auto step = encoder.step(given, out, given.size() == body.size() ? Flush::finish : Flush::none);
    body.remove_prefix(step.consumed);
    next = step.next;
    most = std::max(most, allocated() - before);
  }
  return most;
}

// Under a sanitizer the allocator counts nothing, and this says nothing.
TEST(Encoder, TakesNoMoreMemoryThanCharged) {
  for (const auto& body : {prose(2 << 20), noise(2 << 20)}) {
    for (const auto coding : kCompressing) {
      for (int level = levels(coding).least; level <= std::min(levels(coding).most, 9); ++level) {
        for (const std::size_t piece : {std::size_t{16384}, kWhole}) {
          EXPECT_LE(encoder_bytes(body, coding, level, piece), Encoder::memory_bytes(coding, level))
              << token(coding) << ' ' << level << ' ' << piece;
        }
      }
    }
  }
}

TEST(Decoder, TakesNoMoreMemoryThanCharged) {
  const auto body = prose(3 << 20);
  std::string out(1 << 16, '\0');
  for (const auto coding : kCompressing) {
    const auto coded = encode(body, coding, 1);
    const auto before = allocated();
    Decoder decoder(coding);
    std::string_view rest = coded;
    for (auto next = Next::feed; next != Next::done;) {
      const auto step = decoder.step(rest, out, Flush::finish);
      ASSERT_TRUE(step);
      rest.remove_prefix(step->consumed);
      next = step->next;
      ASSERT_LE(allocated() - before, Decoder::memory_bytes(coding)) << token(coding);
    }
  }
}
#endif
#endif

}  // namespace
}  // namespace forebay::http
