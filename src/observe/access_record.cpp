#include "forebay/observe/access_record.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <iterator>

#include "forebay/observe/escape.hpp"

namespace forebay::observe {
namespace {

using std::chrono::floor;

struct CivilTime {
  int year;
  unsigned month;
  unsigned day;
  std::chrono::hh_mm_ss<std::chrono::milliseconds> clock;
};

CivilTime civil(WallTime time) {
  const auto midnight = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(midnight);
  return {int{date.year()}, unsigned{date.month()}, unsigned{date.day()},
          std::chrono::hh_mm_ss(time - midnight)};
}

// ---- NCSA combined --------------------------------------------------------------------------------------

/// 22/Nov/2026:23:07:42 +0000
void append_ncsa_time(std::string& out, WallTime time) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto t = civil(time);
  fmt::format_to(std::back_inserter(out), "{:02}/{}/{}:{:02}:{:02}:{:02} +0000", t.day, kMonths[t.month - 1],
                 t.year, t.clock.hours().count(), t.clock.minutes().count(), t.clock.seconds().count());
}

/// "-" when the head could not be read so far.
void append_request_line(std::string& out, const AccessRecord& record) {
  if (record.method.empty()) {
    out += '-';
    return;
  }
  append_escaped(out, record.method);
  out += ' ';
  append_escaped(out, record.target);
  fmt::format_to(std::back_inserter(out), " HTTP/1.{}", record.minor_version);
}

void append_quoted(std::string& out, std::string_view text) {
  out += " \"";
  append_escaped(out, text.empty() ? "-" : text);
  out += '"';
}

/// addr - - [time] "request" status bytes "referer" "agent" result 3ms detail upstream collapsed
std::string combined(const AccessRecord& record) {
  std::string out;
  out.reserve(160 + record.target.size() + record.referer.size() + record.user_agent.size());
  append_column(out, record.client_address);
  out += " - - [";
  append_ncsa_time(out, record.time);
  out += "] \"";
  append_request_line(out, record);
  fmt::format_to(std::back_inserter(out), "\" {} {}", record.status, record.body_bytes);
  append_quoted(out, record.referer);
  append_quoted(out, record.user_agent);
  const auto result = name(record.result);
  fmt::format_to(std::back_inserter(out), " {} {}ms ", fmt::string_view(result.data(), result.size()),
                 record.duration.count());
  append_column(out, record.detail);
  out += ' ';
  append_column(out, record.upstream);
  out += record.collapsed ? " collapsed" : " -";
  return out;
}

// ---- JSON -----------------------------------------------------------------------------------------------

/// 2026-11-22T23:07:42.123Z (RFC 3339)
std::string rfc3339(WallTime time) {
  const auto t = civil(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", t.year, t.month, t.day,
                     t.clock.hours().count(), t.clock.minutes().count(), t.clock.seconds().count(),
                     t.clock.subseconds().count());
}

std::string json(const AccessRecord& record) {
  std::array<unsigned char, 4096> room;
  boost::json::monotonic_resource memory(room.data(), room.size());
  boost::json::object line(&memory);
  line.reserve(16);
  line["time"] = rfc3339(record.time);
  line["client"] = valid_utf8(record.client_address);
  line["method"] = valid_utf8(record.method);
  line["target"] = valid_utf8(record.target);
  line["host"] = valid_utf8(record.host);
  line["protocol"] = fmt::format("HTTP/1.{}", record.minor_version);
  line["status"] = record.status;
  line["bytes"] = record.body_bytes;
  line["duration_ms"] = record.duration.count();
  line["result"] = name(record.result);
  line["detail"] = valid_utf8(record.detail);
  line["upstream"] = valid_utf8(record.upstream);
  line["collapsed"] = record.collapsed;
  line["referer"] = valid_utf8(record.referer);
  line["user_agent"] = valid_utf8(record.user_agent);
  return boost::json::serialize(line);
}

}  // namespace

std::string format_access(const AccessRecord& record, AccessFormat format) {
  switch (format) {
    case AccessFormat::off: return {};
    case AccessFormat::combined: return combined(record);
    case AccessFormat::json: return json(record);
  }
  return {};
}

}  // namespace forebay::observe
