#include "forebay/http/recoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace forebay::http {
namespace {

using Next = Step::Next;
using enum Coding;

constexpr Coding kEach[] = {identity, gzip, br, zstd};

/// The body recoded in pieces of this size, or what is wrong with it.
Result<std::string> recode(std::string_view input, Coding from, Coding to, std::size_t piece = 1 << 20,
                           std::size_t room = 4096, Flush between = Flush::none) {
  Recoder recoder(from, to);
  std::string all;
  std::string out(room, '\0');
  for (;;) {
    auto given = input.substr(0, piece);
    input.remove_prefix(given.size());
    const auto flush = input.empty() ? Flush::finish : between;
    for (auto next = Next::drain; next == Next::drain;) {
      const auto step = recoder.step(given, out, flush);
      if (!step) return step.error();
      EXPECT_TRUE(step->next == Next::drain || step->consumed == given.size());
      all.append(out, 0, step->produced);
      given.remove_prefix(step->consumed);
      next = step->next;
      if (next == Next::done) return all;
      if (next == Next::drain && step->consumed + step->produced == 0) ADD_FAILURE() << "no progress";
    }
  }
}

std::string text(std::size_t size) {
  std::string out;
  for (int i = 0; out.size() < size; ++i)
    out.append("<li>").append(std::to_string(i * 7919)).append("</li>\n");
  out.resize(size);
  return out;
}

TEST(Recoder, BodiesComeBackWhateverTheCodings) {
  const std::string bodies[] = {"a", text(1000), text(100'000), std::string(300'000, 'x')};
  for (const auto& body : bodies) {
    for (const auto from : kEach) {
      const auto coded = recode(body, identity, from).value();
      for (const auto to : kEach) {
        const auto recoded = recode(coded, from, to).value();
        EXPECT_EQ(recode(recoded, to, identity).value(), body) << token(from) << ' ' << token(to);
      }
    }
  }
}

TEST(Recoder, PiecesAndRoomDoNotMatter) {
  const auto body = text(20'000);
  const auto coded = recode(body, identity, gzip).value();
  for (const std::size_t piece : {1, 7, 1000}) {
    for (const std::size_t room : {16, 17, 5000}) {
      const auto recoded = recode(coded, gzip, br, piece, room, Flush::block).value();
      EXPECT_EQ(recode(recoded, br, identity, piece, room).value(), body) << piece << ' ' << room;
    }
  }
}

TEST(Recoder, AFlushBringsOutWhatWasGiven) {
  for (const auto to : kEach) {
    Recoder coder(identity, to);
    Recoder back(to, identity);
    std::string out(1 << 16, '\0');
    std::string plain(1 << 16, '\0');
    for (const std::string piece : {"data: one\n\n", "data: two\n\n"}) {
      const auto step = coder.step(piece, out, Flush::block).value();
      EXPECT_EQ(step.next, Next::feed);
      const auto seen = back.step({out.data(), step.produced}, plain, Flush::block).value();
      EXPECT_EQ(std::string_view(plain.data(), seen.produced), piece) << token(to);
    }
  }
}

TEST(Recoder, EmptyBodies) {
  for (const auto to : kEach)
    EXPECT_EQ(recode(recode("", identity, to).value(), to, identity).value(), "") << token(to);
}

TEST(Recoder, WhatIsMalformedFails) {
  const auto coded = recode(text(5000), identity, gzip).value();
  auto corrupt = coded;
  corrupt[corrupt.size() / 2] ^= 0x55;
  const std::string_view rows[] = {"", "hello", corrupt, std::string_view(coded).substr(0, coded.size() - 1)};
  for (const auto row : rows) {
    for (const auto to : {identity, br}) {
      const auto recoded = recode(row, gzip, to);
      ASSERT_FALSE(recoded);
      EXPECT_EQ(recoded.error().kind, ErrorKind::response_malformed);
    }
  }
}

TEST(Recoder, OutputIsBoundedByItsRoom) {
  const auto bomb = recode(std::string(1 << 20, '\0'), identity, gzip).value();
  ASSERT_LT(bomb.size(), 2000u);
  Recoder recoder(gzip, identity);
  std::string out(1000, '\0');
  const auto step = recoder.step(bomb, out, Flush::finish).value();
  EXPECT_EQ(step.produced, out.size());
  EXPECT_EQ(step.next, Next::drain);
}

TEST(Recoder, SaysWhatItTakes) {
  EXPECT_LT(Recoder::memory_bytes(identity, identity), 20'000u);
  EXPECT_GT(Recoder::memory_bytes(identity, br), Encoder::memory_bytes(br, usual_level(br)));
  EXPECT_GT(Recoder::memory_bytes(zstd, gzip), Recoder::memory_bytes(zstd, identity));
}

}  // namespace
}  // namespace forebay::http
