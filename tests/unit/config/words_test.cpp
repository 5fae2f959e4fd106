#include "config/words.hpp"

#include <gtest/gtest.h>

namespace forebay::config {
namespace {

TEST(Words, QuotesPrintOnOneShortLine) {
  EXPECT_EQ(in_ticks("abc"), "`abc`");
  EXPECT_EQ(in_ticks(""), "``");
  EXPECT_EQ(in_ticks("a\nb\x7f\x1b[0m"), "`a?b??[0m`");
  const std::string eighty(80, 'a');
  EXPECT_EQ(in_ticks(eighty + 'a'), std::string("`").append(eighty).append("...`"));
  EXPECT_EQ(in_ticks(eighty), std::string("`").append(eighty).append("`"));
  EXPECT_EQ(variable_in_ticks("A"), "`${A}`");
}

TEST(Words, CutsBetweenCharacters) {
  std::string long_text(79, 'a');
  const auto cut = std::string(long_text).append("...");
  EXPECT_EQ(printable(long_text.append("\u00e4b")), cut);
  EXPECT_EQ(printable(std::string(200, '\x80')), "...");
}

TEST(Words, ListsNames) {
  EXPECT_EQ(one_of({}), "");
  EXPECT_EQ(one_of({"a"}), "`a`");
  EXPECT_EQ(one_of({"a", "b"}), "`a` or `b`");
  EXPECT_EQ(one_of({"a", "b", "c"}), "`a`, `b` or `c`");
}

TEST(Words, LongListsAreCut) {
  EXPECT_EQ(one_of(std::vector<std::string_view>(12, "a")).find("more"), std::string::npos);
  EXPECT_TRUE(one_of(std::vector<std::string_view>(3000, "a")).ends_with(", `a` or 2988 more"));
}

TEST(Words, NearestIsOneTypingErrorAway) {
  struct Row {
    std::string_view name, nearest;
  };
  constexpr Row kRows[] = {
      {"upstrems", "upstreams"},
      {"upstream", "upstreams"},
      {"Upstreams", "upstreams"},
      {"limit", "limits"},
      {"lgo", ""},
      {"log", "log"},
      {"lo", "log"},
      {"foo", ""},
      {"", ""},
      {"time-out", "timeouts"},
      {"limtis", "limits"},
      {"x", ""},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(nearest(row.name, {"upstreams", "limits", "log", "timeouts"}), row.nearest) << row.name;
  }
}

TEST(Words, NearestDoesNotMeasureVeryLongNames) { EXPECT_EQ(nearest(std::string(1 << 20, 'a'), {"a"}), ""); }

TEST(Words, HintNamesTheNearestOrAll) {
  EXPECT_EQ(hint("ap", {"app", "api2"}), "; did you mean `app`?");
  EXPECT_EQ(hint("other", {"app", "web"}), "; known here: `app` or `web`");
  EXPECT_EQ(hint("other", {}), "");
}

}  // namespace
}  // namespace forebay::config
