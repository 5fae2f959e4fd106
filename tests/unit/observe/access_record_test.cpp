#include "forebay/observe/access_record.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <vector>

namespace forebay::observe {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using std::chrono::milliseconds;

WallTime at(std::chrono::sys_days day, milliseconds clock) { return WallTime(day) + clock; }

AccessRecord example() {
  AccessRecord record;
  record.time = at(std::chrono::November / 22 / 2026, 23h + 7min + 42s + 5ms);
  record.client_address = "192.0.2.7";
  record.method = "GET";
  record.target = "/x?y=1";
  record.host = "example.org";
  record.referer = "http://example.org/";
  record.user_agent = "curl/8 (x)";
  record.status = 200;
  record.body_bytes = 1024;
  record.duration = 3ms;
  record.result = CacheResult::hit;
  return record;
}

TEST(FormatAccess, OffIsNothing) { EXPECT_EQ(format_access(example(), AccessFormat::off), ""); }

TEST(FormatAccess, CombinedIsNcsaCombinedAndFiveColumns) {
  EXPECT_EQ(
      format_access(example(), AccessFormat::combined),
      "192.0.2.7 - - [22/Nov/2026:23:07:42 +0000] \"GET /x?y=1 HTTP/1.1\" 200 1024 \"http://example.org/\" "
      "\"curl/8 (x)\" hit 3ms - - -");
}

TEST(FormatAccess, CombinedNamesDetailUpstreamAndCollapsing) {
  auto record = example();
  record.minor_version = 0;
  record.result = CacheResult::miss;
  record.detail = "uri-miss";
  record.upstream = "app";
  record.collapsed = true;
  const auto line = format_access(record, AccessFormat::combined);
  EXPECT_NE(line.find("\"GET /x?y=1 HTTP/1.0\""), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with(" miss 3ms uri-miss app collapsed")) << line;
}

TEST(FormatAccess, CombinedOfAnUnreadableRequestHasDashes) {
  AccessRecord record;
  record.status = 400;
  EXPECT_EQ(format_access(record, AccessFormat::combined),
            "- - - [01/Jan/1970:00:00:00 +0000] \"-\" 400 0 \"-\" \"-\" refused 0ms - - -");
}

TEST(FormatAccess, JsonHasStableKeysInOrder) {
  auto record = example();
  record.detail = "stale";
  record.upstream = "app";
  record.result = CacheResult::stale;
  EXPECT_EQ(format_access(record, AccessFormat::json),
            R"({"time":"2026-11-22T23:07:42.005Z","client":"192.0.2.7","method":"GET","target":"/x?y=1",)"
            R"("host":"example.org","protocol":"HTTP/1.1","status":200,"bytes":1024,"duration_ms":3,)"
            R"("result":"stale","detail":"stale","upstream":"app","collapsed":false,)"
            R"|("referer":"http://example.org/","user_agent":"curl/8 (x)"})|");
}

TEST(FormatAccess, JsonOfAnUnreadableRequestHasEveryKey) {
  const auto value = boost::json::parse(format_access(AccessRecord{}, AccessFormat::json));
  EXPECT_EQ(value.as_object().size(), 15U);
  EXPECT_EQ(value.at("method").as_string(), "");
}

TEST(FormatAccess, JsonKeepsLargeNumbersExact) {
  auto record = example();
  record.body_bytes = 18'446'744'073'709'551'615ULL;
  record.duration = 123'456'789ms;
  const auto line = format_access(record, AccessFormat::json);
  EXPECT_NE(line.find("\"bytes\":18446744073709551615,\"duration_ms\":123456789,"), std::string::npos)
      << line;
}

struct TimeRow {
  const char* what;
  WallTime time;
  const char* ncsa;
  const char* rfc3339;
};

class AccessTime : public testing::TestWithParam<TimeRow> {};

TEST_P(AccessTime, IsUtcInBothFormats) {
  AccessRecord record;
  record.time = GetParam().time;
  EXPECT_NE(format_access(record, AccessFormat::combined).find("["s + GetParam().ncsa + "]"),
            std::string::npos);
  EXPECT_NE(format_access(record, AccessFormat::json).find("\"time\":\""s + GetParam().rfc3339 + "\""),
            std::string::npos);
}

using std::chrono::sys_days;
INSTANTIATE_TEST_SUITE_P(
    Rows, AccessTime,
    testing::Values(TimeRow{"epoch", WallTime{}, "01/Jan/1970:00:00:00 +0000", "1970-01-01T00:00:00.000Z"},
                    TimeRow{"before_the_epoch", WallTime{-1ms}, "31/Dec/1969:23:59:59 +0000",
                            "1969-12-31T23:59:59.999Z"},
                    TimeRow{"leap_day", at(std::chrono::February / 29 / 2028, 12h + 34min + 56s + 789ms),
                            "29/Feb/2028:12:34:56 +0000", "2028-02-29T12:34:56.789Z"},
                    TimeRow{"end_of_year", at(std::chrono::December / 31 / 2026, 24h - 1ms),
                            "31/Dec/2026:23:59:59 +0000", "2026-12-31T23:59:59.999Z"}),
    [](const auto& row) { return std::string(row.param.what); });

// ---- Hostile bytes --------------------------------------------------------------------------------------

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

class HostileBytes : public testing::TestWithParam<std::string> {
 protected:
  AccessRecord record() const {
    auto made = example();
    for (auto* text : {&made.client_address, &made.method, &made.target, &made.host, &made.referer,
                       &made.user_agent, &made.detail, &made.upstream}) {
      *text = GetParam();
    }
    return made;
  }
};

TEST_P(HostileBytes, LeaveCombinedOneLineOfPrintableAscii) {
  const auto line = format_access(record(), AccessFormat::combined);
  EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; })) << line;
  EXPECT_EQ(std::count(line.begin(), line.end(), '"'), 6) << line;
}

TEST_P(HostileBytes, LeaveJsonOneValidLine) {
  const auto line = format_access(record(), AccessFormat::json);
  EXPECT_EQ(line.find_first_of("\r\n\0"s), std::string::npos) << line;
  boost::json::error_code ec;
  const auto value = boost::json::parse(line, ec);  // refuses invalid UTF-8
  ASSERT_FALSE(ec) << ec.message() << ": " << line;
  EXPECT_EQ(value.as_object().size(), 15U);
}

INSTANTIATE_TEST_SUITE_P(Rows, HostileBytes,
                         testing::Values("\n", "\r\n127.0.0.1 - - [", "\"", "\\", "\\\"", "\" 200 1 \"",
                                         "\0"s, "\x1b[2J", "\x7f", "\x80", "\xff\xfe", "\xC3", "\xED\xA0\x80",
                                         "{\"a\":1}", "\xF0\x9F\x8C\x8A", every_byte(),
                                         std::string(20'000, '\x01')));

}  // namespace
}  // namespace forebay::observe
