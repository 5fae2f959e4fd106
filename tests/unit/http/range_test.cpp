#include "forebay/http/range.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

namespace forebay::http {

void PrintTo(const ByteRange& range, std::ostream* os) { *os << range.first << '-' << range.last; }
void PrintTo(const RangeSpec& spec, std::ostream* os) {
  if (spec.form == RangeSpec::Form::interval) *os << spec.first;
  *os << '-' << spec.last;
}

namespace {

constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
constexpr auto kUnsatisfiable = ResolvedRanges::Kind::unsatisfiable;

RangeSpec interval(std::uint64_t first, std::uint64_t last = kMax) {
  return {RangeSpec::Form::interval, first, last};
}
RangeSpec suffix(std::uint64_t length) { return {RangeSpec::Form::suffix, 0, length}; }

/// `count` one-byte specs, 100 apart.
std::string many(std::size_t count) {
  std::string value = "bytes=";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) value += ',';
    value += std::to_string(i * 100) + '-' + std::to_string(i * 100);
  }
  return value;
}

ResolvedRanges resolved(std::string_view value, std::uint64_t length) {
  const auto request = parse_range(value);
  EXPECT_TRUE(request) << value;
  return resolve(request.value_or(RangeRequest{}), length);
}

TEST(Range, ParsesSpecsInOrder) {
  const struct {
    const char* value;
    std::vector<RangeSpec> specs;
  } rows[] = {
      {"bytes=0-0", {interval(0, 0)}},
      {"bytes=0-499", {interval(0, 499)}},
      {"bytes=9500-", {interval(9500)}},
      {"bytes=-500", {suffix(500)}},
      {"bytes=-0", {suffix(0)}},
      {"BYTES=0-1", {interval(0, 1)}},
      {"Bytes=0-1", {interval(0, 1)}},
      {"bytes=007-010", {interval(7, 10)}},
      {"bytes=0-0,-1", {interval(0, 0), suffix(1)}},
      {"bytes= 0-999, 4500-5499, -1000", {interval(0, 999), interval(4500, 5499), suffix(1000)}},
      {"bytes=5-6\t,\t1-2", {interval(5, 6), interval(1, 2)}},
      {"bytes=1-2 ", {interval(1, 2)}},
      {"bytes=,1-2", {interval(1, 2)}},
      {"bytes=1-2,", {interval(1, 2)}},
      {"bytes=, ,1-2,,\t,3-,", {interval(1, 2), interval(3)}},
      {"bytes=1-2,1-2", {interval(1, 2), interval(1, 2)}},
  };
  for (const auto& row : rows) {
    const auto request = parse_range(row.value);
    ASSERT_TRUE(request) << row.value;
    const auto specs = request->view();
    EXPECT_EQ(std::vector<RangeSpec>(specs.begin(), specs.end()), row.specs) << row.value;
  }
}

TEST(Range, NumbersBeyond64BitSaturate) {
  const struct {
    const char* value;
    RangeSpec spec;
  } rows[] = {
      {"bytes=0-18446744073709551614", interval(0, kMax - 1)},
      {"bytes=0-18446744073709551615", interval(0, kMax)},
      {"bytes=0-18446744073709551616", interval(0, kMax)},
      {"bytes=5-99999999999999999999999999999999999999999999", interval(5, kMax)},
      {"bytes=18446744073709551616-", interval(kMax)},
      {"bytes=18446744073709551616-18446744073709551617", interval(kMax, kMax)},
      {"bytes=-18446744073709551616", suffix(kMax)},
      {"bytes=0000000000000000000000000000001-2", interval(1, 2)},
  };
  for (const auto& row : rows) {
    const auto request = parse_range(row.value);
    ASSERT_TRUE(request) << row.value;
    ASSERT_EQ(request->count, 1u) << row.value;
    EXPECT_EQ(request->specs[0], row.spec) << row.value;
  }
}

TEST(Range, MalformedFieldsAreNothing) {
  const char* const rows[] = {
      "",
      " ",
      "bytes",
      "bytes=",
      "bytes= ",
      "bytes=,",
      "bytes=, ,\t,",
      "=0-1",
      "0-1",
      "bytes 0-1",
      "bytes:0-1",
      " bytes=0-1",
      "bytes =0-1",
      "byte=0-1",
      "bytess=0-1",
      "items=0-1",
      "none=0-1",
      "bytes==0-1",
      "bytes=bytes=0-1",
      "bytes=-",
      "bytes=--",
      "bytes=--1",
      "bytes=1",
      "bytes=1--2",
      "bytes=1-2-3",
      "bytes=1-2-",
      "bytes=-1-2",
      "bytes=2-1",
      "bytes=18446744073709551615-18446744073709551614",
      "bytes=18446744073709551616-5",
      "bytes=+1-2",
      "bytes=1-+2",
      "bytes=-+1",
      "bytes=1 -2",
      "bytes=1- 2",
      "bytes=- 1",
      "bytes=1 2-3",
      "bytes=1-2 3",
      "bytes=1-2;3-4",
      "bytes=1-2 3-4",
      "bytes=0x1-2",
      "bytes=1-2a",
      "bytes=a-b",
      "bytes=1.0-2",
      "bytes=*",
      "bytes=1-*",
      "bytes=*/5",
      "bytes=\"1-2\"",
      "bytes=1-2,\"",
      "bytes=1-2,\"3-4,5-6\"",
      "bytes=1-2,x",
      "bytes=x,1-2",
      "bytes=1-2,4-3",
      "bytes=4-3,1-2",
      "bytes=1-2,-",
      "bytes=1-2, bytes=3-4",
      "bytes=1-2\r",
      "bytes=1-2\n,3-4",
      "bytes=1\v-2",
      "bytes=\xd9\xa1-\xd9\xa2",
      "bytes=1\342\200\2232",  // an en dash
  };
  for (const char* row : rows) EXPECT_EQ(parse_range(row), std::nullopt) << row;
  EXPECT_EQ(parse_range(std::string_view("bytes=1-2\0", 10)), std::nullopt);
  EXPECT_EQ(parse_range(std::string_view("bytes\0=1-2", 10)), std::nullopt);
}

TEST(Range, MoreThanTheMostSpecsAreIgnored) {
  const auto most = parse_range(many(kMaxRanges));
  ASSERT_TRUE(most);
  EXPECT_EQ(most->count, kMaxRanges);
  EXPECT_TRUE(parse_range(many(kMaxRanges) + " , ,"));  // empty elements are no specs
  EXPECT_EQ(parse_range(many(kMaxRanges + 1)), std::nullopt);
  EXPECT_EQ(parse_range(many(1000)), std::nullopt);
}

struct ResolveRow {
  const char* value;
  std::uint64_t length;
  std::vector<ByteRange> ranges;
};

void expect_resolved(std::span<const ResolveRow> rows) {
  for (const auto& row : rows) {
    const auto result = resolved(row.value, row.length);
    const auto ranges = result.view();
    EXPECT_EQ(result.kind, ResolvedRanges::Kind::some) << row.value << " of " << row.length;
    EXPECT_EQ(std::vector<ByteRange>(ranges.begin(), ranges.end()), row.ranges)
        << row.value << " of " << row.length;
  }
}

TEST(Range, ResolvesAgainstTheLength) {
  const ResolveRow rows[] = {
      {"bytes=0-499", 10000, {{0, 499}}},
      {"bytes=500-999", 10000, {{500, 999}}},
      {"bytes=-500", 10000, {{9500, 9999}}},
      {"bytes=9500-", 10000, {{9500, 9999}}},
      {"bytes=0-0,-1", 10000, {{0, 0}, {9999, 9999}}},
      {"bytes= 0-999, 4500-5499, -1000", 10000, {{0, 999}, {4500, 5499}, {9000, 9999}}},
      {"bytes=0-9999", 10000, {{0, 9999}}},
      {"bytes=0-10000", 10000, {{0, 9999}}},
      {"bytes=9999-10000", 10000, {{9999, 9999}}},
      {"bytes=9999-", 10000, {{9999, 9999}}},
      {"bytes=-10000", 10000, {{0, 9999}}},
      {"bytes=-10001", 10000, {{0, 9999}}},
      {"bytes=0-", 1, {{0, 0}}},
      {"bytes=-1", 1, {{0, 0}}},
      {"bytes=-99999999999999999999", 3, {{0, 2}}},
      {"bytes=1-99999999999999999999", 3, {{1, 2}}},
  };
  expect_resolved(rows);
}

TEST(Range, WhatCannotBeSatisfiedIsDroppedBesideWhatCan) {
  const ResolveRow rows[] = {
      {"bytes=100-200,0-0", 100, {{0, 0}}},
      {"bytes=0-0,100-", 100, {{0, 0}}},
      {"bytes=-0,5-6", 100, {{5, 6}}},
      {"bytes=500-,0-1,-0,99999999999999999999-,300-300", 310, {{0, 1}, {300, 300}}},
  };
  expect_resolved(rows);
}

TEST(Range, NothingSatisfiableIsUnsatisfiable) {
  const struct {
    const char* value;
    std::uint64_t length;
  } rows[] = {
      {"bytes=10-", 10},
      {"bytes=10-20", 10},
      {"bytes=11-", 10},
      {"bytes=-0", 10},
      {"bytes=-0,10-,11-12", 10},
      {"bytes=0-", 0},
      {"bytes=0-0", 0},
      {"bytes=-1", 0},
      {"bytes=-0", 0},
      {"bytes=0-0,-1,-0", 0},
      {"bytes=-18446744073709551615", 0},
      {"bytes=-0", kMax},
      {"bytes=18446744073709551615-", kMax},
      {"bytes=18446744073709551616-", kMax},
  };
  for (const auto& row : rows) {
    const auto result = resolved(row.value, row.length);
    EXPECT_EQ(result.kind, kUnsatisfiable) << row.value << " of " << row.length;
    EXPECT_TRUE(result.view().empty()) << row.value << " of " << row.length;
  }
  EXPECT_EQ(resolve(RangeRequest{}, 10).kind, kUnsatisfiable);
}

TEST(Range, CoalescesOverlapsAndSmallGapsInAscendingOrder) {
  const ResolveRow rows[] = {
      {"bytes=500-600,601-999", 10000, {{500, 999}}},
      {"bytes=500-700,601-999", 10000, {{500, 999}}},
      {"bytes=0-9,0-9", 10000, {{0, 9}}},
      {"bytes=0-99,20-30", 10000, {{0, 99}}},
      {"bytes=20-30,0-99", 10000, {{0, 99}}},
      {"bytes=0-99,99-200", 10000, {{0, 200}}},
      {"bytes=0-0,80-80", 10000, {{0, 80}}},           // 79 bytes between them
      {"bytes=0-0,81-81", 10000, {{0, 0}, {81, 81}}},  // 80 bytes
      {"bytes=80-80,0-0", 10000, {{0, 80}}},
      {"bytes=0-,-1", 10000, {{0, 9999}}},
      {"bytes=-1,-2,-3", 10000, {{9997, 9999}}},
      {"bytes=0-49,-50", 100, {{0, 99}}},
      {"bytes=0-0,-1", 81, {{0, 80}}},
      {"bytes=0-0,-1", 82, {{0, 0}, {81, 81}}},
      {"bytes=0-1000,10-20,1050-1060", 10000, {{0, 1060}}},    // the longer one decides about the gap
      {"bytes=200-200,100-100,150-150", 10000, {{100, 200}}},  // each joins the next
      {"bytes=9000-9001,5000-5001,0-1,1-2", 10000, {{0, 2}, {5000, 5001}, {9000, 9001}}},
      {"bytes=5000-5100,0-9,5050-5200", 10000, {{0, 9}, {5000, 5200}}},
      {"bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-", 10000, {{0, 9999}}},
  };
  expect_resolved(rows);
}

TEST(Range, WithoutCoalescingTheRequestedOrderStays) {
  const ResolveRow rows[] = {
      {"bytes=9000-9001,5000-5001,0-1", 10000, {{9000, 9001}, {5000, 5001}, {0, 1}}},
      {"bytes=-1,0-0", 10000, {{9999, 9999}, {0, 0}}},
      {"bytes=81-81,0-0", 10000, {{81, 81}, {0, 0}}},
      {"bytes=9000-9001,20000-,0-1", 10000, {{9000, 9001}, {0, 1}}},
  };
  expect_resolved(rows);
}

TEST(Range, TheLargestLengthsDoNotOverflow) {
  const ResolveRow rows[] = {
      {"bytes=0-", kMax, {{0, kMax - 1}}},
      {"bytes=0-18446744073709551615", kMax, {{0, kMax - 1}}},
      {"bytes=18446744073709551614-", kMax, {{kMax - 1, kMax - 1}}},
      {"bytes=-1", kMax, {{kMax - 1, kMax - 1}}},
      {"bytes=-18446744073709551615", kMax, {{0, kMax - 1}}},
      {"bytes=-18446744073709551614", kMax, {{1, kMax - 1}}},
      {"bytes=-1,0-0", kMax, {{kMax - 1, kMax - 1}, {0, 0}}},
      {"bytes=-1,18446744073709551534-18446744073709551534", kMax, {{kMax - 81, kMax - 1}}},
      {"bytes=-1,18446744073709551533-18446744073709551533",
       kMax,
       {{kMax - 1, kMax - 1}, {kMax - 82, kMax - 82}}},
      {"bytes=0-,0-,-1,18446744073709551614-18446744073709551614", kMax, {{0, kMax - 1}}},
      {"bytes=0-0,18446744073709551614-", kMax - 1, {{0, 0}}},
  };
  expect_resolved(rows);
  EXPECT_EQ(resolved("bytes=0-", kMax).ranges[0].size(), kMax);
}

TEST(Range, SizeCountsBothEnds) {
  EXPECT_EQ((ByteRange{0, 0}.size()), 1u);
  EXPECT_EQ((ByteRange{5, 9}.size()), 5u);
  EXPECT_EQ((ByteRange{kMax, kMax}.size()), 1u);
}

TEST(ContentRange, ParsesKnownAndUnknownLengths) {
  const struct {
    const char* value;
    ContentRange range;
  } rows[] = {
      {"bytes 42-1233/1234", {42, 1233, 1234}},
      {"bytes 42-1233/*", {42, 1233, std::nullopt}},
      {"bytes 0-0/1", {0, 0, 1}},
      {"bytes 0-0/*", {0, 0, std::nullopt}},
      {"bytes 0-499/1234", {0, 499, 1234}},
      {"bytes 734-1233/1234", {734, 1233, 1234}},
      {"BYTES 1-2/3", {1, 2, 3}},
      {"Bytes 1-2/*", {1, 2, std::nullopt}},
      {"bytes 001-002/0003", {1, 2, 3}},
      {"bytes 0-18446744073709551614/18446744073709551615", {0, kMax - 1, kMax}},
      {"bytes 18446744073709551614-18446744073709551614/*", {kMax - 1, kMax - 1, std::nullopt}},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_content_range(row.value);
    ASSERT_TRUE(parsed) << row.value;
    EXPECT_EQ(*parsed, row.range) << row.value;
  }
}

TEST(ContentRange, MalformedFieldsAreNothing) {
  const char* const rows[] = {
      "",
      " ",
      "bytes",
      "bytes ",
      "bytes  ",
      "bytes /",
      "bytes -/",
      "bytes -/*",
      "bytes *",
      "bytes */*",
      "bytes */10",  // the unsatisfied form carries no range
      "bytes */0",
      "bytes 0-1",
      "bytes 0-1/",
      "bytes 0/1",
      "bytes 0-/1",
      "bytes -1/2",
      "bytes /2",
      "bytes 2-1/10",
      "bytes 0-10/10",  // complete-length <= last-pos
      "bytes 0-10/9",
      "bytes 0-0/0",
      "bytes 2-1/*",
      "0-1/2",
      " 0-1/2",
      " bytes 0-1/2",
      "bytes  0-1/2",
      "bytes\t0-1/2",
      "bytes=0-1/2",
      "bytes0-1/2",
      "bytes:0-1/2",
      "byte 0-1/2",
      "items 0-1/2",
      "exampleunit 1.2-4.3/25",
      "bytes 0-1/2 ",
      "bytes 0-1/2\r",
      "bytes 0-1 /2",
      "bytes 0-1/ 2",
      "bytes 0 -1/2",
      "bytes 0- 1/2",
      "bytes +0-1/2",
      "bytes 0-+1/2",
      "bytes 0-1/+2",
      "bytes 0-1/-2",
      "bytes 0--1/2",
      "bytes 0-1-1/2",
      "bytes 0-1/2/3",
      "bytes 0-1//2",
      "bytes 0-1/**",
      "bytes 0-1/2*",
      "bytes 0-*/2",
      "bytes 0x0-1/2",
      "bytes a-b/c",
      "bytes 0-1/2,",
      "bytes 0-1/4, bytes 2-3/4",
      "bytes 0-18446744073709551615/*",  // no length of 64 bits holds it
      "bytes 0-18446744073709551615/18446744073709551615",
      "bytes 0-1/18446744073709551616",
      "bytes 0-18446744073709551616/*",
      "bytes 18446744073709551616-18446744073709551617/*",
  };
  for (const char* row : rows) EXPECT_EQ(parse_content_range(row), std::nullopt) << row;
  EXPECT_EQ(parse_content_range(std::string_view("bytes 0-1/2\0", 12)), std::nullopt);
}

TEST(ContentRange, WritesRangeAndLength) {
  const struct {
    ByteRange range;
    std::uint64_t length;
    const char* value;
  } rows[] = {
      {{0, 1}, 10, "bytes 0-1/10"},
      {{42, 1233}, 1234, "bytes 42-1233/1234"},
      {{0, 0}, 1, "bytes 0-0/1"},
      {{kMax - 1, kMax - 1}, kMax, "bytes 18446744073709551614-18446744073709551614/18446744073709551615"},
  };
  for (const auto& row : rows) {
    std::array<char, kMaxContentRange> room{};
    const auto size = write_content_range(room.data(), row.range, row.length);
    ASSERT_LE(size, room.size());
    EXPECT_EQ(std::string_view(room.data(), size), row.value);
    EXPECT_EQ(parse_content_range({room.data(), size}),
              (ContentRange{row.range.first, row.range.last, row.length}));
  }
  EXPECT_EQ(std::string_view(rows[3].value).size(), kMaxContentRange);  // the longest there is
}

TEST(ContentRange, WritesTheUnsatisfiedForm) {
  const struct {
    std::uint64_t length;
    const char* value;
  } rows[] = {{0, "bytes */0"}, {10, "bytes */10"}, {kMax, "bytes */18446744073709551615"}};
  for (const auto& row : rows) {
    std::array<char, kMaxContentRange> room{};
    const auto size = write_unsatisfied_range(room.data(), row.length);
    EXPECT_EQ(std::string_view(room.data(), size), row.value);
    EXPECT_EQ(parse_content_range({room.data(), size}), std::nullopt);
  }
}

}  // namespace
}  // namespace forebay::http
