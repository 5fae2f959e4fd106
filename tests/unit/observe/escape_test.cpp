#include "forebay/observe/escape.hpp"

#include <gtest/gtest.h>

namespace forebay::observe {
namespace {

using namespace std::string_literals;

std::string escaped(std::string_view text) {
  std::string out = ">";
  append_escaped(out, text);
  return out;
}

std::string column(std::string_view text) {
  std::string out;
  append_column(out, text);
  return out;
}

TEST(AppendEscaped, LeavesPrintableAsciiAlone) { EXPECT_EQ(escaped("a Z 0 ~'`{}"), ">a Z 0 ~'`{}"); }

TEST(AppendEscaped, EscapesEverythingElse) {
  EXPECT_EQ(escaped("\0\t\r\n\x1f"s), R"(>\x00\x09\x0D\x0A\x1F)");
  EXPECT_EQ(escaped("\"\\\x7f\x80\xff"), R"(>\x22\x5C\x7F\x80\xFF)");
}

TEST(AppendColumn, HasNeitherSpacesNorNothing) {
  EXPECT_EQ(column(""), "-");
  EXPECT_EQ(column("app 1\n"), R"(app\x201\x0A)");
  EXPECT_EQ(column("2001:db8::1"), "2001:db8::1");
}

TEST(OneLine, EscapesControlCharactersOnly) {
  EXPECT_EQ(one_line("a\r\nb\x1b[2J \"\xC3\xA9\" \x7f"), "a\\x0D\\x0Ab\\x1B[2J \"\xC3\xA9\" \\x7F");
}

struct Utf8Row {
  const char* what;
  std::string text;
  std::string expected;
};

class ValidUtf8 : public testing::TestWithParam<Utf8Row> {};

TEST_P(ValidUtf8, ReplacesBytesAtFault) { EXPECT_EQ(valid_utf8(GetParam().text), GetParam().expected); }

#define FFFD "\xEF\xBF\xBD"
INSTANTIATE_TEST_SUITE_P(Rows, ValidUtf8,
                         testing::Values(Utf8Row{"empty", "", ""}, Utf8Row{"ascii", "a\0b"s, "a\0b"s},
                                         Utf8Row{"two_bytes", "\xC3\xA9", "\xC3\xA9"},
                                         Utf8Row{"three_bytes", "\xE2\x82\xAC", "\xE2\x82\xAC"},
                                         Utf8Row{"four_bytes", "\xF0\x9F\x8C\x8A", "\xF0\x9F\x8C\x8A"},
                                         Utf8Row{"lone_trail", "a\x80z", "a" FFFD "z"},
                                         Utf8Row{"latin1", "caf\xE9!", "caf" FFFD "!"},
                                         Utf8Row{"cut_short", "\xE2\x82", FFFD FFFD},
                                         Utf8Row{"lead_before_quote", "\xC3\"", FFFD "\""},
                                         Utf8Row{"overlong_slash", "\xC0\xAF", FFFD FFFD},
                                         Utf8Row{"surrogate", "\xED\xA0\x80", FFFD FFFD FFFD},
                                         Utf8Row{"above_unicode", "\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD},
                                         Utf8Row{"never_valid", "\xFE\xFF", FFFD FFFD}),
                         [](const auto& row) { return std::string(row.param.what); });
#undef FFFD

}  // namespace
}  // namespace forebay::observe
