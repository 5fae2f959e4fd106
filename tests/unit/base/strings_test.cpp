#include "forebay/base/strings.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <optional>
#include <string>
#include <utility>

namespace forebay {
namespace {

TEST(CharSet, HoldsItsMembersAndNoOtherByte) {
  constexpr CharSet set{"ab\xff"};
  int members = 0;
  for (int c = 0; c < 256; ++c) members += set.contains(static_cast<char>(c)) ? 1 : 0;
  EXPECT_EQ(members, 3);
  EXPECT_TRUE(set.contains('a'));
  EXPECT_TRUE(set.contains('\xff'));
  EXPECT_TRUE(set.contains_all("abba"));
  EXPECT_TRUE(set.contains_all(""));
  EXPECT_FALSE(set.contains_all("abc"));
}

TEST(Strings, TokenCharactersAreThoseOfTheGrammar) {
  const std::string others = "!#$%&'*+-.^_`|~";
  for (int c = 0; c < 256; ++c) {
    const bool expected =
        c < 128 && (std::isalnum(c) != 0 || others.find(static_cast<char>(c)) != std::string::npos);
    EXPECT_EQ(is_token_char(static_cast<char>(c)), expected && c != 0) << c;
  }
}

TEST(Strings, ATokenIsNotEmpty) {
  EXPECT_TRUE(is_token("max-age"));
  EXPECT_TRUE(is_token("*"));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("max age"));
  EXPECT_FALSE(is_token("a,b"));
  EXPECT_FALSE(is_token("a\"b"));
  EXPECT_FALSE(is_token("caf\xc3\xa9"));
  EXPECT_FALSE(is_token(std::string_view("a\0b", 3)));
}

TEST(Strings, HexDigits) {
  for (int c = 0; c < 256; ++c) {
    EXPECT_EQ(is_hex_digit(static_cast<char>(c)), c < 128 && std::isxdigit(c) != 0) << c;
  }
}

TEST(Strings, IequalsIgnoresTheCaseOfLettersAtEveryLength) {
  const std::string lower_text = "abcdefghijklmnopqrstuvwxyz-0123456789";
  std::string upper_text = lower_text;
  for (auto& c : upper_text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (std::size_t size = 0; size <= lower_text.size(); ++size) {
    auto changed = upper_text.substr(0, size);
    EXPECT_TRUE(iequals(lower_text.substr(0, size), changed)) << size;
    for (std::size_t at = 0; at < size; ++at) {
      const auto kept = std::exchange(changed[at], '!');
      EXPECT_FALSE(iequals(lower_text.substr(0, size), changed)) << size << " at " << at;
      changed[at] = kept;
    }
  }
  EXPECT_FALSE(iequals("abc", "abcd"));
}

TEST(Strings, IequalsAgreesWithTheDefinitionForEveryPairOfBytes) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const bool expected = to_lower(static_cast<char>(a)) == to_lower(static_cast<char>(b));
      // As a byte alone, in a word of four and in a word of eight.
      for (const std::size_t size : {std::size_t{1}, std::size_t{5}, std::size_t{9}}) {
        std::string x(size, 'x');
        std::string y(size, 'X');
        x[size / 2] = static_cast<char>(a);
        y[size / 2] = static_cast<char>(b);
        ASSERT_EQ(iequals(x, y), expected) << a << " " << b << " " << size;
      }
    }
  }
}

TEST(Strings, LowerChangesAsciiLettersOnly) {
  EXPECT_EQ(lower("Cache-CONTROL 1\xc3\x84"), "cache-control 1\xc3\x84");
  EXPECT_EQ(lower(""), "");
}

TEST(Strings, TrimRemovesSpacesAndTabsAtTheEnds) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim("\r\na\n"), "\r\na\n");
}

TEST(Strings, ParseDecimalReadsDigitsAndNothingElse) {
  EXPECT_EQ(parse_decimal("0"), 0U);
  EXPECT_EQ(parse_decimal("007"), 7U);
  EXPECT_EQ(parse_decimal("18446744073709551615"), 18446744073709551615U);
  for (const char* bad : {"",
                          " 1",
                          "1 ",
                          "+1",
                          "-1",
                          "-0",
                          "1.0",
                          "1e3",
                          "0x10",
                          "a",
                          "1a",
                          "\t1",
                          "1,",
                          "--1",
                          "18446744073709551616",
                          "99999999999999999999999",
                          "\xd9\xa1",
                          "１",
                          "1_0",
                          "1'0",
                          "1 0",
                          "1.",
                          ".1",
                          "+",
                          "-",
                          "0b1",
                          "0o7",
                          "1\n",
                          "\n1",
                          "1;",
                          "\"1\"",
                          "1\v",
                          "inf",
                          "nan",
                          "1\x80",
                          "18446744073709551615x",
                          "1\xc2\xa0"}) {
    EXPECT_EQ(parse_decimal(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_decimal(std::string_view("1\0", 2)), std::nullopt);
}

TEST(Strings, ParseDecimalCappedReplacesTooLargeByTheCap) {
  EXPECT_EQ(parse_decimal_capped("0", 100), 0U);
  EXPECT_EQ(parse_decimal_capped("100", 100), 100U);
  EXPECT_EQ(parse_decimal_capped("101", 100), 100U);
  EXPECT_EQ(parse_decimal_capped("18446744073709551616", 100), 100U);
  EXPECT_EQ(parse_decimal_capped(std::string(1000, '9'), 100), 100U);
  for (const char* bad : {"",
                          " 1",
                          "-1",
                          "+1",
                          "1.5",
                          "99999999999999999999999x",
                          "x",
                          " ",
                          "1 ",
                          "-0",
                          "--1",
                          "1.",
                          ".5",
                          "1e3",
                          "0x10",
                          "1,",
                          ",1",
                          "1_0",
                          "1 0",
                          "1a",
                          "a1",
                          "\t1",
                          "1\n",
                          "\"1\"",
                          "'1'",
                          "-99999999999999999999999",
                          "+99999999999999999999999",
                          "99999999999999999999999 ",
                          "9999999999999999999.9",
                          "１",
                          "\xd9\xa1",
                          "1\x80",
                          "inf"}) {
    EXPECT_EQ(parse_decimal_capped(bad, 100), std::nullopt) << bad;
  }
}

TEST(Strings, WriteDecimalRoundTrips) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{10},
                                    std::uint64_t{4294967296}, ~std::uint64_t{0}}) {
    char text[kMaxDecimalDigits];
    const auto length = write_decimal(text, value);
    ASSERT_LE(length, kMaxDecimalDigits);
    EXPECT_EQ(std::string(text, length), std::to_string(value));
  }
}

TEST(Strings, EditDistanceCountsInsertionsDeletionsAndReplacements) {
  const struct {
    const char* a;
    const char* b;
    std::size_t distance;
  } rows[] = {{"", "", 0},        {"", "abc", 3},           {"abc", "", 3},
              {"abc", "abc", 0},  {"abc", "abd", 1},        {"abc", "ac", 1},
              {"abc", "xabc", 1}, {"kitten", "sitting", 3}, {"listne", "listen", 2},
              {"a", "b", 1},      {"memory", "memroy", 2}};
  for (const auto& row : rows) {
    EXPECT_EQ(edit_distance(row.a, row.b), row.distance) << row.a << " " << row.b;
    EXPECT_EQ(edit_distance(row.b, row.a), row.distance) << row.b << " " << row.a;
  }
}

}  // namespace
}  // namespace forebay
