#include "forebay/http/quality.hpp"

#include <gtest/gtest.h>

namespace forebay::http {
namespace {

TEST(Quality, ReadsValueAndWeight) {
  struct Row {
    std::string_view member;
    std::string_view value;
    int weight;
  };
  constexpr Row kRows[] = {
      {"de", "de", 1000},
      {"de;q=0.5", "de", 500},
      {"de ; q=0.5", "de", 500},
      {"de;Q=0.5", "de", 500},
      {"*;q=0", "*", 0},
      {"gzip;q=0.000", "gzip", 0},
      {"gzip;q=1", "gzip", 1000},
      {"gzip;q=1.", "gzip", 1000},
      {"gzip;q=1.000", "gzip", 1000},
      {"gzip;q=0.", "gzip", 0},
      {"gzip;q=0.12", "gzip", 120},
      {"gzip;q=0.123", "gzip", 123},
      {"a;x=1;q=0.2", "a", 200},
      {"a;q=0.2;x=1", "a", 200},
      {"a;x", "a", 1000},
      {"a;;q=0.1", "a", 100},
      {"a;", "a", 1000},
      {"a\t;\tq=0.3\t", "a", 300},
      {"a;qs=0", "a", 1000},
      {"a;xq=0", "a", 1000},
      {"text/html;level=1", "text/html", 1000},
  };
  for (const auto& row : kRows) {
    const auto got = parse_weighted(row.member);
    ASSERT_TRUE(got) << row.member;
    EXPECT_EQ(got->value, row.value) << row.member;
    EXPECT_EQ(got->weight, row.weight) << row.member;
  }
}

TEST(Quality, RefusesMalformedMembers) {
  for (const std::string_view member :
       {"",           ";",           ";q=1",        " ;q=1",     "de;q=",    "de;q=2",     "de;q=1.1",
        "de;q=1.001", "de;q=1.0000", "de;q=0.1234", "de;q=-1",   "de;q=+1",  "de;q=.5",    "de;q=0,5",
        "de;q=a",     "de;q=0.5a",   "de;q=0.a",    "de;q=00",   "de;q=01",  "de;q=10",    "de;q=1e0",
        "de;q=\"1\"", "de;q= 1",     "de;q=0 .5",   "de;q=0. 5", "de;q=0x1", "de;q=1;q=2", "de;q=NaN",
        "de;q=0.5.5", "de;q=0..5",   "de;q=1.01",   "de;q =0",   "de;q = 0", "de;q\t=0",   "de;q",
        "de;Q",       "de;q ",       "de; q ;x=1"}) {
    EXPECT_FALSE(parse_weighted(member)) << member;
  }
}

}  // namespace
}  // namespace forebay::http
