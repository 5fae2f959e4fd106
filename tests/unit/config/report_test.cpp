#include "config/report.hpp"

#include <gtest/gtest.h>

namespace forebay::config {
namespace {

std::string lines(Report& report) {
  std::string out;
  for (const Diagnostic& error : report.take()) out += to_string(error) + "\n";
  return out;
}

TEST(Report, SortsByPlaceWithTheUnknownLast) {
  Report report("f");
  report.error({}, "nowhere");
  report.error({2, 5}, "b");
  report.error({2, 1}, "a");
  report.error({10, 1}, "c");
  EXPECT_EQ(lines(report), "f:2:1: a\nf:2:5: b\nf:10:1: c\nf: nowhere\n");
}

TEST(Report, FindingStandsAtTheInnermostKnownPlace) {
  Report report("f");
  report.place("a", {1, 1});
  report.place("a.b[2]", {3, 3});
  report.add({{"a.b[2].c", "x"}, {"a.z", "y"}, {"other.c", "z"}, {"a.b[2]", "w"}});
  EXPECT_EQ(lines(report), "f:1:1: a.z: y\nf:3:3: a.b[2].c: x\nf:3:3: a.b[2]: w\nf: other.c: z\n");
}

TEST(Report, FindingThatFollowsFromAnErrorIsLeftOut) {
  Report report("f");
  report.reject("a.b", {1, 1}, "wrong");
  report.mark_rejected("q");
  report.add(
      {{"a.b", "1"}, {"a.b[0].c", "2"}, {"a", "3"}, {"a.bc", "4"}, {"z", "5", "a.b"}, {"z", "6", "q"}});
  EXPECT_EQ(lines(report), "f:1:1: a.b: wrong\nf: a: 3\nf: a.bc: 4\n");
}

TEST(Report, NothingIsFoundInWhatIsNoMap) {
  Report report("f");
  report.reject_all({1, 1}, "wrong");
  report.add({{"a", "1"}});
  EXPECT_EQ(lines(report), "f:1:1: wrong\n");
}

TEST(Report, IsBounded) {
  Report report("f");
  for (int i = 1; i <= 200; ++i) report.error({i, 1}, "x");
  const auto errors = report.take();
  ASSERT_EQ(errors.size(), Report::kMaxErrors + 1);
  EXPECT_EQ(to_string(errors.back()), "f: more errors than these; the rest is left out");
}

TEST(Report, MessagesAreOneLine) {
  Report report("f");
  report.reject("a\nb", {1, 1}, "wrong\x1b[0m");
  EXPECT_EQ(lines(report), "f:1:1: a?b: wrong?[0m\n");
}

}  // namespace
}  // namespace forebay::config
