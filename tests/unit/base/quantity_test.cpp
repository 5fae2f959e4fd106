#include "forebay/base/quantity.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace forebay {
namespace {

using std::chrono::milliseconds;

TEST(Duration, ReadsAWholeNumberWithAUnit) {
  const struct {
    const char* text;
    std::int64_t value;
  } rows[] = {{"0", 0},
              {"0s", 0},
              {"00", 0},
              {"1ms", 1},
              {"500ms", 500},
              {"10s", 10'000},
              {"5m", 300'000},
              {"1h", 3'600'000},
              {"7d", 604'800'000},
              {"90s", 90'000},
              {"007s", 7'000},
              {"36500d", 3'153'600'000'000},
              {"9223372036854775807ms", std::numeric_limits<std::int64_t>::max()}};
  for (const auto& row : rows) {
    const auto value = parse_duration(row.text);
    ASSERT_TRUE(value.has_value()) << row.text;
    EXPECT_EQ(value->count(), row.value) << row.text;
  }
}

TEST(Duration, RefusesAnythingElse) {
  for (const char* bad : {"",
                          " ",
                          "1",
                          "10",
                          "s",
                          "ms",
                          "-1s",
                          "+1s",
                          "1 s",
                          " 1s",
                          "1s ",
                          "1.5s",
                          ".5s",
                          "1,5s",
                          "1S",
                          "1MS",
                          "1Ms",
                          "1H",
                          "1D",
                          "1M",
                          "1sec",
                          "1min",
                          "1hour",
                          "1w",
                          "1y",
                          "1us",
                          "1ns",
                          "1h30m",
                          "1s1",
                          "0x10s",
                          "1e3s",
                          "s1",
                          "1\ts",
                          "9223372036854775808ms",
                          "9223372036854776s",
                          "99999999999999999999s",
                          "1s\n",
                          "infinity",
                          "never",
                          "１s"}) {
    const auto value = parse_duration(bad);
    ASSERT_TRUE(value.has_error()) << bad;
    EXPECT_EQ(value.error().kind, ErrorKind::invalid_value);
  }
}

TEST(Duration, SaysWhatIsWrong) {
  EXPECT_EQ(parse_duration("10").error().detail, "\"10\": a unit is missing, expected one of ms, s, m, h, d");
  EXPECT_EQ(parse_duration("10sec").error().detail,
            "\"10sec\": unknown unit \"sec\", expected one of ms, s, m, h, d");
  EXPECT_EQ(parse_duration("soon").error().detail, "\"soon\": expected a whole number");
  EXPECT_EQ(parse_duration("1.5s").error().detail, "\"1.5s\": fractions are not supported");
  EXPECT_EQ(parse_duration("9223372036854775807d").error().detail,
            "\"9223372036854775807d\": the number is too large");
}

TEST(Duration, FormatsInTheLargestUnitThatDivides) {
  const struct {
    std::int64_t value;
    const char* text;
  } rows[] = {{0, "0"},
              {1, "1ms"},
              {500, "500ms"},
              {1'500, "1500ms"},
              {90'000, "90s"},
              {120'000, "2m"},
              {3'600'000, "1h"},
              {86'400'000, "1d"},
              {604'800'000, "7d"},
              {-90'000, "-90s"},
              {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808ms"}};
  for (const auto& row : rows) EXPECT_EQ(format_duration(milliseconds{row.value}), row.text);
}

TEST(Duration, WhatIsFormattedReadsBack) {
  for (std::int64_t value = 0; value < 4'000'000'000; value = value * 3 + 7) {
    for (const auto each : {value, value * 1'000, value * 60'000, value * 3'600'000}) {
      const auto text = format_duration(milliseconds{each});
      EXPECT_EQ(parse_duration(text).value().count(), each) << text;
    }
  }
}

TEST(Size, ReadsAWholeNumberWithOrWithoutAUnit) {
  const struct {
    const char* text;
    std::uint64_t value;
  } rows[] = {{"0", 0},
              {"1", 1},
              {"1000", 1000},
              {"0B", 0},
              {"17B", 17},
              {"64KiB", 65'536},
              {"512MiB", 536'870'912},
              {"2GiB", 2'147'483'648},
              {"1TiB", 1'099'511'627'776},
              {"0TiB", 0},
              {"18446744073709551615", std::numeric_limits<std::uint64_t>::max()},
              {"16777215TiB", 18'446'742'974'197'923'840U}};
  for (const auto& row : rows) {
    const auto value = parse_size(row.text);
    ASSERT_TRUE(value.has_value()) << row.text;
    EXPECT_EQ(*value, row.value) << row.text;
  }
}

TEST(Size, RefusesAnythingElse) {
  for (const char* bad : {"",
                          " ",
                          "B",
                          "KiB",
                          "-1",
                          "-1KiB",
                          "+1KiB",
                          "1 KiB",
                          " 1KiB",
                          "1KiB ",
                          "1.5GiB",
                          ".5GiB",
                          "1,5GiB",
                          "1b",
                          "1kib",
                          "1KIB",
                          "1kiB",
                          "1K",
                          "1M",
                          "1G",
                          "1T",
                          "1KB",
                          "1MB",
                          "1GB",
                          "1Ki",
                          "1Mi",
                          "1PiB",
                          "1bytes",
                          "0x10",
                          "1e6",
                          "1_000",
                          "16777216TiB",
                          "18446744073709551616",
                          "99999999999999999999GiB",
                          "1KiB1",
                          "half",
                          "50%",
                          "1\tKiB",
                          "１KiB"}) {
    const auto value = parse_size(bad);
    ASSERT_TRUE(value.has_error()) << bad;
    EXPECT_EQ(value.error().kind, ErrorKind::invalid_value);
  }
}

TEST(Size, SaysWhatIsWrong) {
  EXPECT_EQ(parse_size("512MB").error().detail,
            "\"512MB\": unknown unit \"MB\", expected one of B, KiB, MiB, GiB, TiB");
}

TEST(Size, FormatsInTheLargestUnitThatDivides) {
  const struct {
    std::uint64_t value;
    const char* text;
  } rows[] = {{0, "0"},
              {1, "1"},
              {1000, "1000"},
              {1024, "1KiB"},
              {1536, "1536"},
              {65'536, "64KiB"},
              {536'870'912, "512MiB"},
              {2'147'483'648, "2GiB"},
              {1'099'511'627'776, "1TiB"},
              {std::numeric_limits<std::uint64_t>::max(), "18446744073709551615"}};
  for (const auto& row : rows) EXPECT_EQ(format_size(row.value), row.text);
}

TEST(Size, WhatIsFormattedReadsBack) {
  for (std::uint64_t value = 0; value < 1'000'000'000; value = value * 3 + 5) {
    for (const auto each : {value, value << 10, value << 20, value << 30}) {
      EXPECT_EQ(parse_size(format_size(each)).value(), each);
    }
  }
}

}  // namespace
}  // namespace forebay
